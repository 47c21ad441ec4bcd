"""Pictures are drawn by the built-in renderer; its child process ends with the tests."""

from __future__ import annotations

from threads.tests.pictures.conftest import _built_in, _no_renderer_is_left  # noqa: F401
