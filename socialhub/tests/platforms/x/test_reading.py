"""Counters, mentions and what reading them costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from socialhub.platforms.base import GONE, Audience, Connection, Metrics
from socialhub.platforms.x.prices import PRICES
from socialhub.tests.platforms.x.conftest import ADAPTER, fresh, publish
from socialhub.tests.support.standin.client import Server

COUNTED = {
    "like_count": 5,
    "reply_count": 4,
    "retweet_count": 3,
    "quote_count": 2,
    "bookmark_count": 6,
    "impression_count": 900,
    "url_link_clicks": 7,
}
TOLD = Metrics(
    likes=5, comments=4, replies=4, shares=5, quotes=2, saves=6, impressions=900, clicks=7
)


def test_counters_of_a_young_post_include_clicks(here: Connection, server: Server) -> None:
    post_id = publish(here, "Counted")
    server.post("metrics", id=post_id, **COUNTED)

    assert ADAPTER.metrics(here, [post_id]) == {post_id: TOLD}


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_counters_are_the_same_in_both_vocabularies(
    here: Connection, server: Server, words: str
) -> None:
    post_id = publish(here, "Counted")
    server.post("metrics", id=post_id, **COUNTED)

    assert ADAPTER.metrics(fresh(here, field_names=words), [post_id]) == {post_id: TOLD}


def test_an_old_post_is_asked_without_private_counters(here: Connection, server: Server) -> None:
    young = publish(here, "Young")
    old = server.post("write", account="office", text="Old", days_ago=40)["id"]
    for post_id in (young, old):
        server.post("metrics", id=post_id, **COUNTED)

    found = ADAPTER.metrics(here, [old, young])

    assert found[young] == TOLD
    assert found[old] == Metrics(
        likes=5, comments=4, replies=4, shares=5, quotes=2, saves=6, impressions=900, clicks=None
    )
    assert server.requests("metrics") == 2


def test_a_post_whose_private_counters_are_not_ours_keeps_its_public_ones(
    here: Connection, server: Server
) -> None:
    ours = publish(here, "Ours")
    theirs = server.post("comments", text="Theirs", author="ana")["id"]
    for post_id in (ours, theirs):
        server.post("metrics", id=post_id, **COUNTED)

    found = ADAPTER.metrics(here, [ours, theirs])

    assert found[ours] == TOLD
    assert isinstance(found[theirs], Metrics)
    assert (found[theirs].likes, found[theirs].clicks) == (5, None)


def test_private_counters_refused_as_a_whole_are_left_out_for_a_week(
    here: Connection, server: Server
) -> None:
    server.mode(private_metrics=False)
    post_id = publish(here, "Counted")
    server.post("metrics", id=post_id, **COUNTED)
    there = fresh(here)

    first = ADAPTER.metrics(there, [post_id])
    learned = there.findings.learned
    asked = server.requests("metrics")
    second = ADAPTER.metrics(fresh(here, **learned), [post_id])
    since = datetime.now(UTC).date() - timedelta(days=7)
    server.mode(private_metrics=True)
    third = ADAPTER.metrics(
        fresh(here, metrics_off={"non_public_metrics": since.isoformat()}), [post_id]
    )

    assert learned["metrics_off"] == {"non_public_metrics": datetime.now(UTC).date().isoformat()}
    assert first == second
    assert first[post_id] != TOLD
    assert asked == 2
    assert third[post_id] == TOLD
    assert server.requests("metrics") == 4


def test_a_deleted_post_is_gone_and_the_rest_is_told(here: Connection, server: Server) -> None:
    kept, deleted = publish(here, "Kept"), publish(here, "Deleted")
    server.post("delete", id=deleted)
    alone = fresh(here)

    assert ADAPTER.metrics(here, [kept, deleted])[deleted] == GONE
    assert isinstance(ADAPTER.metrics(here, [kept, deleted])[kept], Metrics)
    assert ADAPTER.metrics(alone, [deleted]) == {deleted: GONE}
    assert alone.findings.charged == {}


def test_a_hundred_posts_are_one_request(here: Connection, server: Server) -> None:
    ids = [
        server.post("write", account="office", text=f"Post {number}")["id"] for number in range(101)
    ]

    found = ADAPTER.metrics(here, ids)

    assert set(found) == set(ids)
    assert server.requests("metrics") == 2
    assert here.findings.charged["post_read"] == 101


def test_a_window_that_is_nearly_used_up_slows_down(here: Connection, server: Server) -> None:
    post_id = publish(here, "Counted")
    server.mode(limits={"metrics": 5})
    slow = []
    for _ in range(4):
        there = fresh(here)
        ADAPTER.metrics(there, [post_id])
        slow.append(there.findings.slow_until)

    assert slow[:3] == [None, None, None]
    assert slow[3] is not None
    assert timedelta(0) < slow[3] - datetime.now(UTC) <= timedelta(minutes=15)


def test_followers_are_told_in_both_vocabularies(here: Connection, server: Server) -> None:
    publish(here, "One")
    expected = Audience(followers=1234, following=56, posts=1)

    assert ADAPTER.audience(here) == expected
    server.mode(words="post")
    assert ADAPTER.audience(here) == expected


# -- what it costs -----------------------------------------------------------------


def test_what_we_count_is_what_x_charges_on_the_first_reading(
    here: Connection, server: Server
) -> None:
    post_id = publish(here, "Charged")
    server.post("comments", text="@office hello", author="ana")
    before = Decimal(server.get("charged")["usd"])
    there = fresh(here)

    ADAPTER.metrics(there, [post_id])
    ADAPTER.interactions(there, "")

    spent = Decimal(server.get("charged")["usd"]) - before
    assert PRICES.cost(there.findings.charged) == spent == Decimal("0.020")


def test_our_own_profile_is_counted_once_a_day(here: Connection, server: Server) -> None:
    first = fresh(here)
    ADAPTER.newest_own_id(first)
    ADAPTER.audience(first)
    later = fresh(here, **first.findings.learned)
    ADAPTER.newest_own_id(later)

    assert first.findings.charged == {"user_read": 1}
    assert later.findings.charged == {}
    assert server.get("charged")["user_read"] == 1


def test_the_lower_price_of_own_things_needs_the_word_of_the_operator(
    here: Connection, server: Server
) -> None:
    server.post("comments", text="@office hello", author="ana")
    usual, owned = fresh(here), fresh(here, owned_reads=True)

    ADAPTER.interactions(usual, "")
    ADAPTER.interactions(owned, "")

    assert usual.findings.charged == {"post_read": 1, "user_read": 1}
    assert owned.findings.charged == {"owned_read": 1, "user_read": 1}


# -- mentions ----------------------------------------------------------------------


def test_mentions_and_answers_say_who_and_what(here: Connection, server: Server) -> None:
    post_id = publish(here, "Ours")
    server.post("comments", text="Hi @office & <all>: example.com", author="ana")
    answer = server.post("comments", text="@office how much?", author="ben", parent=post_id)
    server.post("comments", text="@office look", author="eva", quoted=post_id)
    publish(here, "@office is us")

    page = ADAPTER.interactions(here, "")

    assert [(i.kind, i.author_handle, i.text, i.parent_id) for i in page.items] == [
        ("mention", "ana", "Hi @office & <all>: http://example.com", ""),
        ("comment", "ben", "@office how much?", post_id),
        ("quote", "eva", "@office look", post_id),
    ]
    second = page.items[1]
    assert (second.remote_id, second.root_id) == (answer["id"], post_id)
    assert second.permalink == f"https://x.com/ben/status/{answer['id']}"


def test_only_what_is_new_is_read_and_paid(here: Connection, server: Server) -> None:
    server.post("comments", text="@office one", author="ana")
    cursor = ADAPTER.interactions(here, "").cursor
    server.post("comments", text="@office two", author="ana")
    there = fresh(here)

    page = ADAPTER.interactions(there, cursor)
    nothing = ADAPTER.interactions(fresh(here), page.cursor)

    assert [item.text for item in page.items] == ["@office two"]
    assert there.findings.charged == {"post_read": 1, "user_read": 1}
    assert (nothing.items, nothing.cursor) == ((), page.cursor)


def test_the_first_look_back_is_short(here: Connection, server: Server) -> None:
    for number in range(30):
        server.post("comments", text=f"@office {number}", author="ana")

    page = ADAPTER.interactions(here, "")

    assert [item.text for item in page.items] == [f"@office {number}" for number in range(10, 30)]
    assert server.requests("interactions") == 1


def test_a_flood_is_read_over_several_calls_and_none_is_lost(
    here: Connection, server: Server
) -> None:
    server.post("comments", text="@office first", author="ana")
    cursor = ADAPTER.interactions(here, "").cursor
    for number in range(620):
        server.post("comments", text=f"@office {number}", author="ana")
    seen: set[str] = set()

    for _ in range(3):
        page = ADAPTER.interactions(here, cursor)
        seen |= {item.text for item in page.items}
        cursor = page.cursor
        assert len(cursor) <= 300
        if "|" in cursor:
            # They go on writing while we catch up.
            server.post("comments", text="@office late", author="ana")

    assert seen == {*(f"@office {number}" for number in range(620)), "@office late"}
    assert "|" not in cursor
