"""Uploads: what is taken, what is refused, who gets to see it."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from socialhub.models import AccountGrant, MediaAsset, PostMedia
from socialhub.services import media
from socialhub.services.errors import Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, PostFactory, PublicationFactory, UserFactory


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def marketer(db):
    return UserFactory(role="Marketer")


def picture(kind="JPEG", size=(1200, 800), mode="RGB", **options):
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(out, kind, **options)
    return out.getvalue()


def upload(user, content, name="photo.jpg", **fields):
    return media.upload(user, SimpleUploadedFile(name, content), **fields)


def bomb():
    """A PNG of 60,000 × 60,000 pixels that is a few hundred bytes long."""

    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "mode", "mime"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("PNG", "RGBA", "image/png"),
        ("GIF", "P", "image/gif"),
        ("WEBP", "RGB", "image/webp"),
    ],
)
def test_the_type_is_what_the_file_is_and_not_what_its_name_says(marketer, kind, mode, mime):
    content = picture(kind, mode=mode)

    asset = upload(marketer, content, "invoice.pdf", alt_text=" A wall ")

    found = (asset.mime, asset.width, asset.height, asset.size, asset.alt_text, asset.name)
    assert found == (mime, 1200, 800, len(content), "A wall", "invoice.pdf")
    given = media.file_for(asset)
    assert (given.read(), given.mime, given.alt_text) == (content, mime, "A wall")
    assert not asset.file.name.endswith(".pdf")


def test_a_picture_on_its_side_has_the_size_it_is_shown_in(marketer):
    exif = Image.Exif()
    exif[media.ORIENTATION] = 6

    asset = upload(marketer, picture(exif=exif))

    assert (asset.width, asset.height) == (800, 1200)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_an_image"),
        (b"%PDF-1.4", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not_an_image"),
        (picture()[:9000], "not_an_image"),
        (picture("PNG")[:9000], "not_an_image"),
        (picture("BMP"), "not_an_image"),
        (bomb(), "too_many_pixels"),
    ],
    ids=["empty", "pdf", "svg", "half a jpeg", "half a png", "bmp", "bomb"],
)
def test_what_is_no_usable_picture_is_refused_and_not_kept(marketer, tmp_path, content, code):
    with pytest.raises(Invalid) as refused:
        upload(marketer, content)

    assert refused.value.code == code
    assert list(refused.value.fields) == ["file"]
    assert not MediaAsset.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_size_and_alt_text_have_limits(marketer, settings):
    settings.MEDIA_MAX_BYTES = 1000
    with pytest.raises(Invalid) as refused:
        upload(marketer, b"x" * 1001)
    assert refused.value.code == "too_large"

    with pytest.raises(Invalid) as refused:
        upload(marketer, picture(size=(10, 10)), alt_text="x" * 1501)
    assert list(refused.value.fields) == ["alt_text"]


def test_the_same_picture_of_a_user_is_the_same_row(marketer):
    content = picture()
    first = upload(marketer, content)

    assert upload(marketer, content) == first
    named = upload(marketer, content, alt_text="A red shoe")
    assert (named, named.alt_text) == (first, "A red shoe")
    assert upload(marketer, content) == first
    assert upload(UserFactory(role="Marketer"), content) != first


def test_a_picture_in_a_post_keeps_its_alt_text(marketer):
    content = picture()
    first = upload(marketer, content)
    PostMedia.objects.create(post=PostFactory(), media=first, position=0)

    second = upload(marketer, content, alt_text="A red shoe")

    first.refresh_from_db()
    assert (first.alt_text, second.alt_text) == ("", "A red shoe")


@pytest.mark.django_db
def test_an_analyst_may_not_upload():
    with pytest.raises(Forbidden):
        upload(UserFactory(role="Analyst"), picture())


# -- serving ----------------------------------------------------------------------


def content_of(response):
    return b"".join(response.streaming_content)


def test_people_see_files_they_may_see_and_strangers_get_404(client, marketer):
    content = picture()
    asset = upload(marketer, content)
    address = f"/media/{asset.pk}/"
    limited = UserFactory(role="Marketer")
    account = AccountFactory()
    AccountGrant.objects.create(user=limited, account=account)

    assert client.get(address).status_code == 404
    client.force_login(limited)
    assert client.get(address).status_code == 404

    PostMedia.objects.create(post=PostFactory(), media=asset, position=0)
    PublicationFactory(post=asset.posts.get(), account=account)
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert content_of(response) == content
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_signed_address_shows_one_picture_until_it_ends(client, marketer):
    asset, other = upload(marketer, picture()), upload(marketer, picture("PNG"))
    address = urlsplit(media.signed_url(asset, 600))
    assert client.get(f"{address.path}?{address.query}").status_code == 200

    assert client.get(f"/media/{other.pk}/?{address.query}").status_code == 404
    stretched = address.query.replace("expires=", "expires=9")
    assert client.get(f"{address.path}?{stretched}").status_code == 404
    assert client.get(f"{address.path}?expires=²&signature=x").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        assert client.get(f"{address.path}?{address.query}").status_code == 404


def test_lists_get_a_small_copy_without_metadata(client, marketer):
    exif = Image.Exif()
    exif[0x010F] = "Maker of the camera"
    asset = upload(marketer, picture(exif=exif))
    client.force_login(marketer)

    small = client.get(f"/media/{asset.pk}/?w=200")

    content = content_of(small)
    with Image.open(io.BytesIO(content)) as image:
        assert (image.size, image.format) == ((320, 213), "WEBP")
        assert not image.getexif()
    assert small["Content-Type"] == "image/webp"
    assert content_of(client.get(f"/media/{asset.pk}/?w=170")) == content


def test_a_missing_file_is_not_there(client, marketer):
    asset = upload(marketer, picture())
    asset.file.delete(save=False)
    client.force_login(marketer)

    for query in ("", "?w=100"):
        assert client.get(f"/media/{asset.pk}/{query}").status_code == 404


@pytest.mark.django_db
def test_nobody_is_not_somebody():
    upload(UserFactory(role="Marketer"), picture())
    # By the machine, or by somebody whose account was deleted.
    upload(None, picture())

    assert not MediaAsset.objects.visible_to(AnonymousUser()).exists()
