"""Posts, photos, comments and answers; the truth is in the stand-in's own list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialhub.platforms import errors
from socialhub.platforms.base import Connection, LinkCard, Look, Payload, RemoteRef
from socialhub.tests.platforms.facebook.conftest import ADAPTER, draft, picture, published
from socialhub.tests.support.standin.client import Server

LINK = "https://www.example.com/oferta?utm_source=facebook"


def looked(page: Connection, payload: Payload, since_id: str = "", taken: Any = ()) -> Look:
    since = datetime.now(UTC) - timedelta(seconds=5)
    return ADAPTER.look(page, payload, since_id=since_id, since=since, taken=taken)


def test_text_with_a_link_as_a_card(facebook: Server, page: Connection) -> None:
    made = draft(f"Ofertas: {LINK}", card=LinkCard(LINK))

    payload = ADAPTER.prepare(page, made)
    receipt = ADAPTER.commit(page, payload)

    (post,) = facebook.posts(page.remote_id)
    assert (post["id"], post["text"]) == (receipt.remote_id, made.text)
    assert payload.body["fields"]["link"] == LINK
    assert receipt.permalink == f"https://www.facebook.com/{receipt.remote_id}"


@pytest.mark.parametrize("alts", [["Una mesa"], ["Una mesa", "Una silla", "Una lámpara"]])
def test_photos_are_there_before_the_post(
    facebook: Server, page: Connection, alts: list[str]
) -> None:
    payload = ADAPTER.prepare(page, draft(media=tuple(picture(alt) for alt in alts)))
    assert facebook.posts() == []

    ADAPTER.commit(page, payload)

    (post,) = facebook.posts(page.remote_id)
    assert [one["alt_text"] for one in post["media"]] == alts
    assert facebook.requests("upload") == len(alts)
    assert facebook.requests("publish") == 1


def test_a_series_as_comments_under_its_first_part(facebook: Server, page: Connection) -> None:
    first = RemoteRef(published(page, "Uno"))
    second = RemoteRef(published(page, "Dos", parent=first, root=first), {"own": "comment"})
    published(page, "Tres", parent=second, root=first, media=(picture(),))

    posts = facebook.posts(page.remote_id)
    assert [(one["text"], one["parent_id"]) for one in posts] == [
        ("Uno", ""),
        ("Dos", first.remote_id),
        ("Tres", first.remote_id),
    ]
    assert len(posts[2]["media"]) == 1


def test_an_answer_goes_under_the_comment(facebook: Server, page: Connection) -> None:
    post = published(page)
    asked = facebook.post("comments", parent=post, text="¿Cuánto cuesta?", author="ana")["id"]
    (item,) = ADAPTER.interactions(page, "").items

    published(page, "Diez", parent=RemoteRef(item.remote_id, item.data), root=RemoteRef(post))

    assert facebook.posts(page.remote_id)[-1]["parent_id"] == asked


def test_an_answer_to_an_answer_goes_under_the_comment_above(
    facebook: Server, page: Connection
) -> None:
    asked = facebook.post("comments", parent=published(page), text="¿Precio?")["id"]
    deep = facebook.post("comments", parent=asked, text="¿Y envío?", author="bea")["id"]
    items = {item.remote_id: item for item in ADAPTER.interactions(page, "").items}

    published(page, "Gratis", parent=RemoteRef(deep, items[deep].data))

    assert facebook.posts(page.remote_id)[-1]["parent_id"] == asked


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"text": "a" * 8_001, "parent": RemoteRef("1_2")}, "text_too_long"),
        ({"media": (picture(), picture()), "parent": RemoteRef("1_2")}, "too_many_images"),
    ],
)
def test_comments_take_less_than_posts(page: Connection, made: Any, code: str) -> None:
    assert [problem.code for problem in ADAPTER.validate(draft(**made))] == [code]
    with pytest.raises(errors.InvalidContent, match=code):
        ADAPTER.prepare(page, draft(**made))


# -- refusals ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ({"blocked": True}, errors.PermissionDenied),
        ({"duplicates": True}, errors.Duplicate),
    ],
)
def test_a_refusal_is_certain(
    facebook: Server, page: Connection, mode: dict[str, Any], kind: type[errors.PlatformError]
) -> None:
    published(page)
    facebook.mode(**mode)

    with pytest.raises(kind) as caught:
        published(page)

    assert caught.value.certainly_not_out
    assert len(facebook.posts()) == 1


@pytest.mark.parametrize("subcode", [458, 460, 492])
def test_a_login_that_was_taken_away(facebook: Server, page: Connection, subcode: int) -> None:
    payload = ADAPTER.prepare(page, draft())
    facebook.post("revoke", account="office", subcode=subcode)

    with pytest.raises(errors.AuthRevoked, match=f"subcode {subcode}"):
        ADAPTER.commit(page, payload)
    assert ADAPTER.refresh(page) is None


def test_a_comment_under_what_is_gone(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.post("delete", id=post)

    with pytest.raises(errors.NotFound):
        published(page, "Dos", parent=RemoteRef(post), root=RemoteRef(post))


def test_the_end_of_a_limit(facebook: Server, page: Connection) -> None:
    payload = ADAPTER.prepare(page, draft())
    facebook.fault("publish", "rate_limited", retry_after=600)

    with pytest.raises(errors.RateLimited) as caught:
        ADAPTER.commit(page, payload)

    assert caught.value.retry_at is not None
    assert caught.value.retry_at > datetime.now(UTC) + timedelta(seconds=590)


# -- lost answers -----------------------------------------------------------------------


@pytest.mark.parametrize("under", [False, True])
@pytest.mark.parametrize("lost", ["transient", "unreadable_200", "502_after_accept"])
def test_a_lost_answer_is_found_by_looking(
    facebook: Server, page: Connection, under: bool, lost: str
) -> None:
    above = RemoteRef(published(page, "Uno"))
    more = {"parent": above, "root": above} if under else {}
    payload = ADAPTER.prepare(page, draft("Dos", **more))
    newest = ADAPTER.newest_own_id(page)
    assert newest == above.remote_id
    assert looked(page, payload, newest).verdict == "not_found"
    if lost == "transient":
        facebook.mode(transient=True)
    else:
        facebook.fault("publish", lost)

    with pytest.raises(errors.OutcomeUnknown) as caught:
        ADAPTER.commit(page, payload)

    assert not caught.value.certainly_not_out
    found = looked(page, payload, newest)
    assert found.verdict == "found"
    assert found.receipt is not None
    assert found.receipt.remote_id == facebook.posts(page.remote_id)[-1]["id"]


def test_photos_tell_equal_posts_apart(facebook: Server, page: Connection) -> None:
    payload = ADAPTER.prepare(page, draft(media=(picture(), picture(shade="red"))))
    own = ADAPTER.commit(page, payload).remote_id
    facebook.post("mine", account="office", text="Oferta de la semana")

    found = looked(page, payload)

    assert found.receipt is not None
    assert found.receipt.remote_id == own


def test_two_equal_posts_are_for_a_person(facebook: Server, page: Connection) -> None:
    payload = ADAPTER.prepare(page, draft())
    first = ADAPTER.commit(page, payload).remote_id
    ADAPTER.commit(page, payload)

    assert looked(page, payload).verdict == "ambiguous"
    assert looked(page, payload, taken={first}).verdict == "found"


def test_somebodys_equal_comment_is_not_ours(facebook: Server, page: Connection) -> None:
    post = RemoteRef(published(page))
    payload = ADAPTER.prepare(page, draft("Gracias", parent=post, root=post))
    facebook.post("comments", parent=post.remote_id, text="Gracias", author="ana")

    assert looked(page, payload).verdict == "not_found"


def test_a_clock_that_is_ahead(facebook: Server, page: Connection) -> None:
    facebook.mode(clock_offset=3_600)
    payload = ADAPTER.prepare(page, draft())
    ADAPTER.commit(page, payload)

    assert looked(page, payload).verdict == "found"


def test_an_older_equal_post_is_not_this_one(facebook: Server, page: Connection) -> None:
    older = published(page)
    payload = ADAPTER.prepare(page, draft())

    assert looked(page, payload, since_id=older).verdict == "not_found"


def test_more_new_posts_than_one_page_of_the_list(facebook: Server, page: Connection) -> None:
    payload = ADAPTER.prepare(page, draft())
    own = ADAPTER.commit(page, payload).remote_id
    for number in range(60):
        facebook.post("mine", account="office", text=f"Otro {number}")

    found = looked(page, payload)

    assert found.receipt is not None
    assert found.receipt.remote_id == own
