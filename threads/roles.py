"""What each role may do here. Filled into groups after every migrate."""

from __future__ import annotations

_SEEN = ["view_threadseries", "view_threadpost", "view_imagetemplate", "view_renderedimage"]
_MARKETING = [
    *[f"{verb}_threadseries" for verb in ("add", "change", "delete")],
    *[f"{verb}_imagetemplate" for verb in ("add", "change", "delete")],
    "add_renderedimage",
    "view_imagebatch",
    "add_imagebatch",
]

PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "Administrator": {"threads": [*_SEEN, *_MARKETING]},
    "Marketer": {"threads": [*_SEEN, *_MARKETING]},
    # Approves series as it approves posts.
    "Approver": {"threads": _SEEN},
    "Analyst": {"threads": _SEEN},
}
VERBS = {
    "view_threads": "threads.view_threadseries",
    "write_thread": "threads.change_threadseries",
    "view_templates": "threads.view_imagetemplate",
    "change_template": "threads.change_imagetemplate",
    "render_template": "threads.add_renderedimage",
}
