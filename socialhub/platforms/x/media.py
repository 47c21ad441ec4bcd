"""Images: https://docs.x.com/x-api/media/upload-media and .../media/create-media-metadata"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from socialhub.platforms import images
from socialhub.platforms.base import MediaFile
from socialhub.platforms.errors import InvalidContent, Unavailable
from socialhub.platforms.x.client import Api

MIMES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
IMAGE_BYTES = 5_000_000
GIF_BYTES = 15_000_000
ALT_TEXT = 1_000


def upload_all(api: Api, files: Sequence[MediaFile]) -> list[str]:
    """Ids of the uploaded images, in order. Raises InvalidContent for what X does not take."""
    fitted = [_fit(file) for file in files]
    if len(fitted) > 1 and any(category == "tweet_gif" for _, category in fitted):
        raise InvalidContent("an animated GIF has to be the only picture of a post on X")
    return [
        _upload(api, one, category, file.alt_text)
        for (one, category), file in zip(fitted, files, strict=True)
    ]


def _fit(file: MediaFile) -> tuple[images.Fitted, str]:
    """The image ready to upload, and X's category of it."""
    if file.mime == "image/gif":
        whole = images.fit(file, GIF_BYTES, MIMES)
        if _moves(whole):
            return whole, "tweet_gif"
    return images.fit(file, IMAGE_BYTES, MIMES), "tweet_image"


def _moves(one: images.Fitted) -> bool:
    if one.mime != "image/gif":
        return False
    with Image.open(io.BytesIO(one.content)) as image:
        return bool(getattr(image, "is_animated", False))


def _upload(api: Api, one: images.Fitted, category: str, alt_text: str) -> str:
    name = f"image.{one.mime.rpartition('/')[2]}"
    said = api.post(
        "/2/media/upload",
        data={"media_category": category},
        files={"media": (name, one.content, one.mime)},
    )
    media_id = str((said.get("data") or {}).get("id") or "")
    if not media_id:
        raise Unavailable("the answer of X names no image")
    if alt_text.strip():
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt_text[:ALT_TEXT]}}}
        api.post("/2/media/metadata", json=body)
    return media_id
