"""Uploaded pictures: checked, stored once, handed to adapters, served to those who may see them."""

from __future__ import annotations

import hashlib
import uuid
import warnings
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from socialhub import policies
from socialhub.models import MediaAsset
from socialhub.platforms import images
from socialhub.platforms.base import MediaFile
from socialhub.services.errors import Invalid

# Real type → file name ending. What is not here is not taken, whatever its name says.
TYPES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp"}
MIMES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
# A small file can unpack to gigabytes; cameras make up to 50 million pixels.
MAX_PIXELS = 50_000_000
WIDTHS = (160, 320, 640)
# Networks that fetch pictures take JPEG of this width at most (Instagram, Threads).
FETCHED_WIDTH = 1440
FETCHED_BYTES = 8_000_000
# How long a network may fetch one: as long as an unpublished container lives there.
FETCHED_SECONDS = 24 * 3600
ORIENTATION = 0x0112
# No row has this id.
PROBE = 0
_signer = signing.Signer(salt="socialhub.media")


def upload(user: Any, file: Any, alt_text: str = "", name: str = "") -> MediaAsset:
    """Check a file and store it. The same picture by the same user is the same row.

    `file` is an UploadedFile or anything with `read`. Raises Forbidden, Invalid.
    """
    policies.require(user, "manage_media")
    content = _content(file)
    kind, width, height = examine(content)
    name = name or getattr(file, "name", "") or ""
    return _kept(user, content, kind, (width, height), alt_text, name)


def keep(user: Any, png: bytes, size: tuple[int, int], alt_text: str, name: str) -> MediaAsset:
    """Store a picture that we drew ourselves: as `upload`, without decoding it once more."""
    policies.require(user, "manage_media")
    return _kept(user, png, "PNG", size, alt_text, name)


def _kept(
    user: Any, content: bytes, kind: str, size: tuple[int, int], alt_text: str, name: str
) -> MediaAsset:
    alt_text = alt_text.strip()
    limit = MediaAsset._meta.get_field("alt_text").max_length or 0
    if len(alt_text) > limit:
        message = _("The alt text is longer than %(limit)s characters.") % {"limit": limit}
        raise Invalid("alt_text_too_long", message, {"alt_text": [message]})
    sha256 = hashlib.sha256(content).hexdigest()
    known = _known(user, sha256, alt_text)
    if known is not None:
        return known
    return _stored(
        content,
        kind,
        MediaAsset(
            name=name[:200],
            sha256=sha256,
            mime=MIMES[kind],
            size=len(content),
            width=size[0],
            height=size[1],
            alt_text=alt_text,
            uploaded_by=user,
        ),
    )


def _content(file: Any) -> bytes:
    limit = settings.MEDIA_MAX_BYTES
    if isinstance(file, UploadedFile) and (file.size or 0) > limit:
        raise _refused("too_large", _too_large(limit))
    content = bytes(file.read(limit + 1))
    if len(content) > limit:
        raise _refused("too_large", _too_large(limit))
    return content


def _too_large(limit: int) -> str:
    return _("The file is larger than %(limit)s MB.") % {"limit": limit // 1_000_000}


def examine(content: bytes) -> tuple[str, int, int]:
    """(kind, width, height as shown) of an image that can really be decoded, else Invalid."""
    try:
        with warnings.catch_warnings():
            # Pillow warns from 89 million pixels on and raises at twice that; ours is lower.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _decoded(content)
    except Image.DecompressionBombError as exc:
        message = _("The picture has more than %(limit)s million pixels.")
        limit = {"limit": MAX_PIXELS // 1_000_000}
        raise _refused("too_many_pixels", message % limit) from exc
    except Exception as exc:  # Pillow raises what it likes on broken files
        raise _refused(
            "not_an_image",
            _("This is no picture we can read. Use JPEG, PNG, GIF or WebP."),
        ) from exc


def _decoded(content: bytes) -> tuple[str, int, int]:
    with Image.open(ContentFile(content), formats=list(TYPES)) as image:
        kind, (width, height) = str(image.format), image.size
        if width * height > MAX_PIXELS:
            limit = MAX_PIXELS // 1_000_000
            raise _refused(
                "too_many_pixels",
                _("The picture has more than %(limit)s million pixels.") % {"limit": limit},
            )
        # Orientations 5 to 8 lie on their side.
        if image.getexif().get(ORIENTATION, 1) >= 5:
            width, height = height, width
        # JPEG can be decoded small, which is enough to see that all of it is there.
        image.draft(None, (256, 256))
        image.load()
    return kind, width, height


def _refused(code: str, message: str) -> Invalid:
    return Invalid(code, message, {"file": [message]})


def _known(user: Any, sha256: str, alt_text: str) -> MediaAsset | None:
    """An earlier upload to use again. A picture in a post keeps the alt text it has there."""
    if user is None:
        return None
    rows = MediaAsset.objects.filter(uploaded_by=user, sha256=sha256).order_by("pk")
    if not alt_text:
        return rows.first()
    same = rows.filter(alt_text=alt_text).first()
    if same is not None:
        return same
    unused = rows.filter(alt_text="", postmedia__isnull=True).first()
    if unused is not None:
        unused.alt_text = alt_text
        unused.save(update_fields=["alt_text"])
    return unused


def _stored(content: bytes, kind: str, asset: MediaAsset) -> MediaAsset:
    asset.file.save(f"{uuid.uuid4().hex}{TYPES[kind]}", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            asset.save()
    except Exception:
        asset.file.delete(save=False)
        raise
    return asset


def file_for(asset: MediaAsset) -> MediaFile:
    """The picture as an adapter needs it."""

    def read() -> bytes:
        with asset.file.storage.open(asset.file.name or "") as file:
            return bytes(file.read())

    return MediaFile(
        sha256=asset.sha256,
        mime=asset.mime,
        width=asset.width,
        height=asset.height,
        size=asset.size,
        alt_text=asset.alt_text,
        read=read,
        public_url=lambda: public_url(asset),
    )


# -- serving ----------------------------------------------------------------------


def signed_url(asset: MediaAsset, seconds: float, **more: str) -> str:
    """An address that shows this one picture to anybody for a while (a network fetching it)."""
    expires = int(timezone.now().timestamp() + seconds)
    query = urlencode({"expires": expires, "signature": _signature(asset.pk, expires), **more})
    return f"{settings.PUBLIC_MEDIA_URL}/media/{asset.pk}/?{query}"


def public_url(asset: MediaAsset) -> str:
    """A signed address of the picture as networks fetch it; the copy is made at once.

    Raises platforms.errors.InvalidContent for a picture that cannot be made one.
    """
    as_jpeg(asset)
    return signed_url(asset, FETCHED_SECONDS, form="jpeg")


def probe_url(seconds: float) -> str:
    """A signed address like every other, of the picture that shows whether they can be fetched."""
    expires = int(timezone.now().timestamp() + seconds)
    query = urlencode({"expires": expires, "signature": _signature(PROBE, expires)})
    return f"{settings.PUBLIC_MEDIA_URL}/media/{PROBE}/?{query}"


def probe() -> bytes:
    """The smallest JPEG."""
    out = BytesIO()
    Image.new("L", (1, 1), 255).save(out, "JPEG")
    return out.getvalue()


def as_jpeg(asset: MediaAsset) -> tuple[str, str]:
    """(storage name, mime) of the picture as a JPEG that networks fetch, made on first use."""
    name = f"jpegs/{asset.sha256[:2]}/{asset.sha256}.jpg"
    storage = asset.file.storage
    if not storage.exists(name):
        mimes = frozenset({"image/jpeg"})
        content, *_rest = images.fit(file_for(asset), FETCHED_BYTES, mimes, FETCHED_WIDTH)
        saved = storage.save(name, ContentFile(content))
        if saved != name:
            # Another worker made it at the same moment.
            storage.delete(saved)
    return name, "image/jpeg"


def signature_holds(asset_id: int, expires: str, signature: str) -> bool:
    """Is this a signature of ours that has not run out?"""
    if not expires.isascii() or not expires.isdigit():
        return False
    good = constant_time_compare(signature, _signature(asset_id, int(expires)))
    return good and int(expires) > timezone.now().timestamp()


def _signature(asset_id: int, expires: int) -> str:
    return _signer.signature(f"{asset_id}:{expires}")


def thumbnail(asset: MediaAsset, width: int) -> tuple[str, str]:
    """(storage name, mime) of a smaller copy for lists, made on first use.

    `width` is rounded up to one of WIDTHS, so that nobody can fill the disk with sizes.
    """
    width = next((w for w in WIDTHS if w >= width), WIDTHS[-1])
    if asset.width and asset.width <= width:
        return asset.file.name or "", asset.mime
    name = f"thumbs/{asset.sha256[:2]}/{asset.sha256}_{width}.webp"
    storage = asset.file.storage
    if not storage.exists(name):
        saved = storage.save(name, ContentFile(_smaller(file_for(asset).read(), width)))
        if saved != name:
            # Another request made it at the same moment.
            storage.delete(saved)
    return name, "image/webp"


def _smaller(content: bytes, width: int) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(content), formats=list(TYPES)) as image:
        image.draft("RGB", (width, width))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((width, width * 4))
        has_alpha = "A" in upright.mode or "transparency" in upright.info
        # WebP without the original's metadata: no place, no camera.
        upright.convert("RGBA" if has_alpha else "RGB").save(out, "WEBP", quality=82)
    return out.getvalue()
