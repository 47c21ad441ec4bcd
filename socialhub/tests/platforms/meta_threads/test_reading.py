"""Counters of Threads, and what others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from socialhub.platforms.base import GONE, Connection, Metrics, RemoteRef
from socialhub.platforms.errors import PermissionDenied
from socialhub.tests.platforms.fetching import draft, out
from socialhub.tests.platforms.meta_threads.conftest import ADAPTER
from socialhub.tests.platforms.meta_threads.test_connecting import as_connection, granted
from socialhub.tests.support.standin.client import Server

NUMBERS = {"views": 900, "likes": 40, "reposts": 5, "quotes": 2, "shares": 3}


@pytest.fixture
def post(threads: Server, office: Connection) -> RemoteRef:
    receipt = out(ADAPTER, office, draft("Uno"))
    threads.post("metrics", id=receipt.remote_id, **NUMBERS)
    return RemoteRef(receipt.remote_id, receipt.data)


def counted(office: Connection, remote_id: str) -> object:
    return ADAPTER.metrics(office, [remote_id])[remote_id]


ALL = Metrics(likes=40, comments=0, shares=10, impressions=900, replies=0, quotes=2)


def test_all_counters(threads: Server, office: Connection, post: RemoteRef) -> None:
    threads.post("replies", parent=post.remote_id, text="¡Hola!")

    assert counted(office, post.remote_id) == replace(ALL, comments=1, replies=1)


def test_an_empty_answer_is_not_zero(threads: Server, office: Connection, post: RemoteRef) -> None:
    threads.mode(insights="empty")

    assert counted(office, post.remote_id) == Metrics()


def test_a_metric_that_is_gone_is_switched_off_and_the_others_answer(
    threads: Server, office: Connection, post: RemoteRef
) -> None:
    threads.mode(gone_metrics=["shares", "quotes"])

    found = counted(office, post.remote_id)
    later = replace(office, options={**office.options, **office.findings.learned})
    asked = threads.requests("metrics")
    again = counted(later, post.remote_id)

    assert found == again == replace(ALL, shares=5, quotes=None)
    today = datetime.now(UTC).date().isoformat()
    assert office.findings.learned["metrics_off"] == {"shares": today, "quotes": today}
    assert threads.requests("metrics") == asked + 1


def test_a_post_that_is_gone(threads: Server, office: Connection, post: RemoteRef) -> None:
    threads.post("delete", id=post.remote_id)

    assert counted(office, post.remote_id) == GONE


# -- what others wrote ---------------------------------------------------------------------


def test_replies_at_any_depth_and_mentions(
    threads: Server, office: Connection, post: RemoteRef
) -> None:
    first = threads.post("replies", parent=post.remote_id, text="¿Precio?", author="ana")["id"]
    own = out(ADAPTER, office, draft("Dos", parent=post, root=post))
    deep = threads.post("replies", parent=own.remote_id, text="Gracias", author="leo")["id"]
    named = threads.post("mentions", account="office", text="Ved @office", author="eva")["id"]

    page = ADAPTER.interactions(office, "")

    assert [
        (one.remote_id, one.kind, one.author_handle, one.parent_id, one.root_id)
        for one in page.items
    ] == [
        (first, "comment", "ana", post.remote_id, post.remote_id),
        (deep, "comment", "leo", own.remote_id, post.remote_id),
        (named, "mention", "eva", "", ""),
    ]
    assert page.items[0].permalink.endswith(first)
    assert 0 < len(page.cursor) <= 300


def test_the_cursor_loses_nothing_and_leaves_out_what_is_old(
    threads: Server, office: Connection, post: RemoteRef
) -> None:
    old = threads.post("replies", parent=post.remote_id, text="Uno")["id"]
    cursor = ADAPTER.interactions(office, "").cursor
    threads.mode(clock_offset=3 * 86_400)
    new = threads.post("replies", parent=old, text="Dos")["id"]

    second = ADAPTER.interactions(office, cursor)
    third = ADAPTER.interactions(office, second.cursor)

    assert [one.remote_id for one in second.items] == [old, new]
    assert [one.remote_id for one in third.items] == [new]


def test_more_replies_than_one_page(threads: Server, office: Connection, post: RemoteRef) -> None:
    made = {threads.post("replies", parent=post.remote_id, text=f"r{n}")["id"] for n in range(120)}

    assert {one.remote_id for one in ADAPTER.interactions(office, "").items} == made


def test_an_answer_is_a_reply(threads: Server, office: Connection, post: RemoteRef) -> None:
    threads.post("replies", parent=post.remote_id, text="¿Precio?")
    (item,) = ADAPTER.interactions(office, "").items

    out(ADAPTER, office, draft("10 €", parent=RemoteRef(item.remote_id, item.data), root=post))

    assert threads.posts()[-1]["parent_id"] == item.remote_id


def test_without_the_right_to_read_replies(threads: Server, post: RemoteRef) -> None:
    threads.post("consent", scopes=["threads_basic", "threads_content_publish"])
    threads.post("replies", parent=post.remote_id, text="¿Precio?")
    here = as_connection(threads, granted(threads))

    with pytest.raises(PermissionDenied, match="threads_read_replies"):
        ADAPTER.interactions(here, "")
    with pytest.raises(PermissionDenied, match="threads_manage_insights"):
        ADAPTER.metrics(here, [post.remote_id])
