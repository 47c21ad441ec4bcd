"""Addresses of this app's pages under /admin/: (route, view, name)."""

from __future__ import annotations

from typing import Any

from threads.views import templates_drawing, templates_panel

PAGES: list[tuple[str, Any, str]] = [
    ("pictures/panel/", templates_panel.panel, "threads-picture-panel"),
    ("pictures/<int:pk>/fill/", templates_panel.fill, "threads-picture-fill"),
    ("pictures/<int:pk>/find/", templates_panel.find, "threads-picture-find"),
    ("pictures/<int:pk>/file/<slug:name>/", templates_panel.upload, "threads-picture-upload"),
    ("pictures/<int:pk>/preview/", templates_panel.preview, "threads-picture-preview"),
    ("pictures/<int:pk>/make/", templates_panel.make, "threads-picture-make"),
    ("pictures/made/<uuid:pk>/", templates_panel.making, "threads-picture-making"),
    ("pictures/drawn/<uuid:pk>/", templates_drawing.poll, "threads-picture-poll"),
    ("pictures/drawn/<uuid:pk>/file/", templates_drawing.file, "threads-picture-file"),
]
