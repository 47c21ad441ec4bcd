"""Addresses of this app's pages under /admin/: (route, view, name)."""

from __future__ import annotations

from typing import Any

PAGES: list[tuple[str, Any, str]] = []
