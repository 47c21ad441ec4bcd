"""Reads the designs. Each is a folder with `design.toml`, `template.html` and `style.css`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from threads.gallery.words import DESIGNS, LABELS

HERE = Path(__file__).parent
FOLDER, SAMPLES = HERE / "designs", HERE / "samples"
SIZES = (
    {"name": "square", "width": 1080, "height": 1080},
    {"name": "portrait", "width": 1080, "height": 1350},
    {"name": "landscape", "width": 1200, "height": 630},
)
FALLBACK = "en"

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Design:
    """A starter design. `fields` and `alt_text` are in the language that is active.

    `sample` is data by language; `sample_images` names a file of ours for each image field.
    """

    slug: str
    html: str
    css: str
    sample: dict[str, JSON]
    sample_images: dict[str, str]
    told: JSON

    @property
    def name(self) -> Any:
        """Translated when it is shown."""
        return DESIGNS[self.slug][0]

    @property
    def description(self) -> Any:
        """Translated when it is shown."""
        return DESIGNS[self.slug][1]

    @property
    def sizes(self) -> list[JSON]:
        return [dict(size) for size in SIZES]

    @property
    def alt_text(self) -> str:
        return _in_language(self.told["alt_text"])

    @property
    def fields(self) -> list[JSON]:
        """Declarations as `ImageTemplate.fields` keeps them."""
        return [_field(one) for one in self.told["fields"]]

    def pictures(self) -> dict[str, bytes]:
        """Pictures for the image fields of the sample, drawn by us."""
        return {name: (SAMPLES / file).read_bytes() for name, file in self.sample_images.items()}


def designs() -> tuple[Design, ...]:
    """Every starter design, in the order of the gallery."""
    return tuple(_design(slug) for slug in DESIGNS)


@lru_cache
def _design(slug: str) -> Design:
    folder = FOLDER / slug
    told = tomllib.loads((folder / "design.toml").read_text("utf-8"))
    return Design(
        slug=slug,
        html=(folder / "template.html").read_text("utf-8"),
        css=(folder / "style.css").read_text("utf-8"),
        sample=told.pop("sample"),
        sample_images=told.pop("sample_images", {}),
        told=told,
    )


def _field(told: JSON) -> JSON:
    return {
        "name": told["name"],
        "label": str(LABELS[told["name"]]),
        "type": told["type"],
        "required": told["required"],
        "default": _in_language(told["default"]) if "default" in told else "",
        "max_length": told.get("max_length"),
        "source": told.get("source", ""),
    }


def _in_language(texts: dict[str, str]) -> str:
    language = (get_language() or FALLBACK).split("-")[0]
    return texts.get(language, texts[FALLBACK])
