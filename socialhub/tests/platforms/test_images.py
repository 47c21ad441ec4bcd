"""Images as they come out of cameras and editors, made here with Pillow."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms

from socialhub.platforms import images
from socialhub.platforms.base import MediaFile
from socialhub.platforms.errors import InvalidContent

BOTH = frozenset({"image/jpeg", "image/png"})


def media(content: bytes) -> MediaFile:
    return MediaFile("", "image/png", 0, 0, len(content), "alt", lambda: content)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("RGB")


def opened(fitted: images.Fitted) -> Image.Image:
    image = Image.open(io.BytesIO(fitted.content))
    image.load()
    return image


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Camera maker"
    tags.get_ifd(0x8825)[2] = (40.0, 25.0, 0.0)
    return tags


def test_an_image_that_fits_keeps_format_and_size() -> None:
    fitted = images.fit(media(encoded(noise(40, 30), "PNG")), 1_000_000, BOTH)

    assert (fitted.mime, fitted.width, fitted.height) == ("image/png", 40, 30)
    assert opened(fitted).tobytes() is not None
    assert opened(fitted).format == "PNG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_and_camera_are_removed(kind: str) -> None:
    content = encoded(noise(40, 30), kind, exif=exif())
    assert b"Camera maker" in content

    fitted = images.fit(media(content), 1_000_000, BOTH | {"image/webp"})

    assert b"Camera maker" not in fitted.content
    assert not opened(fitted).getexif()


def test_a_comment_is_removed() -> None:
    content = encoded(noise(40, 30), "JPEG", comment=b"written by Ana")
    assert b"Ana" in content

    assert b"Ana" not in images.fit(media(content), 1_000_000, BOTH).content


def test_an_image_is_turned_as_exif_says() -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste("red", (0, 0, 20, 20))

    fitted = images.fit(media(encoded(image, "JPEG", exif=exif(6))), 1_000_000, BOTH)

    assert (fitted.width, fitted.height) == (20, 40)
    red, green, blue = opened(fitted).getpixel((10, 5))
    assert red > 200 and green < 60 and blue < 60


def test_the_colour_profile_stays() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    fitted = images.fit(media(encoded(noise(40, 30), "JPEG", icc_profile=profile)), 1_000_000, BOTH)

    assert opened(fitted).info["icc_profile"] == profile


@pytest.mark.parametrize("limit", [2_000_000, 300_000, 20_000])
def test_a_large_image_becomes_small_enough(limit: int) -> None:
    content = encoded(noise(1200, 900), "PNG")
    assert len(content) > 2_400_000

    fitted = images.fit(media(content), limit, BOTH)

    assert len(fitted.content) <= limit
    assert fitted.mime == "image/jpeg"
    assert opened(fitted).size == (fitted.width, fitted.height)
    assert fitted.width / fitted.height == pytest.approx(4 / 3, rel=0.05)


def test_a_side_that_is_too_long_is_shortened() -> None:
    fitted = images.fit(media(encoded(noise(600, 60), "PNG")), 1_000_000, BOTH, max_side=300)

    assert (fitted.width, fitted.height) == (300, 30)


def test_transparency_becomes_white_in_a_jpeg() -> None:
    content = encoded(Image.new("RGBA", (30, 30), (255, 0, 0, 0)), "PNG")

    fitted = images.fit(media(content), 1_000_000, {"image/jpeg"})

    assert opened(fitted).getpixel((15, 15)) == (255, 255, 255)


@pytest.mark.parametrize(
    "make",
    [
        lambda: encoded(noise(40, 30).convert("P"), "PNG"),
        lambda: encoded(noise(40, 30).convert("LA"), "PNG"),
        lambda: encoded(Image.new("I;16", (40, 30), 30_000), "PNG"),
        lambda: encoded(noise(40, 30).convert("CMYK"), "JPEG"),
        lambda: encoded(noise(40, 30).convert("1"), "PNG"),
        lambda: encoded(noise(40, 30), "WEBP"),
        lambda: encoded(noise(40, 30), "GIF"),
        lambda: encoded(noise(40, 30), "MPO", save_all=True, append_images=[noise(40, 30)]),
    ],
    ids=["palette", "grey+alpha", "16 bit", "cmyk", "1 bit", "webp", "gif", "mpo"],
)
def test_every_kind_becomes_a_jpeg(make: Callable[[], bytes]) -> None:
    fitted = images.fit(media(make()), 1_000_000, {"image/jpeg"})

    image = opened(fitted)
    assert (image.format, image.size) == ("JPEG", (40, 30))
    assert image.mode in ("RGB", "L")


def test_16_bit_grey_keeps_its_brightness() -> None:
    content = encoded(Image.new("I;16", (40, 30), 128 * 256), "PNG")

    shown = opened(images.fit(media(content), 1_000_000, {"image/jpeg"})).convert("L")

    assert shown.getpixel((20, 15)) == pytest.approx(128, abs=2)


def animation(kind: str) -> bytes:
    return encoded(noise(20, 20), kind, save_all=True, append_images=[noise(20, 20)])


def test_an_animation_goes_through_or_is_refused_never_stilled() -> None:
    content = animation("GIF")

    assert images.fit(media(content), 1_000_000, BOTH | {"image/gif"}).content == content
    with pytest.raises(InvalidContent):
        images.fit(media(content), 1_000_000, BOTH)
    with pytest.raises(InvalidContent):
        images.fit(media(content), 100, BOTH | {"image/gif"})
    with pytest.raises(InvalidContent):
        images.fit(media(animation("PNG")), 1_000_000, BOTH)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""
    content = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    content[16:24] = (60_000).to_bytes(4) * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an image",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bomb(),
        encoded(noise(400, 300), "JPEG")[:5_000],
        encoded(noise(400, 300), "PNG")[:5_000],
        encoded(noise(20, 20), "TIFF"),
    ],
    ids=["empty", "text", "svg", "bomb", "cut jpeg", "cut png", "tiff"],
)
def test_what_is_no_readable_image_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidContent):
        images.fit(media(content), 1_000_000, BOTH)


def test_what_cannot_be_made_small_enough_is_refused() -> None:
    with pytest.raises(InvalidContent):
        images.fit(media(encoded(noise(400, 300), "PNG")), 200, BOTH)
