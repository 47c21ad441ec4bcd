"""Posts, images, comments and looks; the truth is in the stand-in's own list."""

from __future__ import annotations

from typing import Any

import pytest

from socialhub import http
from socialhub.platforms.base import Connection, LinkCard, RemoteRef
from socialhub.platforms.errors import (
    AuthRevoked,
    Duplicate,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.tests.platforms.linkedin.conftest import (
    ADAPTER,
    draft,
    looked,
    picture,
)
from socialhub.tests.support.standin.client import Server

LINK = "https://www.example.com/ofertas/muebles_de_oficina?utm_source=linkedin&utm_medium=social"
TEXT = f"Novedades (hoy) de @ana & Cía: 100 % *nuevo* ~ [ver]\n\n{LINK}\n#Oficina #mesa_alta"


def publish(page: Connection, text: str = "Hola", **more: Any) -> Any:
    return ADAPTER.commit(page, ADAPTER.prepare(page, draft(text, **more)))


def ref(receipt: Any) -> RemoteRef:
    return RemoteRef(receipt.remote_id, receipt.data)


# -- posts --------------------------------------------------------------------------------


def test_a_post_is_out_as_written(linkedin: Server, page: Connection) -> None:
    receipt = publish(page, TEXT)

    [post] = linkedin.posts(page.remote_id)
    assert (post["id"], post["text"]) == (receipt.remote_id, TEXT)
    assert receipt.remote_id.startswith("urn:li:share:")
    assert receipt.permalink == f"https://www.linkedin.com/feed/update/{receipt.remote_id}/"
    assert linkedin.posts("office") == linkedin.posts()


def test_images_are_uploaded_before(linkedin: Server, page: Connection) -> None:
    one = ADAPTER.prepare(page, draft("Una", media=(picture("Mesa"),)))
    many = ADAPTER.prepare(page, draft("Dos", media=(picture("Mesa"), picture("Silla"))))
    assert linkedin.posts() == []

    ADAPTER.commit(page, one)
    receipt = ADAPTER.commit(page, many)

    first, second = linkedin.posts()
    assert [image["alt"] for image in first["media"]] == ["Mesa"]
    assert [image["alt"] for image in second["media"]] == ["Mesa", "Silla"]
    assert all(image["bytes"] > 0 for image in second["media"])
    assert receipt.remote_id.startswith("urn:li:ugcPost:")


def test_a_link_is_shown_as_an_article(linkedin: Server, page: Connection) -> None:
    card = LinkCard("https://www.example.com/a", "Mesas", "De roble", picture())

    publish(page, "Mira https://go.example.com/x1", card=card)

    [post] = linkedin.posts()
    article = post["content"]["article"]
    assert article.pop("thumbnail").startswith("urn:li:image:")
    assert article == {
        # The counted link, not the one it leads to.
        "source": "https://go.example.com/x1",
        "title": "Mesas",
        "description": "De roble",
    }


def test_images_win_over_the_card(linkedin: Server, page: Connection) -> None:
    publish(page, f"Mira {LINK}", card=LinkCard(LINK), media=(picture(),))

    [post] = linkedin.posts()
    assert list(post["content"]) == ["media"]


@pytest.mark.parametrize(
    "made",
    [
        draft("a" * 3_001),
        draft(" "),
        draft("x", media=(picture(),) * 21),
        draft("a" * 1_251, parent=RemoteRef("urn:li:share:1")),
        draft("x", parent=RemoteRef("urn:li:share:1"), media=(picture(), picture())),
    ],
    ids=["too long", "empty", "too many images", "comment too long", "comment with two images"],
)
def test_what_does_not_fit_is_refused_before_sending(
    linkedin: Server, page: Connection, made: Any
) -> None:
    before = linkedin.requests()

    with pytest.raises(InvalidContent):
        ADAPTER.prepare(page, made)

    assert linkedin.requests() == before


def test_a_page_somebody_else_runs(linkedin: Server, page: Connection) -> None:
    linkedin.post("roles", account="office", pages={"office": "ANALYST"})

    with pytest.raises(PermissionDenied, match="ACCESS_DENIED"):
        publish(page)


# -- comments -----------------------------------------------------------------------------


def test_a_series_stands_as_comments_under_its_first_part(
    linkedin: Server, page: Connection
) -> None:
    first = publish(page, "Uno")
    second = publish(page, "Dos (plano)", parent=ref(first), root=ref(first))
    third = publish(page, "Tres", parent=ref(second), root=ref(first), media=(picture(),))
    fourth = publish(page, "Cuatro", parent=ref(second))

    posts = linkedin.posts()
    assert [post["text"] for post in posts] == ["Uno", "Dos (plano)", "Tres", "Cuatro"]
    assert [post["parent_id"] for post in posts] == ["", *[first.remote_id] * 3]
    assert [post["id"] for post in posts] == [
        first.remote_id,
        second.remote_id,
        third.remote_id,
        fourth.remote_id,
    ]
    assert len(posts[2]["media"]) == 1
    assert second.permalink.startswith(first.permalink + "?commentUrn=urn%3Ali%3Acomment%3A")


def test_an_answer_stands_under_the_comment(linkedin: Server, page: Connection) -> None:
    post = publish(page)
    asked = linkedin.post("comments", parent=post.remote_id, text="¿Precio?")
    nested = linkedin.post("comments", parent=asked["id"], text="Eso")
    items = {item.text: item for item in ADAPTER.interactions(page, "").items}

    for text in ("¿Precio?", "Eso"):
        item = items[text]
        made = draft(f"A {text}", parent=RemoteRef(item.remote_id, item.data), root=ref(post))
        payload = ADAPTER.prepare(page, made)
        # There are two levels: beside the nested one, not under it.
        assert payload.parent_id == asked["id"]
        assert looked(page, payload).verdict == "not_found"
        receipt = ADAPTER.commit(page, payload)
        look = looked(page, payload)
        assert look.receipt is not None
        assert look.receipt.remote_id == receipt.remote_id

    assert nested["id"] == items["Eso"].remote_id
    assert [p["parent_id"] for p in linkedin.posts()][1:] == [asked["id"]] * 2


def test_a_post_that_is_gone_cannot_be_commented(linkedin: Server, page: Connection) -> None:
    first = publish(page)
    linkedin.post("delete", id=first.remote_id)

    with pytest.raises(NotFound):
        publish(page, "Dos", parent=ref(first))


# -- errors -------------------------------------------------------------------------------


def test_a_duplicate_names_the_post(linkedin: Server, page: Connection) -> None:
    first = publish(page)

    with pytest.raises(Duplicate, match=first.remote_id):
        publish(page)

    assert len(linkedin.posts()) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("500_before", OutcomeUnknown),
        ("500_after_accept", OutcomeUnknown),
        ("502_after_accept", OutcomeUnknown),
        ("408_after_accept", OutcomeUnknown),
        ("reset_before", OutcomeUnknown),
        ("reset_after_accept", OutcomeUnknown),
        ("timeout_after_accept", OutcomeUnknown),
        ("unreadable_200", OutcomeUnknown),
        ("rate_limited", RateLimited),
        ("reject", InvalidContent),
    ],
)
@pytest.mark.parametrize("kind", ["post", "comment"])
def test_faults(
    linkedin: Server,
    page: Connection,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    error: type[Exception],
    kind: str,
) -> None:
    parent = ref(publish(page, "Uno")) if kind == "comment" else None
    payload = ADAPTER.prepare(page, draft("palabra", parent=parent))
    since_id = ADAPTER.newest_own_id(page)
    linkedin.fault("publish", fault, contains="palabra")
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.5)

    with pytest.raises(error) as caught:
        ADAPTER.commit(page, payload)
    monkeypatch.undo()

    out = [post for post in linkedin.posts() if post["text"] == "palabra"]
    look = looked(page, payload, since_id)
    assert look.verdict == ("found" if out else "not_found")
    if look.receipt is not None:
        assert look.receipt.remote_id == out[0]["id"]
    assert "token-office" not in repr(caught.value)


@pytest.mark.parametrize("operation", ["upload", "upload_bytes"])
def test_an_upload_that_fails_may_be_repeated(
    linkedin: Server, page: Connection, operation: str
) -> None:
    linkedin.fault(operation, "500_before")

    with pytest.raises(Unavailable):
        ADAPTER.prepare(page, draft(media=(picture(),)))

    publish(page, media=(picture(),))
    assert len(linkedin.posts()) == 1


def test_a_revoked_token(linkedin: Server, page: Connection) -> None:
    payload = ADAPTER.prepare(page, draft())
    linkedin.post("revoke", account="office")

    with pytest.raises(AuthRevoked):
        ADAPTER.commit(page, payload)
