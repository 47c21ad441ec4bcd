"""Counters and comments of others."""

from __future__ import annotations

from typing import Any

import pytest

from socialhub.platforms.base import GONE, Connection, Metrics, RemoteRef
from socialhub.platforms.errors import RateLimited, Unavailable
from socialhub.platforms.linkedin import inbox
from socialhub.tests.platforms.linkedin.conftest import ADAPTER, draft, picture
from socialhub.tests.support.standin.client import Server


def publish(page: Connection, text: str = "Hola", **more: Any) -> Any:
    return ADAPTER.commit(page, ADAPTER.prepare(page, draft(text, **more)))


def texts(page: Connection, cursor: str = "") -> tuple[list[str], str]:
    found = ADAPTER.interactions(page, cursor)
    assert len(found.cursor) <= 300
    return [item.text for item in found.items], found.cursor


# -- counters -----------------------------------------------------------------------------


def test_counters_of_both_kinds_of_posts_and_of_comments(
    linkedin: Server, page: Connection
) -> None:
    share = publish(page, "Una")
    album = publish(page, "Dos", media=(picture(), picture()))
    part = publish(page, "Tres", parent=RemoteRef(share.remote_id, share.data))
    gone = publish(page, "Cuatro")
    linkedin.post("delete", id=gone.remote_id)
    linkedin.post(
        "metrics", id=share.remote_id, likes=3, shares=2, impressions=90, reach=70, clicks=5
    )
    linkedin.post("metrics", id=album.remote_id, likes=1)
    linkedin.post("metrics", id=part.remote_id, likes=4)
    ids = [r.remote_id for r in (share, album, part, gone)]

    found = ADAPTER.metrics(page, ids)

    assert found == {
        share.remote_id: Metrics(likes=3, comments=1, shares=2, impressions=90, reach=70, clicks=5),
        album.remote_id: Metrics(likes=1, comments=0, shares=0, impressions=0, reach=0, clicks=0),
        # A comment has no more than this; None, never 0.
        part.remote_id: Metrics(likes=4, comments=0),
        gone.remote_id: GONE,
    }


def test_a_post_without_statistics_yet(linkedin: Server, page: Connection) -> None:
    linkedin.mode(no_statistics=True)
    post = publish(page)
    linkedin.post("metrics", id=post.remote_id, likes=2)

    found = ADAPTER.metrics(page, [post.remote_id])

    assert found == {post.remote_id: Metrics(likes=2, comments=0)}


def test_comments_one_by_one_where_there_is_no_list(linkedin: Server, page: Connection) -> None:
    linkedin.mode(no_batch=True)
    post = publish(page)
    part = publish(page, "Dos", parent=RemoteRef(post.remote_id))
    gone = publish(page, "Tres", parent=RemoteRef(post.remote_id))
    linkedin.post("delete", id=gone.remote_id)

    found = ADAPTER.metrics(page, [part.remote_id, gone.remote_id])

    assert found == {part.remote_id: Metrics(likes=0, comments=0), gone.remote_id: GONE}


def test_as_many_calls_as_batches(linkedin: Server, page: Connection) -> None:
    ids = [publish(page, f"Texto {number}").remote_id for number in range(25)]

    found = ADAPTER.metrics(page, ids)

    assert set(found) == set(ids)
    assert linkedin.requests("metrics") == 2
    assert linkedin.requests("summary") == 0


def test_what_was_read_before_a_limit_is_kept(linkedin: Server, page: Connection) -> None:
    ids = [publish(page, f"Texto {number}").remote_id for number in range(21)]
    linkedin.fault("metrics", "rate_limited", skip=1)

    assert set(ADAPTER.metrics(page, ids)) == set(ids[:20])

    for fault, error in (("rate_limited", RateLimited), ("500_before", Unavailable)):
        linkedin.fault("metrics", fault)
        with pytest.raises(error):
            ADAPTER.metrics(page, ids)


# -- comments of others -------------------------------------------------------------------


def test_comments_of_others_with_what_an_answer_needs(linkedin: Server, page: Connection) -> None:
    linkedin.mode(names=True)
    post = publish(page)
    linkedin.post("comments", parent=post.remote_id, text="¿Precio?", author="ana", name="Ana Gil")

    [item] = ADAPTER.interactions(page, "").items

    assert (item.kind, item.author_handle, item.author_name) == ("comment", "ana", "Ana Gil")
    assert (item.parent_id, item.root_id) == (post.remote_id, post.remote_id)
    assert item.data["comment"] == item.remote_id
    assert item.data["author"] == "urn:li:person:ana"
    assert item.permalink.startswith(post.permalink)


def test_own_comments_are_left_out_and_answers_to_them_are_not(
    linkedin: Server, page: Connection
) -> None:
    post = publish(page)
    part = publish(page, "Dos", parent=RemoteRef(post.remote_id, post.data))
    linkedin.post("comments", parent=part.remote_id, text="¿Y tres?")

    [item] = ADAPTER.interactions(page, "").items

    assert item.text == "¿Y tres?"
    # It is for that part of the series.
    assert (item.parent_id, item.root_id) == (part.remote_id, post.remote_id)


def test_only_posts_with_new_comments_are_read(linkedin: Server, page: Connection) -> None:
    posts = [publish(page, f"Texto {number}") for number in range(3)]
    for post in posts[:2]:
        linkedin.post("comments", parent=post.remote_id, text="Uno")
    found, cursor = texts(page)
    assert found == ["Uno", "Uno"]
    assert linkedin.requests("interactions") == 2

    found, cursor = texts(page, cursor)
    assert found == []
    assert linkedin.requests("interactions") == 2

    linkedin.post("comments", parent=posts[1].remote_id, text="Dos")
    found, cursor = texts(page, cursor)
    assert "Dos" in found
    assert linkedin.requests("interactions") == 3


def test_a_sweep_finds_what_the_count_hides(linkedin: Server, page: Connection) -> None:
    post = publish(page)
    old = linkedin.post("comments", parent=post.remote_id, text="Uno")
    _, cursor = texts(page)
    linkedin.post("delete", id=old["id"])
    linkedin.post("comments", parent=post.remote_id, text="Dos")

    assert texts(page, cursor)[0] == []
    # As if the last sweep had been long ago.
    assert texts(page, "0;" + cursor.partition(";")[2])[0] == ["Dos"]


def test_a_read_that_fails_is_made_up_for(linkedin: Server, page: Connection) -> None:
    posts = [publish(page, f"Texto {number}") for number in range(2)]
    for post in posts:
        linkedin.post("comments", parent=post.remote_id, text=f"A {post.remote_id}")
    linkedin.fault("interactions", "500_before")

    first, cursor = texts(page)
    second, _ = texts(page, cursor)

    assert len(first) == 1
    assert set(first) | set(second) == {f"A {post.remote_id}" for post in posts}


def test_a_cursor_never_grows_too_long() -> None:
    counts = {f"x{number:03}": number**3 for number in range(200)}

    cursor = inbox._written(inbox.datetime.now(inbox.UTC), counts)

    assert 250 < len(cursor) <= 300
    _, read = inbox._read(cursor)
    assert read.items() <= counts.items()


@pytest.mark.parametrize("cursor", ["", "nonsense", ";", "zz;a.b.c", "!;x.1"])
def test_a_cursor_that_cannot_be_read_starts_again(
    linkedin: Server, page: Connection, cursor: str
) -> None:
    post = publish(page)
    linkedin.post("comments", parent=post.remote_id, text="Uno")

    assert texts(page, cursor)[0] == ["Uno"]
