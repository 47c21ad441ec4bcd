"""Fetching a picture as Meta does, over HTTP, and looking at it."""

from __future__ import annotations

import io

import requests
from PIL import Image

from socialhub.tests.support.standin.kit import JSON
from socialhub.tests.support.standins.meta_containers import MetaState, error

MAX_BYTES = 8_000_000
PICTURE = "The media could not be fetched from this URI: {}"


def picture(state: MetaState, url: str, ratios: tuple[float, float] | None) -> JSON:
    """Fetch the picture as Meta does, and look at it. Raises Refusal."""
    if not state.mode["fetch"]:
        return {"mime": "image/jpeg", "width": 0, "height": 0}
    try:
        answer = requests.get(url, timeout=5, allow_redirects=False)
        fetched = answer.status_code == 200
    except requests.RequestException:
        fetched = False
    if not fetched:
        raise error(
            400,
            9004,
            "Only photo or video can be accepted as media type.",
            2207052,
            error_user_msg=PICTURE.format(url),
        )
    if len(answer.content) > MAX_BYTES:
        raise error(400, 36000, "The image size is too large.", 2207004)
    return _looked_at(answer.content, ratios)


def _looked_at(content: bytes, ratios: tuple[float, float] | None) -> JSON:
    formats = ("JPEG",) if ratios else ("JPEG", "PNG")
    try:
        image = Image.open(io.BytesIO(content))
    except OSError:
        raise error(400, 9004, PICTURE.format("no picture"), 2207052) from None
    if image.format not in formats:
        raise error(400, 36001, "The image format is not supported.", 2207005)
    ratio = image.width / image.height
    if ratios and not ratios[0] - 0.01 <= ratio <= ratios[1] + 0.01:
        raise error(400, 36003, f"The aspect ratio {ratio:.2f} is not supported.", 2207009)
    return {"mime": f"image/{image.format.lower()}", "width": image.width, "height": image.height}
