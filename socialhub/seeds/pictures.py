"""Pictures for demo posts, drawn here so that none has to be shipped."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import cache

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFilter

SIZE = (1080, 1080)
Colour = tuple[int, int, int]


def _sky(top: Colour, bottom: Colour) -> Image.Image:
    column = Image.new("RGB", (1, SIZE[1]))
    for y in range(SIZE[1]):
        part = y / SIZE[1]
        mixed = [round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)]
        column.putpixel((0, y), (mixed[0], mixed[1], mixed[2]))
    return column.resize(SIZE)


def _hill(draw: ImageDraw.ImageDraw, base: int, height: int, phase: float, colour: Colour) -> None:
    edge = [(x, base - height * math.sin(x / 240 + phase)) for x in range(0, SIZE[0] + 20, 20)]
    draw.polygon([(0, SIZE[1]), *edge, (SIZE[0], SIZE[1])], fill=colour)


def grove() -> Image.Image:
    """Hills at sunrise with rows of olive trees."""
    picture = _sky((250, 205, 140), (255, 244, 220))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((690, 190, 890, 390), fill=(255, 236, 170))
    for base, height, phase, colour in (
        (620, 60, 0.3, (150, 170, 110)),
        (740, 50, 1.8, (112, 140, 78)),
        (880, 40, 3.1, (77, 107, 47)),
    ):
        _hill(draw, base, height, phase, colour)
    for row, y in enumerate((700, 810, 940)):
        radius = 26 + row * 12
        for x in range(60 + row * 30, SIZE[0], 150 + row * 20):
            draw.rectangle((x - 4, y, x + 4, y + radius), fill=(92, 72, 50))
            draw.ellipse((x - radius, y - radius, x + radius, y + radius // 2), fill=(64, 92, 40))
    return picture.filter(ImageFilter.SMOOTH_MORE)


def bottle() -> Image.Image:
    """A bottle of oil on a table."""
    picture = _sky((246, 241, 227), (222, 208, 170))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 860, 1080, 1080), fill=(156, 120, 78))
    draw.ellipse((330, 850, 790, 930), fill=(126, 94, 58))
    draw.rounded_rectangle((420, 380, 660, 890), radius=50, fill=(58, 84, 36))
    draw.polygon([(420, 430), (500, 260), (580, 260), (660, 430)], fill=(58, 84, 36))
    draw.rectangle((500, 150, 580, 290), fill=(58, 84, 36))
    draw.rounded_rectangle((488, 110, 592, 180), radius=14, fill=(201, 162, 39))
    draw.rounded_rectangle((440, 540, 640, 770), radius=18, fill=(246, 241, 227))
    draw.ellipse((505, 590, 575, 690), fill=(112, 140, 78))
    draw.line((540, 590, 580, 555), fill=(77, 107, 47), width=8)
    draw.rectangle((436, 430, 452, 860), fill=(110, 140, 80))
    return picture


def toast() -> Image.Image:
    """A plate of toast with tomato, seen from above."""
    picture = _sky((233, 224, 205), (214, 196, 164))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((120, 120, 960, 960), fill=(252, 250, 245), outline=(214, 205, 190), width=10)
    draw.ellipse((200, 200, 880, 880), outline=(233, 226, 214), width=6)
    for x, y in ((300, 330), (560, 470)):
        draw.rounded_rectangle((x, y, x + 260, y + 300), radius=80, fill=(196, 138, 74))
        draw.rounded_rectangle((x + 18, y + 18, x + 242, y + 282), radius=66, fill=(226, 96, 62))
        for n in range(9):
            left, top = x + 50 + n * 53 % 160, y + 55 + n * 71 % 180
            draw.ellipse((left, top, left + 22, top + 14), fill=(248, 186, 130))
        draw.arc((x + 60, y + 60, x + 200, y + 240), 200, 20, fill=(201, 162, 39), width=9)
    return picture


def drops() -> Image.Image:
    """Golden drops over dark green."""
    picture = _sky((45, 66, 28), (20, 32, 14))
    draw = ImageDraw.Draw(picture)
    for n in range(26):
        x, y, radius = n * 197 % 1000 + 40, n * 311 % 1000 + 40, 14 + n * 37 % 60
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(201, 162, 39))
        small = radius // 3
        draw.ellipse((x - small * 2, y - small * 2, x - small, y - small), fill=(250, 232, 160))
    return picture.filter(ImageFilter.GaussianBlur(1.2))


DRAWINGS: dict[str, Callable[[], Image.Image]] = {
    "grove": grove,
    "bottle": bottle,
    "toast": toast,
    "drops": drops,
}


@cache
def jpeg(name: str) -> bytes:
    """The picture's file, drawn once per process."""
    buffer = io.BytesIO()
    DRAWINGS[name]().save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def draw(name: str) -> ContentFile[bytes]:
    """The picture as a file to upload."""
    return ContentFile(jpeg(name), name=f"{name}.jpg")
