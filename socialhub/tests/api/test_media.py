"""Media: uploaded, shown, described."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from socialhub.models import AccountGrant, MediaAsset, PostMedia
from socialhub.tests.factories import AccountFactory, PostFactory

pytestmark = pytest.mark.django_db


def png(size=(20, 10)) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, "red").save(content, "PNG")
    return content.getvalue()


def upload(client, content=None, **fields):
    file = SimpleUploadedFile("bread.png", png() if content is None else content, "image/png")
    return client.post("/api/media/", {"file": file, **fields}, format="multipart")


def test_a_picture_is_uploaded_and_can_be_fetched(marketer):
    response = upload(marketer, alt_text="A loaf")

    assert response.status_code == 201
    expected = {
        "sha256": sha256(png()).hexdigest(),
        "width": 20,
        "height": 10,
        "mime": "image/png",
        "alt_text": "A loaf",
        "name": "bread.png",
        "uploaded_by": marketer.user.pk,
    }
    assert {name: response.data[name] for name in expected} == expected
    path = response.data["url"].partition("/media/")[2]
    fetched = Client().get(f"/media/{path}")
    assert (fetched.status_code, b"".join(fetched.streaming_content)) == (200, png())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 no picture", "not_an_image"),
        (png((800, 600))[:200], "not_an_image"),
        (b"", "empty"),
    ],
)
def test_what_is_no_picture_is_refused(marketer, content, code):
    response = upload(marketer, content)

    assert (response.status_code, response.data["type"]) == (400, code)
    assert list(response.data["fields"]) == ["file"]
    assert MediaAsset.objects.count() == 0


def test_a_file_is_needed(marketer):
    response = marketer.post("/api/media/", {"alt_text": "x"}, format="multipart")

    assert (response.status_code, list(response.data["fields"])) == (400, ["file"])


def test_the_alt_text_can_be_written_later(marketer):
    pk = upload(marketer).data["id"]

    response = marketer.patch(f"/api/media/{pk}/", {"alt_text": "A loaf"})
    refused = marketer.patch(f"/api/media/{pk}/", {"sha256": "0" * 64})

    assert (response.status_code, response.data["alt_text"]) == (200, "A loaf")
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["sha256"])


def test_what_was_approved_is_not_described_anew(marketer):
    """The alt text is part of what the approver saw."""
    asset = MediaAsset.objects.get(pk=upload(marketer, alt_text="A loaf").data["id"])
    post = PostFactory()
    PostMedia.objects.create(post=post, media=asset, position=1)
    marketer.patch(f"/api/posts/{post.pk}/", {"text": "Bread"})
    post.refresh_from_db()
    type(post).objects.filter(pk=post.pk).update(status="approved", approved_hash=post.content_hash)

    response = marketer.patch(f"/api/media/{asset.pk}/", {"alt_text": "Two loaves"})

    assert (response.status_code, response.data["type"]) == (409, "in_use")
    assert marketer.patch(f"/api/media/{asset.pk}/", {"name": "loaf.png"}).status_code == 200


def test_pictures_of_accounts_not_granted_do_not_exist(marketer, as_role):
    pk = upload(as_role("Marketer")).data["id"]
    own = upload(marketer).data["id"]
    AccountGrant.objects.create(user=marketer.user, account=AccountFactory())

    assert marketer.get(f"/api/media/{pk}/").status_code == 404
    assert [row["id"] for row in marketer.get("/api/media/").data["results"]] == [own]
