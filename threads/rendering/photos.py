"""Images of a page, made ready: not larger than they are shown, the right way up."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections import OrderedDict
from collections.abc import Mapping

from PIL import Image, ImageOps

from threads.rendering import markup
from threads.rendering.pages import MOST_PIXELS, RenderFailed

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# The renderers decode these as they are.
PLAIN = {"PNG", "JPEG"}
LONGEST = 2 * MOST_PIXELS
ORIENTATION = 274


def ready(images: Mapping[str, bytes], width: int, height: int, pixels: int) -> dict[str, bytes]:
    """Every image for a canvas of that size. Raises RenderFailed, naming the image."""
    canvas = (width, height)
    return {name: _kept(name, content, canvas, pixels) for name, content in images.items()}


def without_missing(html: str, images: Mapping[str, bytes]) -> str:
    """The HTML without each `img` that has nothing to show, as of a field left empty.

    pytakumi refuses such a page, and browsers draw a broken picture.
    """
    if "<img" not in html:
        return html
    gone = [
        (element.start, element.open_end, "")
        for element in markup.elements(html)
        if element.tag == "img" and not _shows(element.get("src") or "", images)
    ]
    return markup.splice(html, gone)


def _shows(source: str, images: Mapping[str, bytes]) -> bool:
    return source in images or source.startswith("data:image/")


# The last images made smaller: pictures of one run share their logo, often their photo.
_made: OrderedDict[tuple[bytes, tuple[int, int]], bytes] = OrderedDict()
MOST_KEPT = 8


def _kept(name: str, content: bytes, canvas: tuple[int, int], pixels: int) -> bytes:
    key = (hashlib.sha256(content).digest(), canvas)
    if key in _made:
        _made.move_to_end(key)
        return _made[key]
    made = _ready(name, content, canvas, pixels)
    _made[key] = made
    if len(_made) > MOST_KEPT:
        _made.popitem(last=False)
    return made


def _ready(name: str, content: bytes, canvas: tuple[int, int], pixels: int) -> bytes:
    try:
        with warnings.catch_warnings():
            # Our own limit counts.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return _shrunk(name, content, image, canvas, pixels)
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
        # JPEG can be read at a half or a quarter of its size.
        image.draft(None, target)
    upright = ImageOps.exif_transpose(image)
    if ratio > 1:
        longest = max(target)
        upright.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return _encoded(upright)


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    if image.has_transparency_data:
        image.convert("RGBA").save(out, "PNG", compress_level=1)
    else:
        image.convert("RGB").save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def _ratio(size: tuple[int, int], canvas: tuple[int, int]) -> float:
    """By how much it can shrink and still cover the canvas."""
    covering = min(size[0] / canvas[0], size[1] / canvas[1])
    return max(1.0, covering, max(size) / LONGEST)
