"""The same Chromium and live server as the desk's own browser tests."""

from __future__ import annotations

from socialhub.tests.browser.conftest import browser, open_as, page

__all__ = ["browser", "open_as", "page"]
