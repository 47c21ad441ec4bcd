"""What the template editor and the pages around it send."""

from __future__ import annotations

from typing import Any

from threads.models import ImageTemplate
from threads.views.templates_typed import FIELD_KEYS, SIZE_KEYS, Typed

GALLERY = "/admin/threads/imagetemplate/"
ADD = f"{GALLERY}add/"
LIVE = f"{GALLERY}live/"
RUNS = "/admin/threads/imagebatch/"
PANEL = "/admin/pictures/panel/"


def page_of(template: ImageTemplate, part: str = "change") -> str:
    return f"{GALLERY}{template.pk}/{part}/"


def typed(template: ImageTemplate | None = None, **others: Any) -> dict[str, Any]:
    """The editor's form as the browser sends it, unchanged but for `others`."""
    shown = Typed.of(template, {}) if template else Typed.blank()
    plain = ("name", "description", "html", "css", "alt_text", "size", "version")
    sent: dict[str, Any] = {name: getattr(shown, name) for name in plain}
    sent["field"] = [one.index for one in shown.fields]
    for one in shown.fields:
        for key in FIELD_KEYS:
            sent[f"field-{one.index}-{key}"] = getattr(one, key)
        if one.required:
            sent[f"field-{one.index}-required"] = "on"
    sent["size_row"] = [one.index for one in shown.sizes]
    for size in shown.sizes:
        for key in SIZE_KEYS:
            sent[f"size-{size.index}-{key}"] = getattr(size, key)
    return {**sent, **others}
