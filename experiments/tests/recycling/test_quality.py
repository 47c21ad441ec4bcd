"""The quality of posts, and the score's shape, as plain numbers."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.recycling import dated, networks, quality, score, season, similarity
from experiments.recycling.quality import Showings

RNG_SEED = 20260


def showings(engagements, impressions, *, post=None, **arrays) -> Showings:
    n = len(engagements)
    given = {
        "post": np.arange(n) if post is None else np.array(post),
        "age": np.full(n, 100.0),
        "month": np.zeros(n, dtype=int),
        "format": np.zeros(n, dtype=int),
        "slot": np.zeros(n, dtype=int),
        **arrays,
    }
    return Showings(
        engagements=np.array(engagements, dtype=float),
        impressions=np.array(impressions, dtype=float),
        **given,
    )


def test_one_like_of_two_impressions_is_worth_less_than_300_of_5000():
    rng = np.random.default_rng(RNG_SEED)
    for spread in (0.0, 0.3, 1.0):
        rates = 0.03 * np.exp(rng.normal(0, spread, 60))
        seen = rng.integers(500, 5000, 60)
        found = quality.estimate(
            showings([1, 300, *rng.poisson(rates * seen)], [2, 5000, *seen]), 62
        )
        worth = score.quality(found.q, found.sd)
        assert worth[1] > worth[0]


def test_the_true_order_is_found_better_than_by_bare_rates():
    rng = np.random.default_rng(RNG_SEED)
    content, luck = rng.normal(0, 0.4, 400), rng.normal(0, 0.3, 400)
    seen = np.round(np.exp(rng.normal(5.5, 1.5, 400))) + 1
    engaged = rng.poisson(0.03 * np.exp(content + luck) * seen)

    found = quality.estimate(showings(engaged, seen), 400)

    ours = content[np.argsort(-found.q)[:40]].mean()
    bare = content[np.argsort(-engaged / seen)[:40]].mean()
    assert ours > bare
    # Shrunk as far as the noise asks for: what is predicted is what comes.
    assert np.polyfit(found.q, content, 1)[0] == pytest.approx(1, abs=0.25)


def test_month_format_and_hour_are_not_the_posts_merit():
    rng = np.random.default_rng(RNG_SEED)
    n = 600
    month, form, hour = rng.integers(0, 6, n), rng.integers(0, 2, n), rng.integers(0, 24, n)
    content = rng.normal(0, 0.3, n)
    circumstances = 0.2 * month + 0.5 * form + 0.6 * np.sin(hour / 24 * 2 * np.pi)
    seen = np.full(n, 3000)
    engaged = rng.poisson(0.03 * np.exp(content + circumstances) * seen)

    given = showings(engaged, seen, month=month, format=form, slot=hour)
    found = quality.estimate(given, n)

    assert abs(np.corrcoef(found.q, circumstances)[0, 1]) < 0.1
    assert np.corrcoef(found.q, content)[0, 1] > 0.85


def test_several_good_showings_say_more_than_one():
    once, twice = [60], [60, 60]
    others = [30] * 20
    found = quality.estimate(
        showings(
            once + twice + others,
            [1000] * 23,
            post=[0, 1, 1, *range(2, 22)],
        ),
        22,
    )

    assert found.q[1] > found.q[0] > 0
    assert found.sd[1] < found.sd[0]


@pytest.mark.parametrize(
    ("engagements", "impressions"),
    [([], []), ([np.nan, np.nan], [np.nan, 100]), ([0, 0], [100, 100])],
)
def test_without_any_reaction_nothing_is_known(engagements, impressions):
    found = quality.estimate(showings(engagements, impressions), 2)

    assert found.usual is None
    assert not found.known.any()


def test_where_impressions_are_missing_reactions_are_counted():
    found = quality.estimate(showings([10, 40, 10, 10], [np.nan] * 4), 4)

    assert found.basis == "engagements"
    assert found.q.argmax() == 1
    assert np.exp(found.usual) == pytest.approx(14, rel=0.3)


def test_factors_are_those_of_the_law():
    learned = score.Learned()

    assert score.freshness(np.array([45.0]))[0] == pytest.approx(1 - np.exp(-1))
    assert score.fatigue(np.array([1.0, 5.0]), learned) == pytest.approx([0.871, 0.699], abs=1e-3)
    halves = score.decay(np.array([730.0, 180.0]), np.array([True, False]), learned)
    assert halves == pytest.approx([0.5, 0.5])
    assert [networks.cooldown_days("x", 20, n) for n in (0, 1)] == [30, 45]
    assert [networks.cooldown_days("mastodon", 60, n) for n in (0, 2)] == [60, 120]


@pytest.mark.parametrize(
    "text",
    [
        "Open today until eight",
        "Hoy abrimos a las nueve",
        "Nos vemos mañana en la feria",
        "Only 12,50 € this week",
        "Desde $199 con envío",
        "El 12 de mayo celebramos",
        "Join us on May 12",
        "Feria del libro 2025",
        "20 % de descuento",
        "Last chance to join",
        "Este viernes, taller",
    ],
)
def test_texts_bound_to_a_date_are_asked_about(text):
    assert dated.find(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bread needs time, water and patience",
        "Cada mañana horneamos pan",
        "Por la mañana, café",
        "Baking since 2010",
        "Five ways to sharpen a knife https://example.org/2024/05/knife",
        "Sale el sol y abrimos",
        "Un litro de leche y 500 g de harina",
        "May your bread rise",
    ],
)
def test_texts_that_stay_true_are_not(text):
    assert dated.find(text) == []


def test_a_season_may_go_over_new_year():
    from datetime import date

    days = [date(2026, 12, 24), date(2026, 1, 6), date(2026, 1, 7), date(2026, 12, 23)]
    assert [season.is_inside(day, "12-24", "01-06") for day in days] == [True, True, False, False]
    assert [season.factor(day, "12-24", "01-06") for day in days] == [1.25, 1.25, 0, 0]
    assert season.factor(days[0], "", "") == 1


def test_case_links_and_punctuation_do_not_make_a_text_new():
    one = similarity.runs("Fresh bread, every morning! https://example.org/a")
    other = similarity.runs("fresh BREAD every morning https://example.org/b")

    assert similarity.similarity(one, other) == 1
    assert similarity.similarity(one, similarity.runs("Boats in the fog of the harbour")) < 0.1
    assert similarity.similarity(frozenset(), frozenset()) == 0
