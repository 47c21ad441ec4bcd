"""Comments on Instagram: own ones as further parts, those of others, and answers."""

from __future__ import annotations

import pytest

from socialhub.platforms.base import Connection, Receipt, RemoteRef
from socialhub.platforms.errors import InvalidContent, NotFound, OutcomeUnknown
from socialhub.platforms.meta import containers
from socialhub.tests.platforms.fetching import Pictures, draft, looked, out
from socialhub.tests.platforms.instagram.conftest import ADAPTER
from socialhub.tests.support.standin.client import Server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialhub.http.DEADLINE_SECONDS", 1.0)
    monkeypatch.setattr(containers, "FIRST_PAUSE", 0.01)


@pytest.fixture
def post(office: Connection, pictures: Pictures) -> Receipt:
    return out(ADAPTER, office, draft("Primera parte", media=(pictures.file(),)))


def ref(receipt: Receipt) -> RemoteRef:
    return RemoteRef(receipt.remote_id, receipt.data)


# -- our own parts -------------------------------------------------------------------------


def test_parts_are_comments_under_the_first(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    first = out(ADAPTER, office, draft("Dos", parent=ref(post), root=ref(post)))
    # A series may name the part before as well.
    out(ADAPTER, office, draft("Tres", parent=ref(first), root=ref(post)))

    _, second, third = instagram.posts("office")
    assert (second["text"], second["parent_id"]) == ("Dos", post.remote_id)
    assert (third["text"], third["parent_id"]) == ("Tres", post.remote_id)


@pytest.mark.parametrize("fault", ["timeout_after_accept", "unreadable_200"])
def test_a_lost_comment_is_found(
    instagram: Server, office: Connection, post: Receipt, fault: str
) -> None:
    instagram.post("comments", parent=post.remote_id, text="Dos", author="ana")
    payload = ADAPTER.prepare(office, draft("Dos", parent=ref(post), root=ref(post)))
    before = looked(ADAPTER, office, payload)
    instagram.fault("publish", fault)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)
    look = looked(ADAPTER, office, payload)

    assert before.verdict == "not_found"
    assert look.receipt is not None
    assert look.receipt.remote_id == instagram.posts()[-1]["id"]
    assert looked(ADAPTER, office, payload, taken={look.receipt.remote_id}).verdict == "not_found"


def test_a_comment_under_a_post_that_is_gone(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    payload = ADAPTER.prepare(office, draft("Dos", parent=ref(post)))
    instagram.post("delete", id=post.remote_id)

    with pytest.raises(NotFound):
        ADAPTER.commit(office, payload)


def test_comments_hold_no_pictures(office: Connection, post: Receipt, pictures: Pictures) -> None:
    with pytest.raises(InvalidContent, match=r"^too_many_images$"):
        ADAPTER.prepare(office, draft("x", parent=ref(post), media=(pictures.file(),)))


# -- those of others -----------------------------------------------------------------------


def test_comments_and_answers_of_others(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    comment = instagram.post("comments", parent=post.remote_id, text="¿Precio?", author="ana")
    out(ADAPTER, office, draft("Dos", parent=ref(post), root=ref(post)))
    answer = instagram.post("comments", parent=comment["id"], text="Yo también", author="leo")

    page = ADAPTER.interactions(office, "")

    assert [
        (one.remote_id, one.author_handle, one.text, one.parent_id, one.root_id)
        for one in page.items
    ] == [
        (comment["id"], "ana", "¿Precio?", post.remote_id, post.remote_id),
        (answer["id"], "leo", "Yo también", comment["id"], post.remote_id),
    ]
    assert {one.kind for one in page.items} == {"comment"}
    assert page.items[0].permalink == post.permalink
    assert 0 < len(page.cursor) <= 300


def test_the_cursor_loses_nothing_and_leaves_out_what_is_old(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    old = instagram.post("comments", parent=post.remote_id, text="Uno")["id"]
    cursor = ADAPTER.interactions(office, "").cursor
    instagram.mode(clock_offset=3 * 86_400)
    answer = instagram.post("comments", parent=old, text="Dos")["id"]

    second = ADAPTER.interactions(office, cursor)
    third = ADAPTER.interactions(office, second.cursor)

    assert [one.remote_id for one in second.items] == [old, answer]
    assert [one.remote_id for one in third.items] == [answer]
    assert third.cursor == second.cursor


def test_more_comments_and_answers_than_one_page(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    made = [
        instagram.post("comments", parent=post.remote_id, text=f"c{n}")["id"] for n in range(60)
    ]
    made += [instagram.post("comments", parent=made[0], text=f"a{n}")["id"] for n in range(60)]

    page = ADAPTER.interactions(office, "")

    assert {one.remote_id for one in page.items} == set(made)


def test_a_post_without_comments_costs_no_request(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    page = ADAPTER.interactions(office, "")

    assert (page.items, page.cursor) == ((), "")
    assert instagram.requests("interactions") == 0


def test_an_answer_goes_below_the_comment(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    comment = instagram.post("comments", parent=post.remote_id, text="¿Precio?")["id"]
    below = instagram.post("comments", parent=comment, text="¿Y?", author="leo")["id"]
    items = {one.remote_id: one for one in ADAPTER.interactions(office, "").items}

    for remote_id, text in ((comment, "10 €"), (below, "20 €")):
        item = items[remote_id]
        parent = RemoteRef(item.remote_id, item.data)
        receipt = out(ADAPTER, office, draft(text, parent=parent, root=ref(post)))
        assert receipt.data == {"kind": "comment"}

    # Instagram has one level of answers only: the second names who it is for.
    assert [(one["text"], one["parent_id"]) for one in instagram.posts()[1:]] == [
        ("10 €", comment),
        ("@leo 20 €", comment),
    ]


def test_a_lost_answer_to_a_comment_is_found(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    instagram.post("comments", parent=post.remote_id, text="¿Precio?")
    (item,) = ADAPTER.interactions(office, "").items
    payload = ADAPTER.prepare(
        office, draft("10 €", parent=RemoteRef(item.remote_id, item.data), root=ref(post))
    )
    instagram.fault("publish", "reset_after_accept")

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)

    assert looked(ADAPTER, office, payload).verdict == "found"
