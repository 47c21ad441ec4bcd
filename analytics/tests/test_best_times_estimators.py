"""The estimators of best times beside other ways of computing the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp, isclose, log, sin

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from analytics.best_times import gaussian, hierarchical
from analytics.best_times.gaussian import Belief, Model
from analytics.best_times.observations import SLOTS, Observations, log_rates, observe
from analytics.best_times.ranking import top_chances

LEVEL = np.full((SLOTS, SLOTS), gaussian.LEVEL_VARIANCE)
PARAMETERS = np.log([0.03, 0.05, 0.01, 0.02, 0.015, 0.25])
NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)


def observations(slot, y, variance=None, weight=None):
    size = len(slot)
    return Observations(
        basis="rate",
        slot=np.array(slot),
        y=np.array(y, dtype=float),
        variance=np.full(size, 0.05) if variance is None else np.array(variance),
        weight=np.ones(size) if weight is None else np.array(weight),
        level=0.0,
        counted=1.0,
        exposed=1.0,
    )


@pytest.fixture
def seen():
    rng = np.random.default_rng(5)
    slot = rng.choice([9, 10, 33, 105, 130, 131], size=25)
    return observations(slot, rng.normal(size=25), rng.uniform(0.01, 0.4, size=25))


def dense(seen, parameters):
    """Covariance of the posts and with the slots, post by post and straight from the formula."""

    def k(a, b):
        (day, hour), (other_day, other_hour) = divmod(a, 24), divmod(b, 24)
        near = exp(-2 * sin(np.pi * (hour - other_hour) / 24) ** 2 / 0.7**2)
        same_day, same_kind = day == other_day, (day >= 5) == (other_day >= 5)
        t1, t2, t3, t4, t5 = np.exp(parameters[:5])
        return 1.0 + t1 * same_day + near * (t2 + t3 * same_kind + t4 * same_day) + t5 * (a == b)

    slots = range(SLOTS)
    inside = np.array([[k(a, b) for b in seen.slot] for a in seen.slot])
    across = np.array([[k(a, b) for b in seen.slot] for a in slots])
    whole = np.array([[k(a, b) for b in slots] for a in slots])
    return inside + np.diag(np.exp(parameters[5]) + seen.variance), across, whole


# -- Gaussian process ----------------------------------------------------------------


def test_the_evidence_is_the_density_of_the_posts(seen):
    found = Model(seen, LEVEL).evidence(PARAMETERS)

    density = multivariate_normal(cov=dense(seen, PARAMETERS)[0]).logpdf(seen.y)
    assert isclose(found, density + 25 / 2 * log(2 * np.pi), rel_tol=1e-9)


def test_a_post_of_weight_two_is_the_same_post_twice(seen):
    doubled = replace(seen, weight=np.full(25, 2.0))
    twice = observations(np.tile(seen.slot, 2), np.tile(seen.y, 2), np.tile(seen.variance, 2))

    values = [Model(posts, LEVEL).evidence(PARAMETERS) for posts in (doubled, twice)]

    assert isclose(*values, rel_tol=1e-9)


def test_the_slope_is_that_of_the_loss(seen):
    model = Model(replace(seen, weight=np.linspace(0.2, 1.3, 25)), LEVEL)

    measured = approx_fprime(PARAMETERS, lambda at: model.loss(at)[0], 1e-6)

    assert np.allclose(model.loss(PARAMETERS)[1], measured, atol=1e-4)


def test_the_belief_is_the_conditional_normal(seen):
    belief = Model(seen, LEVEL).belief(PARAMETERS)

    inside, across, whole = dense(seen, PARAMETERS)
    gain = np.linalg.solve(inside, across.T).T
    assert np.allclose(belief.mean, gain @ seen.y)
    assert np.allclose(belief.covariance, whole - gain @ across.T)


def test_the_fit_ends_where_the_slope_is_flat(seen):
    model = Model(seen, LEVEL)

    found = model.fit()

    assert np.abs(model.loss(found)[1]).max() < 0.05
    assert model.loss(found)[0] < model.loss(model.start)[0]


def test_the_flat_evidence_is_that_of_one_level_at_its_best_luck(seen):
    lucks = np.exp(np.linspace(-3, 2, 2001))
    densities = [
        multivariate_normal(
            cov=gaussian.LEVEL_VARIANCE + np.diag(luck + seen.variance), allow_singular=False
        ).logpdf(seen.y)
        for luck in lucks
    ]

    found = gaussian.flat_evidence(seen)

    assert isclose(found, max(densities) + 25 / 2 * log(2 * np.pi), abs_tol=1e-4)


# -- hierarchical --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "weight", "tau2"),
    [
        # Q = 14/3, c = 3 - 3/3 = 2.
        ([1, 2, 4], [1, 1, 1], (14 / 3 - 2) / 2),
        # Centre 10/6, Q = 4·4/9 + 1/9 + 49/9 = 22/3, c = 6 - 18/6 = 3.
        ([1, 2, 4], [4, 1, 1], (22 / 3 - 2) / 3),
        ([1, 1.1, 0.9], [1, 1, 1], 0.0),
        ([5], [3], 0.0),
    ],
)
def test_the_variance_between_groups_by_hand(mean, weight, tau2):
    found = hierarchical.dersimonian_laird(np.array(mean, float), np.array(weight, float))

    assert isclose(found, tau2, rel_tol=1e-12)


def test_luck_is_the_variance_within_slots_less_the_counting():
    """Of 1 and -1 the sample variance is 2, of 3 and 5 too; a slot of one post tells nothing."""
    seen = observations([4, 4, 90, 90, 7], [1, -1, 3, 5, 9], np.full(5, 0.3))

    assert isclose(hierarchical.luck_variance(seen), 2 - 0.3)


def test_luck_has_a_floor_and_a_default():
    equal = observations([4, 4, 4], [1, 1, 1])
    alone = observations([4, 5, 6], [1, 2, 3])

    found = [hierarchical.luck_variance(seen) for seen in (equal, alone)]

    assert found == [0.05, 0.3]


def test_many_posts_show_weekday_and_hour_apart():
    """Weekday and hour effects reach the slots where nothing was posted."""
    day, hour = np.array([0.5, 0, 0, 0, 0, 0, -0.5]), np.zeros(24)
    hour[[8, 20]] = -0.4, 0.4
    slots = [slot for slot in range(SLOTS) if slot not in (0 * 24 + 20, 6 * 24 + 8)] * 20
    seen = observations(slots, [day[slot // 24] + hour[slot % 24] for slot in slots])

    mean = hierarchical.fit(seen).mean

    assert mean.argmax() == 20
    assert mean.argmin() == 6 * 24 + 8


def test_what_is_left_open_shrinks_with_posts():
    few, many = (
        hierarchical.fit(observations([9, 30] * n, [0.1, -0.1] * n)).covariance for n in (3, 300)
    )

    assert many[9, 9] < 0.2 * few[9, 9]
    assert many[60, 60] > 0.02
    assert np.linalg.eigvalsh(few).min() > 0


# -- draws and counts ----------------------------------------------------------------


def test_the_chance_of_the_top_five_is_certain_for_five_far_ahead():
    mean = np.zeros(SLOTS)
    mean[[3, 50, 51, 100, 167]] = 9

    found = top_chances(Belief(mean, np.eye(SLOTS)), seed=0)

    assert found.tolist() == (mean / 9).tolist()


def test_the_chance_of_the_top_five_is_equal_among_equals():
    found = top_chances(Belief(np.zeros(SLOTS), np.eye(SLOTS)), seed=3)

    assert isclose(found.sum(), 5)
    assert np.abs(found - 5 / 168).max() < 5 * (5 / 168 / 2000) ** 0.5


def test_slots_that_move_together_share_their_luck():
    """Day 0 rises and falls as one. Each alone, its slots fill most of the top."""
    day = np.zeros(7)
    day[0] = 4.0
    together = np.eye(SLOTS) + np.kron(np.diag(day), np.ones((24, 24)))
    alone = np.diag(np.diag(together))

    shares = [
        top_chances(Belief(np.zeros(SLOTS), covariance), seed=0)[:24].sum() / 5
        for covariance in (together, alone)
    ]

    assert shares[0] < 0.4 < 0.6 < shares[1]


def test_small_counts_do_not_lift_the_rate():
    """One rate, seen through 20 and through 2,000 impressions."""
    rng = np.random.default_rng(0)
    exposure = np.repeat([20.0, 2000.0], 4000)
    engagements = rng.poisson(exposure * 0.03 * np.exp(rng.normal(0, 0.55, 8000))).astype(float)

    level, y, variance = log_rates(engagements, exposure, np.ones(8000))

    small, large = y[:4000].mean(), y[4000:].mean()
    plain = np.log((engagements + 0.5) / (exposure + 1))
    assert abs(small - large) < 0.05 < abs(plain[:4000].mean() - plain[4000:].mean())
    assert abs(level - log(0.03)) < 0.05
    assert variance[0] > 20 * variance[-1]


def test_large_counts_are_plain_logarithms():
    engagements, exposure = np.array([3000.0, 4500.0, 2000.0]), np.full(3, 100_000.0)

    level, y, variance = log_rates(engagements, exposure, np.ones(3))

    assert np.allclose(level + y, np.log(engagements / exposure), atol=1e-3)
    assert np.allclose(variance, 1 / (100_000 * exp(level)), rtol=0.25)


def test_posts_of_one_age_are_worth_their_number_halved_every_ninety_days():
    posts = [(NOW - timedelta(days=180), 1000, 30)] * 12

    seen = observe(posts, "UTC", NOW)

    assert np.allclose(seen.weight, 0.25)


def test_posts_of_unlike_age_are_worth_fewer():
    """Weights 1 and 1/2 in equal number: (sum)² / sum of squares is nine tenths of the posts."""
    ages = [timedelta(days=2)] * 10 + [timedelta(days=92)] * 10

    seen = observe([(NOW - age, 1000, 30) for age in ages], "UTC", NOW)

    assert isclose(seen.weight.sum(), 0.9 * 20 * 0.5 ** (2 / 90))
    assert isclose(seen.weight.max(), 2 * seen.weight.min())
