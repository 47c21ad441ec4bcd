"""Dates and times as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from socialhub.services.imports import moments
from socialhub.services.imports.moments import Unreadable

MADRID = ZoneInfo("Europe/Madrid")
THIRD = date(2026, 12, 3)


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-03",
        "2026/12/3",
        "3 dic 2026",
        "3 dic. 2026",
        "3 de diciembre de 2026",
        "3 Diciembre 2026",
        "jueves, 3 de diciembre de 2026",
        "3rd December 2026",
        "December 3, 2026",
        "Dec 3 2026",
        "46359",
        46359,
        date(2026, 12, 3),
        datetime(2026, 12, 3, 9, 30),
    ],
)
def test_a_day_that_can_be_read_in_one_way(written):
    found = moments.day_of(written)

    assert (found.read(None), found.is_open) == (THIRD, False)


def test_a_day_of_numbers_waits_for_the_order_of_the_file():
    found = moments.day_of("03/12/2026")

    assert (found.is_open, found.shows) == (True, None)
    assert (found.read("day"), found.read("month")) == (THIRD, date(2026, 3, 12))
    with pytest.raises(Unreadable, match="date_order_open"):
        found.read(None)


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("25.12.2026", "day", date(2026, 12, 25)),
        ("12-25-2026", "month", date(2026, 12, 25)),
    ],
)
def test_a_number_above_twelve_proves_the_order(written, order, day):
    found = moments.day_of(written)

    assert (found.shows, found.read("day"), found.read("month")) == (order, day, day)


def test_the_same_number_twice_is_read_in_one_way():
    assert not moments.day_of("5/5/2027").is_open


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("31/02/2026", "no_such_day"),
        ("2026-02-30", "no_such_day"),
        ("3/12/26", "short_year"),
        ("tomorrow", "date_unreadable"),
        ("3 brumaire 2026", "date_unreadable"),
        (12, "date_unreadable"),
        ("99999", "date_unreadable"),
    ],
)
def test_no_day(written, code):
    with pytest.raises(Unreadable, match=code):
        moments.day_of(written)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("9:30", time(9, 30)),
        ("09.30", time(9, 30)),
        ("9h30", time(9, 30)),
        ("18h", time(18)),
        ("9 pm", time(21)),
        ("9:30 p. m.", time(21, 30)),
        ("12 am", time(0)),
        ("12:05pm", time(12, 5)),
        ("09:30:00", time(9, 30)),
        (0.75, time(18)),
        (time(7, 5, 30), time(7, 5)),
    ],
)
def test_a_time(written, at):
    assert moments.time_of(written) == at


@pytest.mark.parametrize("written", ["9", "25:00", "9:75", "noon", "13 pm", "", "9 a"])
def test_no_time(written):
    with pytest.raises(Unreadable, match="time_unreadable"):
        moments.time_of(written)


@pytest.mark.parametrize(
    "written",
    ["2026-12-03 09:30", "2026-12-03T09:30", "3 dic 2026, 9:30", "Dec 3, 2026 9:30 am"],
)
def test_both_in_one_cell(written):
    day, at = moments.both_of(written)

    assert (day.read(None), at) == (THIRD, time(9, 30))


def test_an_offset_makes_it_an_instant():
    utc = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)

    assert moments.both_of("2026-12-03T09:30:00+01:00") == utc
    assert moments.both_of("2026-12-03T08:30Z") == utc


def test_a_day_alone_is_no_moment():
    for written in ("2026-12-03", "3 dic 2026", date(2026, 12, 3)):
        with pytest.raises(Unreadable, match="time_missing"):
            moments.both_of(written)


def test_when_the_clocks_change():
    with pytest.raises(Unreadable, match="hour_skipped"):
        moments.instant(date(2027, 3, 28), time(2, 30), MADRID)

    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert moments.instant(date(2027, 10, 31), time(2, 30), MADRID) == (first, True)
    assert moments.instant(THIRD, time(9, 30), MADRID) == (
        datetime(2026, 12, 3, 8, 30, tzinfo=UTC),
        False,
    )
