"""How far two pictures are apart."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops

# A pixel counts as different from here, of 255: edges of letters are smoothed differently.
VISIBLE = 24


@dataclass(frozen=True)
class Difference:
    """Mean over all pixels (of 255), and the share of pixels that differ visibly (0–1)."""

    mean: float
    visible: float


def difference(one: Image.Image, other: Image.Image) -> Difference:
    assert one.size == other.size
    counts = ImageChops.difference(one, other).convert("L").histogram()
    pixels = sum(counts)
    mean = sum(value * count for value, count in enumerate(counts)) / pixels
    return Difference(mean, sum(counts[VISIBLE + 1 :]) / pixels)
