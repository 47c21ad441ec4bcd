"""Make an image fit a network: upright, without metadata, small enough."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import NamedTuple

from PIL import Image, ImageOps

from socialhub.platforms.base import MediaFile
from socialhub.platforms.errors import InvalidContent

# More pixels than any network shows; decoding them would take over 400 MB.
MAX_PIXELS = 100_000_000
MAX_SIDE = 4096
MIN_SIDE = 64
QUALITIES = (90, 82, 74, 66)
SHRINK = 0.8
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MIMES = {
    "JPEG": "image/jpeg",
    # A JPEG with a second picture inside, as many telephones write it.
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}


class Fitted(NamedTuple):
    """Bytes ready to upload, their mime type, and width and height in pixels."""

    content: bytes
    mime: str
    width: int
    height: int


def fit(
    file: MediaFile, max_bytes: int, mimes: Collection[str], max_side: int = MAX_SIDE
) -> Fitted:
    """The image turned upright, stripped of metadata, in one of `mimes`, at most `max_bytes`.

    The colour profile stays. Formats the network does not take and images that are too large
    become JPEG. An animated GIF goes through unchanged or not at all. Raises InvalidContent
    for what is no image, too many pixels, or an animation that does not fit.
    """
    content = file.read()
    image = _opened(content)
    mime = MIMES[image.format or ""]
    if getattr(image, "is_animated", False) and image.format != "MPO":
        return _animation(image, content, mime, max_bytes, mimes)
    image = _upright(image)
    if max(image.size) > max_side:
        image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    if mime in mimes:
        kept = _encoded(image, mime, QUALITIES[0])
        if len(kept) <= max_bytes:
            return Fitted(kept, mime, *image.size)
    return _as_jpeg(image, max_bytes)


def _opened(content: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise InvalidContent("the file is not a readable image") from None
    if image.width * image.height > MAX_PIXELS:
        raise InvalidContent(f"the image has more than {MAX_PIXELS} pixels")
    return image


def _animation(
    image: Image.Image, content: bytes, mime: str, max_bytes: int, mimes: Collection[str]
) -> Fitted:
    # Re-encoding an animation loses timing or colours, and a still is not what was approved.
    if mime != "image/gif" or mime not in mimes or len(content) > max_bytes:
        raise InvalidContent("an animated image of this kind or size is not possible here")
    return Fitted(content, mime, *image.size)


def _upright(image: Image.Image) -> Image.Image:
    """Decoded, rotated as EXIF says, with nothing but pixels, transparency and colour profile."""
    try:
        image.load()
        turned = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise InvalidContent("the image is damaged") from None
    if turned.mode == "CMYK":
        # Browsers show CMYK wrongly, and its profile means nothing for RGB.
        turned = turned.convert("RGB")
        turned.info.pop("icc_profile", None)
    turned.info = {
        name: turned.info[name] for name in ("transparency", "icc_profile") if name in turned.info
    }
    return turned


def _encoded(image: Image.Image, mime: str, quality: int) -> bytes:
    out = io.BytesIO()
    extra = {"icc_profile": image.info["icc_profile"]} if "icc_profile" in image.info else {}
    if mime == "image/jpeg":
        _opaque(image).save(out, "JPEG", quality=quality, optimize=True, **extra)
    elif mime == "image/webp":
        image.save(out, "WEBP", quality=quality, **extra)
    else:
        image.save(out, mime.removeprefix("image/").upper(), optimize=True, **extra)
    return out.getvalue()


def _opaque(image: Image.Image) -> Image.Image:
    """RGB or grey; transparent parts become white, since JPEG has no transparency."""
    if image.mode.startswith("I"):
        # 16 bits per grey value; converting directly would cut off at 255.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image if image.mode in ("RGB", "L") else image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _sizes(image: Image.Image) -> Iterator[Image.Image]:
    """The image, then ever smaller ones."""
    yield image
    width, height = image.size
    while max(width, height) > MIN_SIDE:
        width, height = max(1, round(width * SHRINK)), max(1, round(height * SHRINK))
        yield image.resize((width, height), Image.Resampling.LANCZOS)


def _as_jpeg(image: Image.Image, max_bytes: int) -> Fitted:
    profile = image.info.get("icc_profile")
    opaque = _opaque(image)
    opaque.info = {"icc_profile": profile} if profile else {}
    for smaller in _sizes(opaque):
        for quality in QUALITIES:
            content = _encoded(smaller, "image/jpeg", quality)
            if len(content) <= max_bytes:
                return Fitted(content, "image/jpeg", *smaller.size)
    raise InvalidContent(f"the image cannot be made smaller than {max_bytes} bytes")
