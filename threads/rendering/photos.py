"""Images of a page, made ready: not larger than they are shown, the right way up."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping

from PIL import Image, ImageOps

from threads.rendering.pages import MOST_PIXELS, RenderFailed

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# The renderers decode these as they are.
PLAIN = {"PNG", "JPEG"}
LONGEST = 2 * MOST_PIXELS
ORIENTATION = 274


def ready(images: Mapping[str, bytes], width: int, height: int, pixels: int) -> dict[str, bytes]:
    """Every image for a canvas of that size. Raises RenderFailed, naming the image."""
    return {name: _ready(name, content, width, height, pixels) for name, content in images.items()}


def _ready(name: str, content: bytes, width: int, height: int, pixels: int) -> bytes:
    try:
        with warnings.catch_warnings():
            # Our own limit counts.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return _shrunk(name, content, image, (width, height), pixels)
    except Image.DecompressionBombError:
        raise RenderFailed("image_too_large", name) from None
    except MemoryError:
        raise
    except Exception as exc:  # Pillow raises a dozen kinds for broken files
        if isinstance(exc, RenderFailed):
            raise
        raise RenderFailed("broken_image", name) from None


def _shrunk(
    name: str, content: bytes, image: Image.Image, canvas: tuple[int, int], pixels: int
) -> bytes:
    if image.width * image.height > pixels:
        raise RenderFailed("image_too_large", name)
    turned = image.getexif().get(ORIENTATION, 1) != 1
    ratio = _ratio(image.size, canvas)
    if ratio <= 1 and not turned and image.format in PLAIN:
        # Broken data ends here and not as an empty place in the picture.
        image.load()
        return content
    target = (max(1, round(image.width / ratio)), max(1, round(image.height / ratio)))
    if ratio > 1:
        image.draft(None, target)
    upright = ImageOps.exif_transpose(image)
    if ratio > 1:
        upright.thumbnail((max(target), max(target)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    upright.convert(mode).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _ratio(size: tuple[int, int], canvas: tuple[int, int]) -> float:
    """By how much it can shrink and still cover the canvas."""
    covering = min(size[0] / canvas[0], size[1] / canvas[1])
    return max(1.0, covering, max(size) / LONGEST)
