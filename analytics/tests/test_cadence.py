from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.services import cadence

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "every"),
    [
        (timedelta(0), 15 * MINUTE),
        (-MINUTE, 15 * MINUTE),
        (DAY - MINUTE, 15 * MINUTE),
        (DAY, HOUR),
        (7 * DAY - MINUTE, HOUR),
        (7 * DAY, DAY),
        (90 * DAY - MINUTE, DAY),
        (90 * DAY, None),
    ],
)
def test_readings_thin_out_with_age(age, every):
    assert cadence.interval(age) == every


def test_a_network_of_our_own_is_read_faster_while_a_post_is_young():
    assert cadence.interval(14 * MINUTE, 20) == timedelta(seconds=20)
    assert cadence.interval(15 * MINUTE, 20) == 15 * MINUTE


def test_tries_thin_out_and_end_only_for_old_posts():
    waits = [cadence.again(failures, HOUR) for failures in (0, 1, 2, 50)]

    assert waits == [timedelta(seconds=s) for s in (15, 30, 60, 3600)]
    assert cadence.again(7, 91 * DAY) is not None
    assert cadence.again(8, 91 * DAY) is None


def test_how_many_readings_a_publication_costs():
    """The whole life of one publication: 96 readings, then 144, then 83."""
    age, readings = timedelta(0), 0
    while (every := cadence.interval(age)) is not None:
        readings, age = readings + 1, age + every

    assert readings == 96 + 144 + 83
