"""What keeps a look from counting, and what ends a test without a result."""

from __future__ import annotations

import pytest

from analytics.models import PublicationStats
from analytics.services import collecting
from experiments.models import ABTest, ABTestState, Design, MetricKind, Outcome
from experiments.services import counting, evaluating, following
from experiments.tests.evidence.driving import DAY, HOUR, START, read, running, show
from socialhub.models import Account, Publication
from socialhub.platforms.base import GONE, Metrics
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def _pair(**fields) -> tuple[ABTest, Publication, Publication]:
    test = running(**fields)
    return test, show(test, "A", START), show(test, "B", START)


def _numbers(likes: int, shown: int | None) -> Metrics:
    return Metrics(likes=likes, comments=0, shares=0, saves=0, impressions=shown)


def test_impressions_that_lag_behind_are_waited_for():
    test, a, b = _pair(kind=MetricKind.PROPORTION)
    at = START + 2 * DAY
    read(at, {a: _numbers(300, 10_000), b: _numbers(300, 200)})

    look = evaluating.evaluate(test, at)

    assert (look.state, look.reason) == ("insufficient_data", "impressions_lag")
    assert look.counts == [[300, 10_000], [300, 200]]
    assert look.log10_p is None


def test_missing_impressions_stay_unknown():
    test, a, b = _pair()
    at = START + 2 * DAY
    read(at, {a: _numbers(300, 10_000), b: _numbers(300, None)})

    look = evaluating.evaluate(test, at)

    assert look.counts == [[300, 10_000], [300, None]]
    assert (look.state, look.reason) == ("insufficient_data", "impressions_lag")


def test_old_readings_are_not_judged():
    test, a, b = _pair()
    read(START + 2 * DAY, {a: _numbers(300, 10_000), b: _numbers(600, 10_000)})

    look = evaluating.evaluate(test, START + 2 * DAY + 3 * HOUR)

    assert look.reason == "stale"
    assert look.synced_at == START + 2 * DAY


def test_counters_that_fall_are_no_error():
    test, a, b = _pair()
    for hour, likes in enumerate((500, 480, 510)):
        at = START + 2 * DAY + hour * HOUR
        read(at, {a: _numbers(likes, 10_000 + hour), b: _numbers(400, 10_000 + hour)})
        look = evaluating.evaluate(test, at)
        assert look.counts[0] == [likes, 10_000 + hour]

    assert look.state == "insufficient_data"
    assert look.reason == "few_looks"


def test_nobody_waits_for_ever_for_an_account_that_is_not_read():
    test, a, b = _pair()
    read(START + DAY, {a: _numbers(300, 10_000), b: _numbers(300, 10_000)})

    evaluating.evaluate(test, START + 15 * DAY)
    assert test.state == ABTestState.RUNNING
    evaluating.evaluate(test, START + 21 * DAY)

    assert (test.outcome, test.reason) == (Outcome.INCONCLUSIVE, "stale")


def test_a_post_gone_from_its_network_makes_the_test_invalid():
    test, a, b = _pair()
    read(START + DAY, {a: _numbers(3, 100), b: GONE})

    evaluating.evaluate(test, START + DAY + HOUR)

    assert (test.outcome, test.reason) == (Outcome.INVALID, "variant_deleted")
    assert test.broken_at == START + DAY


def test_an_edited_post_is_found_without_a_signal():
    test, _a, _b = _pair()
    post = test.publications.first().post
    # As an update that no receiver hears of.
    type(post).objects.filter(pk=post.pk).update(content_hash="another", approved_hash="another")

    evaluating.evaluate(test, START + DAY)

    assert (test.outcome, test.reason) == (Outcome.INVALID, "variant_edited")


def test_what_is_still_to_go_out_of_a_decided_test_is_called_off():
    test, a, b = _pair(design=Design.PAIRED, planned_size=8, ends_at=START + 60 * DAY)
    later = show(test, "A", START + 10 * DAY, block=1)
    Publication.objects.filter(pk=later.pk).update(
        status="scheduled", published_at=None, remote_id="", not_before=START + 10 * DAY
    )
    read(START + DAY, {a: _numbers(3, 100), b: GONE})

    evaluating.evaluate(test, START + DAY)

    later.refresh_from_db()
    assert (test.outcome, later.status) == (Outcome.INVALID, "cancelled")


def test_only_accounts_that_showed_every_variant_count():
    accounts = [AccountFactory(), AccountFactory()]
    test = running(accounts=accounts)
    a, b = show(test, "A", START), show(test, "B", START + 6 * HOUR)
    test.accounts.set(accounts[1:])
    alone = show(test, "A", START)
    early, late = START + 24 * HOUR, START + 30 * HOUR
    read(early, {a: _numbers(100, 1_000), alone: _numbers(900, 1_000)})
    read(late, {a: _numbers(150, 2_000), b: _numbers(80, 1_100), alone: _numbers(900, 1_000)})

    look = evaluating.evaluate(test, late)

    # Of A what it had when it was as old as B is.
    assert look.counts == [[100, 1_000], [80, 1_100]]


def test_posts_of_running_tests_are_read_every_hour_to_the_end():
    test, a, _b = _pair()
    at = START + 8 * DAY
    read(at, {a: _numbers(3, 100)})
    assert PublicationStats.objects.get(pk=a.pk).next_collect_at == at + DAY

    assert following.follow(at) == 1

    assert PublicationStats.objects.get(pk=a.pk).next_collect_at == at + HOUR
    due = collecting.due_rows(a.account, at + HOUR)
    assert a.pk in [row.pk for row in due]
    ABTest.objects.filter(pk=test.pk).update(stopped_at=at)
    evaluating.evaluate(test, at)
    assert test.outcome == Outcome.STOPPED
    assert following.follow(at) == 0


def test_a_vanished_post_keeps_its_own_rhythm():
    _test, a, _b = _pair()
    at = START + 8 * DAY
    read(at, {a: GONE})

    assert following.follow(at) == 0


@pytest.mark.parametrize(
    ("platform", "metric", "design", "kind"),
    [
        ("sandbox", "engagements", Design.PAIRED, MetricKind.RATE),
        ("mastodon", "engagements", Design.PAIRED, MetricKind.COUNT),
        ("sandbox", "clicks", Design.SINGLE, MetricKind.PROPORTION),
        ("mastodon", "clicks", Design.SINGLE, MetricKind.COUNT),
        ("sandbox", "leads", Design.PAIRED, MetricKind.RATE),
        ("sandbox", "revenue", Design.PAIRED, MetricKind.PER_POST),
        ("sandbox", "leads", Design.SPLIT, MetricKind.PROPORTION),
        ("sandbox", "revenue", Design.SPLIT, MetricKind.PER_POST),
    ],
)
def test_the_kind_follows_from_metric_design_and_network(platform, metric, design, kind):
    test = ABTest(metric=metric, design=design)

    assert counting.kind_of(test, [Account(platform=platform)]) == kind


@pytest.mark.parametrize(("moved_by", "blocks"), [(HOUR, 1), (5 * HOUR, 0)])
def test_a_slot_whose_showing_was_moved_to_another_hour_is_no_match(moved_by, blocks):
    test = running(design=Design.PAIRED, planned_size=4, ends_at=START + 30 * DAY)
    pair = [show(test, "A", START, order=0), show(test, "B", START + 7 * DAY + moved_by, order=1)]
    test.publications.filter(variant__name="B").update(due_at=START + 7 * DAY)
    for one in pair:
        read(one.published_at + 70 * HOUR, {one: Metrics(likes=40, impressions=900)})
        read(one.published_at + 73 * HOUR, {one: Metrics(likes=41, impressions=950)})
    now = START + 12 * DAY

    counting.freeze(test, now)

    assert len(counting.blocks_of(test, now)) == blocks
