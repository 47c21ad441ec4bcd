"""A design filled with its sample: for the gallery's pictures, and to check the designs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from threads import rendering
from threads.gallery.loading import SAMPLES, SIZES, Design
from threads.rendering import Brand
from threads.services.pictures import values

JSON = dict[str, Any]
LOGO = "sample:logo"
# The imaginary pottery all samples talk about.
TALLER_NORTE = Brand("Taller Norte", LOGO, ("#134e4a", "#ff7a59", "#f4e8d8"))


def page(
    design: Design,
    size: str,
    language: str,
    *,
    brand: Brand = TALLER_NORTE,
    data: Mapping[str, Any] | None = None,
    with_pictures: bool = True,
) -> rendering.Page:
    """The page of a design in one of its sizes; `data` stands in for the sample."""
    fields = design.fields
    told = design.sample[language] if data is None else data
    found, wrong = values.check(fields, told, None, language)
    if wrong:
        raise ValueError(f"{design.slug}: {wrong}")
    pictures = design.pictures() if with_pictures else {}
    images = {f"sample:{name}": content for name, content in pictures.items()}
    shown = found.shown | {name: f"sample:{name}" for name in pictures}
    if brand.logo:
        images[LOGO] = (SAMPLES / "logo.png").read_bytes()
    whole = next(one for one in SIZES if one["name"] == size)
    filled = rendering.fill(design.html, design.css, fields, shown, brand, whole, language)
    return filled.page({name: images[name] for name in filled.image_names})
