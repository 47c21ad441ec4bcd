"""Counters of Instagram: late, empty, with a name that is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from socialhub.platforms.base import GONE, Connection, Metrics, Receipt, RemoteRef
from socialhub.platforms.errors import RateLimited
from socialhub.platforms.meta import containers
from socialhub.tests.platforms.fetching import Pictures, draft, out
from socialhub.tests.platforms.instagram.conftest import ADAPTER
from socialhub.tests.support.standin.client import Server

NUMBERS = {"views": 900, "reach": 700, "saved": 5, "shares": 3, "likes": 40}


@pytest.fixture
def post(
    instagram: Server, office: Connection, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> Receipt:
    monkeypatch.setattr(containers, "FIRST_PAUSE", 0.01)
    made = out(ADAPTER, office, draft(media=(pictures.file(),)))
    instagram.post("metrics", id=made.remote_id, **NUMBERS)
    return made


def counted(office: Connection, remote_id: str) -> object:
    return ADAPTER.metrics(office, [remote_id])[remote_id]


ALL = Metrics(likes=40, comments=0, shares=3, impressions=900, reach=700, saves=5)


def test_all_counters(office: Connection, post: Receipt) -> None:
    assert counted(office, post.remote_id) == ALL


def test_an_empty_answer_is_not_zero(instagram: Server, office: Connection, post: Receipt) -> None:
    instagram.mode(insights="empty")

    # The post itself knows these two at once.
    assert counted(office, post.remote_id) == Metrics(likes=40, comments=0)


def test_too_few_viewers_is_not_zero(instagram: Server, office: Connection, post: Receipt) -> None:
    instagram.mode(insights="few")

    assert counted(office, post.remote_id) == Metrics(likes=40, comments=0)
    assert office.findings.learned == {}


def test_a_metric_that_is_gone_is_switched_off_and_the_others_answer(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    instagram.mode(gone_metrics=["saved"])
    expected = replace(ALL, saves=None)

    first = counted(office, post.remote_id)
    learned = dict(office.findings.learned)
    later = replace(office, options={**office.options, **learned})
    asked = instagram.requests("metrics")
    second = counted(later, post.remote_id)

    today = datetime.now(UTC).date()
    assert (first, second) == (expected, expected)
    assert learned == {"metrics_off": {"saved": today.isoformat()}}
    # The post and its insights: nothing is asked for in vain.
    assert instagram.requests("metrics") == asked + 2
    checks = {one.code: one for one in ADAPTER.doctor(later)}
    assert (checks["metrics_off"].ok, checks["metrics_off"].detail) == (False, "saved")


def test_after_a_week_it_is_tried_again(office: Connection, post: Receipt) -> None:
    week_ago = (datetime.now(UTC) - timedelta(days=8)).date().isoformat()
    later = replace(office, options={"metrics_off": {"saved": week_ago}})

    assert counted(later, post.remote_id) == ALL


def test_our_own_comment_has_likes_and_answers(
    instagram: Server, office: Connection, post: Receipt
) -> None:
    parent = RemoteRef(post.remote_id, post.data)
    comment = out(ADAPTER, office, draft("Dos", parent=parent, root=parent))
    instagram.post("comments", parent=comment.remote_id, text="¡Bien!")
    instagram.post("metrics", id=comment.remote_id, likes=4)

    found = ADAPTER.metrics(office, [post.remote_id, comment.remote_id])

    assert found[comment.remote_id] == Metrics(likes=4, comments=1, replies=1)
    assert found[post.remote_id] == replace(ALL, comments=2)
    assert office.findings.learned == {}


def test_a_post_that_is_gone(instagram: Server, office: Connection, post: Receipt) -> None:
    instagram.post("delete", id=post.remote_id)

    assert ADAPTER.metrics(office, [post.remote_id, "42"]) == {post.remote_id: GONE, "42": GONE}


def test_what_was_read_before_a_limit_is_kept(
    instagram: Server, office: Connection, post: Receipt, pictures: Pictures
) -> None:
    other = out(ADAPTER, office, draft("Otra", media=(pictures.file(),)))
    # Two requests per post.
    instagram.fault("metrics", "rate_limited", retry_after=600, skip=2, times=2)

    found = ADAPTER.metrics(office, [post.remote_id, other.remote_id])
    with pytest.raises(RateLimited) as caught:
        ADAPTER.metrics(office, [post.remote_id])

    assert found == {post.remote_id: ALL}
    assert caught.value.retry_at is not None
    assert caught.value.retry_at > datetime.now(UTC) + timedelta(minutes=9)
