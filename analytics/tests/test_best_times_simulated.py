"""Does `rank` find what is true? A small edition of the bench, with its simulator."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest

from analytics.best_times import rank
from analytics.tests import simulation
from bench import best_times as bench


def test_the_platform_peaks_and_sleeps_as_described():
    week = simulation.platform_pattern().reshape(7, 24)

    assert abs(week.mean()) < 1e-12
    assert abs(week.std() - 1) < 1e-12
    assert np.ptp(week[:5], axis=0).max() == 0
    work, weekend = week[0], week[6]
    assert [h for h in range(1, 23) if work[h - 1] < work[h] > work[h + 1]] == [9, 13, 19]
    assert [h for h in range(1, 23) if weekend[h - 1] < weekend[h] > weekend[h + 1]] == [11, 20]
    assert {int(day.argmin()) for day in week} <= {2, 3, 4}


def test_an_account_is_made_as_described():
    account = simulation.account(np.random.default_rng(2), 20_000)

    assert abs(account.log_rate.std() - simulation.SLOT_SD) < 1e-9
    local = [post[0].astimezone(simulation.ZoneInfo(simulation.ZONE)) for post in account.posts]
    assert [at.weekday() * 24 + at.hour for at in local] == account.slots.tolist()
    _, impressions, engagements = (np.array(column) for column in zip(*account.posts, strict=True))
    assert 500 < np.median(impressions) < 1000
    assert abs(np.log(impressions).std() - simulation.IMPRESSIONS_SD) < 0.1
    many = impressions > 3000
    off = np.log(engagements[many] / impressions[many]) - account.log_rate[account.slots[many]]
    assert abs(off.mean()) < 0.03
    assert abs(off.std() - simulation.LUCK_SD) < 0.03


def test_a_shuffled_account_has_the_same_habit_and_no_pattern():
    plain, shuffled = (
        simulation.account(np.random.default_rng(2), 500, shuffled=shuffled)
        for shuffled in (False, True)
    )

    assert sorted(plain.slots.tolist()) == sorted(shuffled.slots.tolist())
    assert plain.slots.tolist() != shuffled.slots.tolist()
    assert [p[1:] for p in plain.posts] == [p[1:] for p in shuffled.posts]
    assert np.ptp(shuffled.log_rate) == 0


@pytest.mark.parametrize(
    ("posts", "regret5", "ahead"), [(50, 0.2, 0.03), (200, 0.14, 0.08), (1000, 0.075, 0.14)]
)
def test_the_picks_earn_nearly_what_the_true_five_do(posts, regret5, ahead):
    ours, naive = bench._chunk(posts, (7, posts), 30, False)

    assert fmean(ours.regret5) < regret5
    assert fmean(ours.regret5) < fmean(naive.regret5) - ahead
    assert fmean(ours.prec5) > fmean(naive.prec5)
    assert 0.85 < fmean(ours.covered) < 0.98


def test_posts_without_a_pattern_have_no_strong_slot():
    rng = np.random.default_rng(11)
    accounts = [simulation.account(rng, posts, shuffled=True) for posts in (50, 300, 1000) * 10]

    strong = [
        any(slot.badge == "strong" for slot in rank(account.posts, "Europe/Madrid", simulation.NOW))
        for account in accounts
    ]

    assert sum(strong) == 0


def test_a_true_pattern_does_get_strong_slots_and_they_are_mostly_right():
    rng = np.random.default_rng(12)
    right = []

    for account in [simulation.account(rng, 1500) for _ in range(25)]:
        slots = rank(account.posts, simulation.ZONE, simulation.NOW)
        right += [s.weekday * 24 + s.hour in account.best for s in slots if s.badge == "strong"]

    assert len(right) > 15
    assert fmean(right) > 0.5
