#!/usr/bin/env python
"""Draws the pictures of the gallery again: the samples, the page's and those of the manual.

    .venv/bin/python contrib/gallery_pictures.py [samples] [previews] [manual]

Without words all of them. Drawn by the built-in renderer, so that the same input gives the same
picture everywhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import django
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialhub.settings")

from threads import rendering  # noqa: E402
from threads.gallery import SIZES, Design, designs  # noqa: E402
from threads.gallery.loading import SAMPLES  # noqa: E402

PREVIEWS = ROOT / "static" / "threads" / "designs"
MANUAL = ROOT / "docs" / "images" / "templates"
# Longer side in pixels.
PREVIEW, IN_MANUAL = 480, 540
PHOTOS = {"product": 1100, "face": 480, "before": 1000, "after": 1000, "shop": 1200}
THREE_SIZES = "product"


def main(words: list[str]) -> None:
    django.setup()
    wanted = words or ["samples", "previews", "manual"]
    renderer = rendering.renderer("takumi")
    try:
        if "samples" in wanted:
            draw_samples(renderer)
        if "previews" in wanted:
            save(_previews(renderer), PREVIEWS)
        if "manual" in wanted:
            save(_manual(renderer), MANUAL)
    finally:
        rendering.close_all()


def draw_samples(renderer: rendering.Renderer) -> None:
    """Photos and logo of the samples, from our own drawings."""
    for name, pixels in PHOTOS.items():
        picture = _drawing(renderer, name, pixels)
        picture.save(SAMPLES / f"{name}.webp", quality=84, method=6)
    mark = (SAMPLES / "logo.svg").read_text("utf-8")
    page = rendering.Page(
        f'<div class="canvas">{mark}<div>Taller Norte</div></div>',
        ".canvas { display: flex; align-items: center; gap: 26px; width: 648px; height: 130px;"
        " background: transparent; color: #134e4a; font-size: 84px; font-weight: 700;"
        " letter-spacing: -3px; white-space: nowrap; } svg { width: 120px; height: 120px; }",
        648,
        130,
    )
    logo = Image.open(BytesIO(renderer.render(page).png))
    logo.crop(logo.getbbox()).save(SAMPLES / "logo.png", optimize=True)


def _drawing(renderer: rendering.Renderer, name: str, pixels: int) -> Image.Image:
    side = f"width: {pixels}px; height: {pixels}px;"
    drawing = (SAMPLES / f"{name}.svg").read_text("utf-8")
    page = rendering.Page(
        f'<div class="canvas">{drawing}</div>',
        f".canvas {{ display: flex; {side} }} svg {{ {side} }}",
        pixels,
        pixels,
    )
    return _opened(renderer.render(page).png)


def _previews(renderer: rendering.Renderer) -> Iterator[tuple[str, Image.Image]]:
    for design in designs():
        for size in SIZES:
            picture = _design(renderer, design, size["name"])
            picture.thumbnail((PREVIEW, PREVIEW), Image.Resampling.LANCZOS)
            yield f"{design.slug}-{size['name']}.webp", picture


def _manual(renderer: rendering.Renderer) -> Iterator[tuple[str, Image.Image]]:
    for design in designs():
        sizes = [size["name"] for size in SIZES] if design.slug == THREE_SIZES else ["square"]
        for size in sizes:
            picture = _design(renderer, design, size)
            picture.thumbnail((IN_MANUAL, IN_MANUAL), Image.Resampling.LANCZOS)
            yield f"{design.slug}-{size}.png", picture.quantize(128, dither=Image.Dither.NONE)


def _design(renderer: rendering.Renderer, design: Design, size: str) -> Image.Image:
    from threads.gallery.showing import page

    return _opened(renderer.render(page(design, size, "en")).png)


def _opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def save(pictures: Iterable[tuple[str, Image.Image]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures:
        if name.endswith(".webp"):
            picture.save(folder / name, quality=80, method=6)
        else:
            picture.save(folder / name, optimize=True)
        print(f"{name}: {(folder / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
