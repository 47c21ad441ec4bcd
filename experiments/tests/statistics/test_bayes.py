"""Against adaptive quadrature, closed forms and draws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, special, stats

from experiments.statistics import bayes
from experiments.statistics.bayes import Prior
from experiments.tests.statistics.tables import MANY, PAIRS, two, variants


def closed_form(x0: int, n0: int, x1: int, n1: int) -> float:
    """P(p1 > p0) as a finite sum (Cook 2005; Miller 2014)."""
    a0, b0, a1, b1 = x0 + 1, n0 - x0 + 1, x1 + 1, n1 - x1 + 1
    i = np.arange(a1)
    log = (
        special.betaln(a0 + i, b1 + b0)
        - np.log(b1 + i)
        - special.betaln(1 + i, b1)
        - special.betaln(a0, b0)
    )
    return float(np.exp(log).sum())


@pytest.mark.parametrize("counts", PAIRS[:5])
def test_two_proportions_agree_with_the_closed_form(counts):
    control, one = bayes.panel(two(*counts), "proportion")
    exact = closed_form(*counts)

    assert one.p_best == pytest.approx(exact, abs=1e-6)
    assert one.p_beats_control == pytest.approx(exact, abs=1e-6)
    assert control.p_best == pytest.approx(1 - exact, abs=1e-6)
    assert control.p_beats_control is None


@pytest.mark.parametrize("counts", [*MANY, [(3, 100), (0, 40), (60, 2000), (1, 1)]])
def test_many_proportions_agree_with_adaptive_quadrature(counts):
    posteriors = [stats.beta(1 + x, 1 + n - x) for x, n in counts]
    cuts = sorted(
        {float(q) for one in posteriors for q in one.ppf([1e-9, 0.01, 0.5, 0.99, 1 - 1e-9])}
    )
    found = bayes.panel(variants(*counts), "proportion")

    def over_cells(function):
        borders = [0.0, *cuts, 1.0]
        cells = itertools.pairwise(borders)
        return sum(integrate.quad(function, a, b, epsabs=1e-13, limit=200)[0] for a, b in cells)

    def best(i):
        others = [one for j, one in enumerate(posteriors) if j != i]
        return over_cells(lambda at: posteriors[i].pdf(at) * np.prod([o.cdf(at) for o in others]))

    highest = over_cells(lambda at: 1 - np.prod([one.cdf(at) for one in posteriors]))
    for i in (0, len(counts) - 1):
        assert found[i].p_best == pytest.approx(best(i), abs=1e-6)
        assert found[i].expected_loss == pytest.approx(highest - posteriors[i].mean(), abs=1e-8)
        assert found[i].mean == pytest.approx(posteriors[i].mean())


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_drawn_posteriors_agree(kind):
    counts = [(30, 1000), (45, 1100), (28, 900)]
    rng = np.random.default_rng(11)
    if kind == "proportion":
        draws = np.stack([rng.beta(1 + x, 1 + n - x, 400_000) for x, n in counts])
    else:
        draws = np.stack([rng.gamma(1 + x, 1 / n, 400_000) for x, n in counts])
    found = bayes.panel(variants(*counts), kind)
    best = np.bincount(draws.argmax(axis=0), minlength=3) / draws.shape[1]

    assert [one.p_best for one in found] == pytest.approx(best.tolist(), abs=4e-3)
    assert [one.p_beats_control for one in found[1:]] == pytest.approx(
        (draws[1:] > draws[0]).mean(axis=1).tolist(), abs=4e-3
    )
    assert [one.expected_loss for one in found] == pytest.approx(
        (draws.max(axis=0) - draws).mean(axis=1).tolist(), rel=0.02
    )


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize(
    "counts",
    [
        [(30 * 10**6 + 3000 * i, 10**9) for i in range(10)],
        [(2**52, 2**53), (2**52 + 2**26, 2**53)],
        [(3, 100), (3 * 10**7, 10**9), (0, 50)],
        [(0, 10), (0, 20), (0, 10**9)],
    ],
)
def test_chances_sum_to_1_whatever_the_counts(counts, kind):
    found = bayes.panel(variants(*counts), kind)

    assert sum(one.p_best for one in found) == pytest.approx(1, abs=1e-6)
    assert all(one.expected_loss >= 0 for one in found)


def test_billions_agree_with_the_normal_limit():
    """One standard error of the difference apart: Φ(1)."""
    found = bayes.panel(variants((2**52, 2**53), (2**52 + 2**26, 2**53)), "proportion")

    assert found[1].p_best == pytest.approx(stats.norm.cdf(1), abs=1e-6)


@pytest.mark.parametrize("a, b", [(1.1e7, 4e8), (1.1e7, 1.2e7), (3e8, 1.1e7)])
def test_large_posteriors_agree_with_the_incomplete_beta_function(a, b):
    posterior = bayes._Beta(np.array([[a]]), np.array([[b]]))
    at = posterior.mean + posterior.sd * np.linspace(-6, 6, 49)

    assert posterior.below(at)[0] == pytest.approx(special.betainc(a, b, at[0]), abs=5e-8)


def test_before_anything_is_seen_all_are_alike():
    found = bayes.panel(variants((0, 0), (0, 0), (0, 0), (0, 0)), "proportion")

    assert [one.p_best for one in found] == pytest.approx([0.25] * 4)
    assert bayes.panel(variants((0, 0), (1, 10)), "rate") is None


def test_a_prior_is_taken_along():
    with_prior = bayes.panel(variants((0, 0), (20, 200)), "proportion", Prior(30, 970))

    assert [one.mean for one in with_prior] == pytest.approx([0.03, 50 / 1200])


def test_clustering_makes_less_certain():
    counts = two(300, 10_000, 360, 10_000)
    plain, clustered = (bayes.panel(counts, "proportion", phi=phi)[1].p_best for phi in (1, 3))

    assert 0.5 < clustered < plain
    assert clustered == pytest.approx(
        bayes.panel(two(100, 3333, 120, 3333), "proportion")[1].p_best, abs=1e-3
    )
