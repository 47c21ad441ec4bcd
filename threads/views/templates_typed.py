"""What a person typed into the template editor. Survives every error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from threads.models import ImageTemplate

JSON = dict[str, Any]

TYPES = [
    ("text", _("text")),
    ("lines", _("lines")),
    ("number", _("number")),
    ("price", _("price")),
    ("date", _("date")),
    ("colour", _("colour")),
    ("image", _("picture")),
]
# A template's own rows are numbered from 0; the browser puts a number of its own for these.
NEW = "__new__"
SIZES = (("square", 1080, 1080), ("portrait", 1080, 1350), ("landscape", 1200, 630))
EMPTY_HTML = """<div class="card">
  <h1 data-fit="48 110">{{ title }}</h1>
</div>
"""
EMPTY_CSS = """.canvas { background: var(--brand-1); color: var(--on-brand-1); font-family: Inter; }
.card { display: flex; align-items: center; width: 100%; height: 100%; padding: 8%; }
h1 { width: 100%; height: 70%; margin: 0; font-weight: 700; line-height: 1.1; }
"""


@dataclass(slots=True)
class FieldRow:
    """A declared field as it stands in the form, with the text shown in the preview."""

    index: str
    name: str = ""
    label: str = ""
    type: str = "text"
    source: str = ""
    max_length: str = ""
    default: str = ""
    sample: str = ""
    required: bool = False

    def declared(self) -> JSON:
        """As a service takes it; what is no number stays a text and is refused there."""
        length: Any = self.max_length or None
        if self.max_length.isascii() and self.max_length.isdigit() and len(self.max_length) < 10:
            length = int(self.max_length)
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "required": self.required,
            "default": self.default,
            "max_length": length,
            "source": self.source,
        }


@dataclass(slots=True)
class SizeRow:
    """A size as it stands in the form."""

    index: str
    name: str = ""
    width: str = ""
    height: str = ""

    def declared(self) -> JSON:
        """As a service takes it."""
        return {"name": self.name, "width": _whole(self.width), "height": _whole(self.height)}


@dataclass(slots=True)
class Typed:
    """Everything in the editor's form."""

    name: str = ""
    description: str = ""
    html: str = ""
    css: str = ""
    alt_text: str = ""
    size: str = ""
    version: str = ""
    fields: list[FieldRow] = field(default_factory=list)
    sizes: list[SizeRow] = field(default_factory=list)

    @classmethod
    def blank(cls) -> Typed:
        """A small template that draws something at once."""
        title = FieldRow("0", "title", str(_("Title")), max_length="120", required=True)
        title.sample = str(_("One good sentence."))
        sizes = [SizeRow(str(n), *map(str, one)) for n, one in enumerate(SIZES)]
        return cls(
            html=EMPTY_HTML,
            css=EMPTY_CSS,
            alt_text="{{ title }}",
            fields=[title],
            sizes=sizes,
            size=SIZES[0][0],
        )

    @classmethod
    def of(cls, template: ImageTemplate, samples: Mapping[str, Any]) -> Typed:
        """What is stored; `samples` are shown in the preview."""
        sizes = [
            SizeRow(str(n), one["name"], str(one["width"]), str(one["height"]))
            for n, one in enumerate(template.sizes)
        ]
        return cls(
            name=template.name,
            description=template.description,
            html=template.html,
            css=template.css,
            alt_text=template.alt_text,
            size=sizes[0].name if sizes else "",
            version=str(template.version),
            fields=[_stored(n, one, samples) for n, one in enumerate(template.fields)],
            sizes=sizes,
        )

    @classmethod
    def sent(cls, data: Any) -> Typed:
        """What the form sends."""
        rows = [_row(data, index) for index in data.getlist("field") if index != NEW]
        sizes = [
            SizeRow(index, *(data.get(f"size-{index}-{key}", "").strip() for key in SIZE_KEYS))
            for index in data.getlist("size_row")
            if index != NEW
        ]
        return cls(
            name=data.get("name", "").strip(),
            description=data.get("description", "").strip(),
            html=_unix(data.get("html", "")),
            css=_unix(data.get("css", "")),
            alt_text=data.get("alt_text", "").strip(),
            size=data.get("size", ""),
            version=data.get("version", ""),
            fields=[row for row in rows if row is not None],
            sizes=[size for size in sizes if size.name or size.width or size.height],
        )

    def changes(self) -> JSON:
        """What a service stores of it."""
        return {
            "name": self.name,
            "description": self.description,
            "html": self.html,
            "css": self.css,
            "alt_text": self.alt_text,
            "fields": [one.declared() for one in self.fields],
            "sizes": [one.declared() for one in self.sizes],
        }

    def samples(self) -> JSON:
        """Values of the preview by the names of their fields."""
        return {one.name: one.sample for one in self.fields if one.name and one.sample.strip()}


SIZE_KEYS = ("name", "width", "height")
FIELD_KEYS = ("name", "label", "type", "source", "max_length", "default", "sample")


def _row(data: Any, index: str) -> FieldRow | None:
    """None for a row that was dropped or never filled."""
    found = {key: _unix(data.get(f"field-{index}-{key}", "")) for key in FIELD_KEYS}
    found["name"] = found["name"].strip()
    if f"field-{index}-drop" in data or not (found["name"] or found["label"].strip()):
        return None
    return FieldRow(index, **found, required=f"field-{index}-required" in data)


def _stored(at: int, one: JSON, samples: Mapping[str, Any]) -> FieldRow:
    return FieldRow(
        index=str(at),
        name=one["name"],
        label=one.get("label", ""),
        type=one.get("type", "text"),
        source=one.get("source", ""),
        max_length=str(one.get("max_length") or ""),
        default=as_text(one.get("default", "")),
        sample=as_text(samples.get(one["name"], "")),
        required=bool(one.get("required")),
    )


def as_text(value: Any) -> str:
    """A value as a person types it."""
    if isinstance(value, Mapping):
        return " ".join(str(value.get(key) or "") for key in ("amount", "currency")).strip()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _unix(text: str) -> str:
    # Browsers send CRLF; lines must count as the editor shows them.
    return text.replace("\r\n", "\n")
