"""How much a test needs, from what the accounts earned so far."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from analytics.models import Conversion
from analytics.services import tracking, writing
from experiments.models import Design, Metric
from experiments.services import planner
from experiments.statistics import planning
from socialhub.models import Account, Organisation, PostingSlot
from socialhub.platforms.base import Metrics
from socialhub.services.errors import Invalid
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _account(*slots: tuple[int, int], platform: str = "sandbox") -> Account:
    account = AccountFactory(platform=platform)
    for weekday, hour in slots:
        PostingSlot.objects.create(account=account, weekday=weekday, time=time(hour))
    return account


def _history(account: Account, posts: int, *, reach: int = 2_000, luck: float = 0.3) -> None:
    """One post a day, each with luck of its own; 3 % of its reach react. Read once a day."""
    rng = np.random.default_rng(3)
    out = {}
    for n in range(posts):
        at = NOW - timedelta(days=5 + n)
        publication = PublicationFactory(account=account, published=True, published_at=at)
        out[publication] = int(rng.poisson(0.03 * reach * np.exp(rng.normal(0, luck))))
    tracking.ensure_stats([publication.pk for publication in out])
    shares = {1: 0.75, 2: 0.94, 3: 0.98, 4: 1.0}
    for day in range(posts + 4):
        now = NOW - timedelta(days=posts + 3 - day)
        ages = {one: (now - one.published_at).days for one in out}
        said = {
            one.pk: Metrics(
                likes=int(likes * shares[ages[one]]), impressions=int(reach * shares[ages[one]])
            )
            for one, likes in out.items()
            if ages[one] in shares
        }
        writing.write(account, said, now)


def _plan(account: Account, **asked) -> planner.Planned:
    return planner.plan_for(
        **{
            "accounts": [account],
            "design": Design.PAIRED,
            "metric": Metric.ENGAGEMENTS,
            "variants": 2,
            "confidence": 0.95,
            "power": 0.8,
            "smallest_effect": 0.5,
            "now": NOW,
            **asked,
        }
    )


@pytest.fixture
def busy() -> Account:
    account = _account((0, 9), (2, 9), (4, 9))
    _history(account, 40)
    return account


def test_paired_slots_need_what_the_luck_of_the_accounts_posts_asks_for(busy):
    found = _plan(busy)

    assert found.unit == "blocks"
    assert found.history_n == 40
    assert found.baseline == pytest.approx(0.03, rel=0.15)
    assert found.luck_sd == pytest.approx(0.3, abs=0.1)
    # Three slots two days apart, each taken twice by a block of two variants.
    assert found.blocks_per_week == 1.5
    sd = planning.paired_sd(found.luck_sd, found.engagements_per_post)
    assert planning.paired_slots(sd, 0.5) <= found.needed <= planning.paired_slots(sd, 0.5) + 6
    assert found.posts == 2 * found.needed
    assert found.feasible and not found.refused
    assert str(found.posts) in found.sentence


def test_what_cannot_be_earned_is_refused_with_what_can(busy):
    found = _plan(busy, smallest_effect=0.05)

    assert found.refused
    assert not found.feasible
    assert found.achievable_effect > 0.1
    assert f"+{int(np.ceil(100 * found.achievable_effect))} %" in found.sentence


def test_single_posts_need_impressions_and_earn_those_of_one_post(busy):
    found = _plan(busy, design=Design.SINGLE, smallest_effect=1.0)

    assert (found.unit, found.impressions_per_post) == ("impressions", 2000)
    question = planning.Question(found.baseline, phi=found.phi, kind="rate")
    assert found.needed == planning.n_per_variant(question, 1.0)
    assert found.feasible
    assert found.weeks == pytest.approx(1 / 7)


def test_single_posts_that_reach_too_few_are_refused(busy):
    found = _plan(busy, design=Design.SINGLE, smallest_effect=0.1)

    assert found.refused
    assert found.achievable_effect > 0.3


def test_the_winner_of_four_has_to_beat_three(busy):
    two, four = (_plan(busy, design=Design.SINGLE, variants=k).needed for k in (2, 4))

    question = planning.Question(_plan(busy).baseline, variants=4, kind="rate")
    assert four == pytest.approx(planning.size_to_win(question, 0.5), rel=0.01)
    assert four > 1.2 * two


def test_without_impressions_reactions_are_planned():
    account = _account((0, 9), platform="mastodon")
    _history(account, 20)

    found = _plan(account, design=Design.SINGLE, smallest_effect=1.0)

    assert found.unit == "engagements"
    question = planning.Question(1.0, kind="rate")
    assert found.needed == pytest.approx(1.5 * planning.size(question, 1.0), abs=2)


def test_no_history_asks_for_numbers_by_hand():
    account = _account((0, 9))

    assert (_plan(account).needed, _plan(account).history_n) == (None, 0)
    assert "by hand" in _plan(account).sentence
    by_hand = _plan(account, design=Design.SINGLE, baseline=0.03, daily=1_000)
    assert by_hand.needed == planning.n_per_variant(planning.Question(0.03, kind="rate"), 0.5)
    assert by_hand.feasible


def test_a_split_is_planned_with_visitors():
    found = planner.plan_for(
        accounts=[],
        design=Design.SPLIT,
        metric=Metric.CLICKS,
        variants=2,
        confidence=0.95,
        power=0.8,
        smallest_effect=0.2,
        now=NOW,
        baseline=0.1,
        daily=100,
    )

    needs = planning.plan(planning.Question(0.1), 0.2, 100)
    assert (found.unit, found.needed) == ("visitors", needs.n_per_variant)
    assert found.achievable_effect == needs.achievable_mde


def test_an_effect_that_cannot_be_is_refused_by_name():
    with pytest.raises(Invalid) as refused:
        _plan(
            _account(),
            design=Design.SPLIT,
            metric=Metric.CLICKS,
            baseline=0.5,
            daily=10,
            smallest_effect=3.0,
        )

    assert list(refused.value.fields) == ["smallest_effect"]


@pytest.mark.parametrize("metric", [Metric.CLICKS, Metric.LEADS, Metric.REVENUE])
def test_other_metrics_are_planned_from_what_posts_brought_of_them(metric):
    account = _account((0, 9), (3, 9))
    _history(account, 20)
    assert _plan(account, metric=metric).history_n == 0
    for n, publication in enumerate(account.publications.all()):
        said = Metrics(likes=60, impressions=2_000, clicks=40 + n)
        writing.write(account, {publication.pk: said}, NOW)
        for kind, amount in (("lead", None), ("order", 50 + n)):
            Conversion.objects.create(
                key=f"test:{kind}:{n}",
                kind=kind,
                happened_at=NOW,
                publication=publication,
                amount=amount,
                currency=Organisation.get().currency if amount else "",
            )

    found = _plan(account, metric=metric)

    brought = {Metric.CLICKS: 49.5 / 2_000, Metric.LEADS: 1 / 2_000, Metric.REVENUE: 59.5}
    assert found.history_n == 20
    assert found.baseline == pytest.approx(brought[metric])
    assert found.needed
