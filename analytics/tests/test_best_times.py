"""`rank`: what counts, whose clock, and who answers when there is little to go by."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from analytics.best_times import rank
from analytics.tests import simulation

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(weeks=1)


def at(weekday: int, hour: int, week: int = 0) -> datetime:
    """In UTC, in the week of 16 March 2026 or `week` weeks before."""
    return datetime(2026, 3, 16 + weekday, hour, 30, tzinfo=UTC) - week * WEEK


def by_slot(slots):
    return {(slot.weekday, slot.hour): slot for slot in slots}


def counted(slots):
    """Posts per slot, where there are any."""
    return {place: slot.n for place, slot in by_slot(slots).items() if slot.n}


def levels(slots):
    return {slot.level for slot in slots}


def history(best=(2, 18), rate=0.06, other=0.03, weeks=8):
    """Three slots every weekday, one of them better than the rest."""
    hours = [(day, hour) for day in range(5) for hour in (9, 13, 18)]
    return [
        (at(*place, week), 10_000, round(10_000 * (rate if place == best else other)))
        for place in hours
        for week in range(weeks)
    ]


def account(seed=1, posts=300, **kwargs):
    return simulation.account(np.random.default_rng(seed), posts, **kwargs)


# -- the answer ----------------------------------------------------------------------


def test_every_hour_of_the_week_once_by_rate():
    slots = rank(account().posts, simulation.ZONE, simulation.NOW)

    assert sorted((slot.weekday, slot.hour) for slot in slots) == [
        (day, hour) for day in range(7) for hour in range(24)
    ]
    assert [slot.rate for slot in slots] == sorted((slot.rate for slot in slots), reverse=True)
    assert all(0 < slot.low < slot.rate < slot.high for slot in slots)
    assert math.isclose(sum(slot.p_top5 for slot in slots), 5)
    assert sum(slot.n for slot in slots) == 300
    assert levels(slots) == {"account"}


def test_a_clearly_better_slot_comes_first_with_its_figures():
    slots = rank(history(), "UTC", NOW)

    first = slots[0]
    assert (first.weekday, first.hour, first.n, first.basis) == (2, 18, 8, "rate")
    assert first.low < 6 < first.high
    assert by_slot(slots)[0, 9].low < 3 < by_slot(slots)[0, 9].high
    assert first.badge == "strong"
    assert first.lift > 30


def test_badges_follow_the_chance_of_being_in_the_top_five():
    slots = rank(account(3, 1000).posts, simulation.ZONE, simulation.NOW)

    tried = [slot for slot in slots if slot.n]
    assert {slot.badge for slot in tried} == {"strong", "likely", "guess"}
    assert [slot.badge for slot in tried] == [
        "strong" if slot.p_top5 >= 0.5 else "likely" if slot.p_top5 >= 0.25 else "guess"
        for slot in tried
    ]


def test_an_hour_that_nobody_tried_is_a_guess_however_good_its_neighbours():
    """Wednesdays at 18 and 20 do well; nothing was ever posted at 19."""
    places = [(day, hour) for day in range(7) for hour in (9, 18, 20)]
    good = {(2, 18), (2, 20)}
    posts = [
        (at(*place, week), 10_000, 600 if place in good else 300)
        for place in places
        for week in range(8)
    ]

    found = by_slot(rank(posts, "UTC", NOW))

    assert {found[place].badge for place in good} == {"strong"}
    assert found[2, 19].p_top5 > 0.5
    assert (found[2, 19].n, found[2, 19].badge) == (0, "guess")


def test_the_order_of_the_posts_does_not_matter():
    posts = account(2, 200).posts
    mixed = random.Random(0).sample(posts, len(posts))

    assert rank(mixed, "Europe/Madrid", NOW) == rank(posts, "Europe/Madrid", NOW)


def test_a_seed_only_moves_the_draws():
    posts = account(2, 200).posts

    first, again, other = (rank(posts, "Europe/Madrid", NOW, seed=seed) for seed in (0, 0, 1))

    assert first == again
    assert [slot.p_top5 for slot in first] != [slot.p_top5 for slot in other]
    assert [slot.rate for slot in first] == [slot.rate for slot in other]
    assert max(abs(a.p_top5 - b.p_top5) for a, b in zip(first, other, strict=True)) < 0.06


def test_everything_a_week_later_is_the_same():
    posts = account(2, 200).posts
    later = [(published + WEEK, *counts) for published, *counts in posts]

    assert rank(later, "UTC", NOW + WEEK) == rank(posts, "UTC", NOW)


def test_best_times_work_without_django():
    code = "import sys, analytics.best_times; print([m for m in sys.modules if 'django' in m])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


# -- whose clock ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "offsets"),
    [
        ("Europe/Madrid", date(2026, 3, 9), {1, 2}),
        ("Europe/Madrid", date(2026, 10, 5), {2, 1}),
        ("America/Santiago", date(2026, 3, 16), {-3, -4}),
        ("America/Santiago", date(2026, 8, 17), {-4, -3}),
        ("Australia/Lord_Howe", date(2026, 3, 16), {11, 10.5}),
        ("Australia/Lord_Howe", date(2026, 9, 14), {10.5, 11}),
        ("Asia/Kolkata", date(2026, 3, 9), {5.5}),
    ],
)
def test_a_slot_follows_the_wall_clock(zone, first, offsets):
    """Seven Mondays at 09:30 and Sundays at 23:30 around a clock change."""
    place = ZoneInfo(zone)
    mondays = [datetime(first.year, first.month, first.day, 9, 30, tzinfo=place)] * 7
    local = [monday + week * WEEK for week, monday in enumerate(mondays)]
    local += [monday.replace(hour=23) - DAY for monday in local]
    posts = [(when.astimezone(UTC), 1000, 30) for when in local]

    slots = rank(posts, zone, max(local) + 30 * DAY)

    assert {when.utcoffset() / HOUR for when in local} == offsets
    assert counted(slots) == {(0, 9): 7, (6, 23): 7}


def test_the_hour_that_comes_twice_is_one_slot():
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)]

    slots = rank([(when, 1000, 30) for when in twice], "Europe/Madrid", NOW + 365 * DAY)

    assert counted(slots) == {(6, 2): 2, (6, 3): 1}


def test_the_zone_may_be_an_object():
    posts = history()

    assert rank(posts, ZoneInfo("Asia/Tokyo"), NOW) == rank(posts, "Asia/Tokyo", NOW)


# -- which posts count ---------------------------------------------------------------


def test_posts_younger_than_two_days_or_of_the_future_do_not_count():
    ages = [2 * DAY, 2 * DAY - timedelta(seconds=1), timedelta(0), -9 * DAY]

    slots = rank([(NOW - age, 1000, 30) for age in ages], "UTC", NOW)

    assert counted(slots) == {(0, 12): 1}


def test_posts_of_years_ago_do_not_count():
    slots = rank([(NOW - 1800 * DAY, 1000, 30), (NOW - 1801 * DAY, 1000, 30)], "UTC", NOW)

    assert sum(slot.n for slot in slots) == 1


def test_what_did_well_lately_beats_what_did_well_long_ago():
    old, new = (1, 9), (3, 9)
    posts = [(at(*old, week), 10_000, 300 if week < 13 else 600) for week in range(26)]
    posts += [(at(*new, week), 10_000, 600 if week < 13 else 300) for week in range(26)]

    found = by_slot(rank(posts, "UTC", NOW))

    assert found[new].rate > 1.15 * found[old].rate


def test_missing_counts_are_skipped_not_zero():
    posts = history()
    gaps = [(at(6, 3, week), *counts) for week in range(8) for counts in ((5000, None), (0, 9))]
    gaps += [(at(6, 4, week), None, 50) for week in range(8)]

    assert rank(posts + gaps, "UTC", NOW) == rank(posts, "UTC", NOW)


def test_without_impressions_engagements_per_post_decide():
    posts = [(when, None, engaged) for when, _, engaged in history(rate=0.006, other=0.003)]

    slots = rank(posts, "UTC", NOW)

    assert {slot.basis for slot in slots} == {"engagements"}
    first = slots[0]
    assert (first.weekday, first.hour, first.n) == (2, 18, 8)
    assert first.low < 60 < first.high


def test_impressions_decide_from_half_of_the_posts_on():
    half = [(at(0, 9, week), 1000 if week < 4 else None, 30) for week in range(8)]
    less = [(at(0, 9, week), 1000 if week < 3 else None, 30) for week in range(8)]

    slots = [rank(posts, "UTC", NOW)[0] for posts in (half, less)]

    assert [slot.basis for slot in slots] == ["rate", "engagements"]
    assert counted(rank(half, "UTC", NOW)) == {(0, 9): 4}
    assert counted(rank(less, "UTC", NOW)) == {(0, 9): 8}


# -- honest figures ------------------------------------------------------------------


def test_more_engagements_than_impressions_are_a_rate_above_100():
    slots = rank(history(rate=3.0, other=1.5), "UTC", NOW)

    assert slots[0].low < 300 < slots[0].high
    assert slots[0].low > 100


def test_an_account_nobody_reacts_to_has_the_rate_zero():
    slots = rank([(when, 500, 0) for when, _, _ in history()], "UTC", NOW)

    assert levels(slots) == {"none"}
    assert {(slot.rate, slot.low, slot.high, slot.lift) for slot in slots} == {
        (0.0, 0.0, 100 * 3 / (120 * 500), None)
    }


def test_few_reactions_are_not_rounded_up():
    """One engagement on twenty posts is a rate of 0.05 a post; ln(0 + .5) would say 0.5."""
    rng = np.random.default_rng(4)
    times = [at(*divmod(slot, 24), week) for slot in range(168) for week in range(4)]
    posts = [(when, None, int(rng.poisson(0.05))) for when in times]

    rates = [slot.rate for slot in rank(posts, "UTC", NOW)]

    mean = sum(engaged for *_, engaged in posts) / len(posts)
    assert 0.6 * mean < float(np.median(rates)) < 1.2 * mean
    assert max(rates) < 4 * mean


def test_one_viral_post_of_a_quiet_account_does_not_run_away_with_the_figures():
    """A reaction to every fifth post, and once five hundred."""
    rng = np.random.default_rng(4)
    times = [at(day, hour, week) for day in range(7) for hour in (9, 18) for week in range(9)]
    posts = [(when, 1000, int(rng.poisson(0.2))) for when in times]
    viral = (at(3, 11), 1000, 500)

    slots = rank([*posts, viral], "UTC", NOW)

    assert 0.01 < float(np.median([slot.rate for slot in slots])) < 0.06
    assert slots[0].rate < 1
    assert "strong" not in {slot.badge for slot in slots}


def test_one_lucky_post_does_not_outrank_a_steady_slot():
    """The naive mean would put 1 of 2 impressions (50 %) first."""
    slots = rank([*history(rate=0.045), (at(5, 3), 2, 1)], "UTC", NOW)

    assert (slots[0].weekday, slots[0].hour) == (2, 18)
    assert by_slot(slots)[5, 3].rate < slots[0].rate


def test_counts_of_any_size_give_finite_figures():
    posts = [(when, 2**62, 2**60 + engaged) for when, _, engaged in history()]
    posts += [(at(6, 5, week), 1, 2**62) for week in range(3)]

    slots = rank(posts, "UTC", NOW)

    assert all(math.isfinite(figure) for s in slots for figure in (s.rate, s.low, s.high, s.lift))


def test_equal_posts_everywhere_make_no_slot_strong():
    posts = [(at(day, hour), 1000, 30) for day in range(7) for hour in range(24)] * 2

    slots = rank(posts, "UTC", NOW)

    assert Counter(slot.badge for slot in slots) == {"guess": 168}
    assert all(slot.low < 3 < slot.high for slot in slots)


# -- the ladder ----------------------------------------------------------------------


def test_no_post_at_all_leaves_every_figure_open():
    slots = rank([], "Europe/Madrid", NOW)

    assert [(slot.weekday, slot.hour) for slot in slots] == [divmod(i, 24) for i in range(168)]
    assert {(s.rate, s.low, s.high, s.lift, s.p_top5, s.n, s.badge, s.level) for s in slots} == {
        (None, None, None, None, 5 / 168, 0, "guess", "none")
    }


def test_one_post_says_how_the_account_does_not_when():
    slots = rank([(at(2, 9), 1000, 30)], "UTC", NOW)

    assert levels(slots) == {"none"}
    assert {slot.p_top5 for slot in slots} == {5 / 168}
    assert len({slot.rate for slot in slots}) == 1
    assert abs(slots[0].rate - 3) < 0.1
    assert all(slot.low < 2 and slot.high > 5 for slot in slots)


@pytest.mark.parametrize(
    ("posts", "level"),
    [
        (history()[:4], "none"),
        (history()[:5], "small"),
        (history(weeks=2)[:29], "small"),
        (history(weeks=2), "account"),
        ([(at(0, 9, week), 1000, 30 + week) for week in range(40)], "small"),
        ([(at(week % 7, 9, week), 1000, 30 + week) for week in range(40)], "small"),
        ([(at(week % 8 % 7, week % 8, week), 1000, 30 + week) for week in range(40)], "account"),
    ],
)
def test_own_best_times_need_thirty_posts_in_eight_slots(posts, level):
    slots = rank(posts, "UTC", NOW)

    assert levels(slots) == {level}
    if level != "account":
        assert {slot.badge for slot in slots} == {"guess"}


def test_a_handful_of_posts_already_leans_to_its_better_weekday():
    posts = [
        (at(day, 12, week), 5000, 400 if day == 3 else 100) for day in range(5) for week in (0, 1)
    ]

    slots = rank(posts, "UTC", NOW)

    assert levels(slots) == {"small"}
    assert (slots[0].weekday, slots[0].hour) == (3, 12)
    assert slots[0].low < slots[0].rate < slots[0].high


def test_a_prior_answers_where_posts_do_not():
    prior = [0.3 * math.sin(slot) for slot in range(168)]

    slots = rank([(at(0, 9), 1000, 20)], "UTC", NOW, prior=prior)

    order = [slot.weekday * 24 + slot.hour for slot in slots]
    assert order == sorted(range(168), key=lambda slot: -prior[slot])
    assert levels(slots) == {"pattern"}
    assert {slot.badge for slot in slots} == {"guess"}
    assert slots[0].p_top5 > 5 / 168 > slots[-1].p_top5


def test_a_prior_without_any_post_has_an_order_but_no_rate():
    slots = rank([], "UTC", NOW, prior=[float(slot == 40) for slot in range(168)])

    assert (slots[0].weekday, slots[0].hour, slots[0].rate) == (1, 16, None)
    assert levels(slots) == {"pattern"}


def test_posts_overrule_a_prior_that_is_wrong():
    wrong = np.zeros(168)
    wrong[5 * 24 :] = 0.5

    slots = rank(history(weeks=20) + [(at(5, 9, w), 10_000, 200) for w in range(20)], "UTC", NOW)
    misled = rank(
        history(weeks=20) + [(at(5, 9, w), 10_000, 200) for w in range(20)],
        "UTC",
        NOW,
        prior=wrong.tolist(),
    )

    assert [(s[0].weekday, s[0].hour) for s in (slots, misled)] == [(2, 18), (2, 18)]


def test_a_prior_that_is_right_helps_a_small_account():
    """True ones among the first five, over twenty accounts of 50 posts."""
    pattern = simulation.SLOT_SD * simulation.platform_pattern()
    hits = {"alone": 0, "helped": 0}

    for seed in range(20):
        one = account(seed, 50)
        for name, prior in (("alone", None), ("helped", pattern)):
            slots = rank(one.posts, simulation.ZONE, simulation.NOW, prior=prior)
            hits[name] += len(one.best & {s.weekday * 24 + s.hour for s in slots[:5]})

    assert hits["helped"] > 1.2 * hits["alone"]


# -- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_an_error(zone):
    with pytest.raises(ValueError, match="no time zone"):
        rank(history(), zone, NOW)


@pytest.mark.parametrize(
    "post",
    [
        (NOW - WEEK, -1, 3),
        (NOW - WEEK, 100, -3),
        (NOW - WEEK, 100, math.nan),
        (NOW - WEEK, math.inf, 3),
        (NOW, 100, -3),
    ],
)
def test_a_count_below_zero_or_without_end_is_an_error(post):
    with pytest.raises(ValueError, match="0 or more"):
        rank([post], "UTC", NOW)


def test_times_need_a_zone():
    with pytest.raises(ValueError, match="no time zone"):
        rank([(datetime(2026, 3, 1, 9), 100, 3)], "UTC", NOW)
    with pytest.raises(ValueError, match="no time zone"):
        rank([], "UTC", datetime(2026, 3, 1, 9))


@pytest.mark.parametrize("prior", [[], [0.1] * 167, [[0.1] * 24] * 7, [math.nan] * 168])
def test_a_prior_of_another_shape_is_an_error(prior):
    with pytest.raises(ValueError, match="168 finite numbers"):
        rank([], "UTC", NOW, prior=prior)
