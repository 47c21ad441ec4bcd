"""Counters, what others write, and the doctor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from socialhub.platforms.base import GONE, Audience, Connection, Metrics, RemoteRef
from socialhub.platforms.errors import RateLimited
from socialhub.platforms.facebook import login
from socialhub.tests.platforms.facebook.conftest import ADAPTER, published
from socialhub.tests.support.standin.client import Server

NUMBERS = {
    "likes": 7,
    "shares": 2,
    "post_media_view": 900,
    "post_total_media_view_unique": 640,
    "post_clicks": 31,
}


def checks(page: Connection) -> dict[str, Any]:
    return {check.code: check for check in ADAPTER.doctor(page)}


def test_every_counter(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.post("metrics", id=post, **NUMBERS)
    asked = facebook.post("comments", parent=post, text="¿Precio?")["id"]
    facebook.post("comments", parent=asked, text="Eso")

    found = ADAPTER.metrics(page, [post])

    assert found[post] == Metrics(
        likes=7, comments=2, shares=2, impressions=900, reach=640, clicks=31
    )


def test_fifty_posts_in_one_call(facebook: Server, page: Connection) -> None:
    posts = [facebook.post("mine", account="office", text=f"{n}")["id"] for n in range(51)]

    found = ADAPTER.metrics(page, posts)

    assert set(found) == set(posts)
    assert facebook.requests("metrics") == 2


def test_parts_that_are_comments(facebook: Server, page: Connection) -> None:
    post = RemoteRef(published(page))
    part = published(page, "Dos", parent=post, root=post)
    facebook.post("metrics", id=part, likes=3)
    facebook.post("comments", parent=part, text="Sí")

    assert ADAPTER.metrics(page, [part]) == {part: Metrics(likes=3, comments=1)}


def test_a_post_that_is_gone_spoils_nothing(facebook: Server, page: Connection) -> None:
    kept, gone = published(page, "Uno"), published(page, "Dos")
    facebook.post("metrics", id=kept, **NUMBERS)
    facebook.post("delete", id=gone)

    found = ADAPTER.metrics(page, [kept, gone])

    assert found[gone] == GONE
    assert isinstance(found[kept], Metrics)
    assert found[kept].reach == 640


def test_a_page_below_a_hundred_likes_has_no_insights(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.post("metrics", id=post, **NUMBERS)
    facebook.mode(fans=99)

    assert ADAPTER.metrics(page, [post]) == {post: Metrics(likes=7, comments=0, shares=2)}
    assert not checks(page)["insights"].ok
    assert checks(page)["insights"].detail == "99 / 100"


def test_a_metric_that_is_gone_takes_no_other_with_it(facebook: Server, page: Connection) -> None:
    posts = [published(page, "Uno"), published(page, "Dos")]
    facebook.post("metrics", id=posts[0], **NUMBERS)
    facebook.mode(gone_metrics=["post_clicks"])

    found = ADAPTER.metrics(page, posts)

    assert found[posts[0]] == Metrics(likes=7, comments=0, shares=2, impressions=900, reach=640)
    assert isinstance(found[posts[1]], Metrics)
    assert page.findings.learned == {
        "metrics_off": {"post_clicks": datetime.now(UTC).date().isoformat()}
    }


def test_a_metric_stays_off_for_a_week(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.mode(gone_metrics=["post_clicks"])
    today = datetime.now(UTC).date()

    def asked(failed: date) -> int:
        off = {"metrics_off": {"post_clicks": failed.isoformat()}}
        before = facebook.requests("metrics")
        ADAPTER.metrics(replace(page, options={**page.options, **off}), [post])
        return facebook.requests("metrics") - before

    assert asked(today - timedelta(days=6)) == 1
    # The bulk call, all names, each name, the bulk call.
    assert asked(today - timedelta(days=7)) == 6


def test_without_the_right_to_insights_the_rest_is_read(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.post("metrics", id=post, **NUMBERS)
    scopes = [scope for scope in login.SCOPES if scope != "read_insights"]

    found = ADAPTER.metrics(replace(page, options={**page.options, "scopes": scopes}), [post])

    assert found == {post: Metrics(likes=7, comments=0, shares=2)}


def test_headers_ask_to_slow_down(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.mode(usage=79)
    ADAPTER.metrics(page, [post])
    assert page.findings.slow_until is None
    facebook.mode(usage=80)

    ADAPTER.metrics(page, [post])

    assert page.findings.slow_until is not None
    assert page.findings.slow_until > datetime.now(UTC) + timedelta(minutes=9)
    assert not checks(page)["limits"].ok


def test_a_limit_while_reading(facebook: Server, page: Connection) -> None:
    facebook.fault("metrics", "rate_limited", retry_after=120)

    with pytest.raises(RateLimited):
        ADAPTER.metrics(page, [f"{page.remote_id}_1"])


def test_followers(page: Connection) -> None:
    assert ADAPTER.audience(page) == Audience(followers=253)


# -- what others write ---------------------------------------------------------------


def test_comments_tags_and_nobodys_own(facebook: Server, page: Connection) -> None:
    post = RemoteRef(published(page))
    published(page, "Dos", parent=post, root=post)
    first = facebook.post("comments", parent=post.remote_id, text="¿Precio?", author="ana")["id"]
    answer = facebook.post("comments", parent=first, text="Eso", author="bea")["id"]
    tag = facebook.post("tags", account="office", text="Buena tienda", author="eva")["id"]

    items = ADAPTER.interactions(page, "").items

    seen = {
        one.remote_id: (one.kind, one.author_name, one.text, one.parent_id, one.root_id)
        for one in items
    }
    assert seen == {
        first: ("comment", "Ana", "¿Precio?", post.remote_id, post.remote_id),
        answer: ("comment", "Bea", "Eso", first, post.remote_id),
        tag: ("mention", "Eva", "Buena tienda", "", ""),
    }


def test_a_comment_whose_author_is_not_told(facebook: Server, page: Connection) -> None:
    facebook.post("comments", parent=published(page), text="Hola", hidden_author=True)

    (item,) = ADAPTER.interactions(page, "").items

    assert (item.author_handle, item.author_name, item.text) == ("", "", "Hola")


def test_none_is_lost_however_many(facebook: Server, page: Connection) -> None:
    old, new = published(page, "Uno"), published(page, "Dos")
    cursor = ADAPTER.interactions(page, "").cursor
    made = {
        facebook.post("comments", parent=post, text=f"{n}")["id"]
        for post in (old, new)
        for n in range(60)
    }

    first = ADAPTER.interactions(page, cursor)
    later = facebook.post("comments", parent=old, text="Más tarde")["id"]
    second = ADAPTER.interactions(page, first.cursor)

    assert {item.remote_id for item in first.items} == made
    assert later in {item.remote_id for item in second.items}
    assert 0 < len(second.cursor) <= 300


def test_only_what_is_new_comes_again(facebook: Server, page: Connection) -> None:
    post = published(page)
    facebook.post("comments", parent=post, text="Vieja")
    facebook.mode(clock_offset=3_600)
    new = facebook.post("comments", parent=post, text="Nueva")["id"]

    cursor = ADAPTER.interactions(page, "").cursor

    assert [item.remote_id for item in ADAPTER.interactions(page, cursor).items] == [new]


# -- the doctor ------------------------------------------------------------------------


def test_all_is_well(page: Connection) -> None:
    found = ADAPTER.doctor(page)

    assert [check.code for check in found if not check.ok] == []
    assert [check.code for check in found] == [
        "reachable",
        "token",
        "rights",
        "page_role",
        "insights",
        "limits",
        "api_version",
    ]


@pytest.mark.parametrize(("subcode", "lost"), [(458, False), (460, False), (492, True)])
def test_a_login_that_was_taken_away(
    facebook: Server, page: Connection, subcode: int, lost: bool
) -> None:
    facebook.post("revoke", account="office", subcode=subcode)

    found = checks(page)

    assert found["reachable"].ok
    assert not found["token"].ok
    assert ("page_role" in found) == lost


def test_an_old_version_and_a_metric_that_is_off(page: Connection) -> None:
    off = {"post_clicks": datetime.now(UTC).date().isoformat()}
    options = {**page.options, "api_version": "v19.0", "metrics_off": off}

    found = checks(replace(page, options=options))

    assert not found["api_version"].ok
    assert (found["metrics_off"].ok, found["metrics_off"].detail) == (False, "post_clicks")
