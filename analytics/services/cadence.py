"""How often a publication is read: every 15 minutes for a day, hourly for a week, daily for 90."""

from __future__ import annotations

from datetime import timedelta

# (younger than, read every)
STEPS = (
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=7), timedelta(hours=1)),
    (timedelta(days=90), timedelta(days=1)),
)
LAST = STEPS[-1][0]
# A post that vanished is looked for once a day: networks err, and people restore posts.
GONE_STEPS = ((LAST, timedelta(days=1)),)
# How long a network's own faster rhythm lasts (Capabilities.collect_every_seconds).
FAST_FOR = timedelta(minutes=15)

# Where reading is charged for, the first reading waits until there is something to read.
FIRST_DAILY = timedelta(hours=12)

AGAIN_FIRST = timedelta(seconds=15)
AGAIN_MOST = timedelta(hours=1)
# Failed readings after which a publication past its last step is given up.
GIVE_UP = 8


def interval(age: timedelta, fast_seconds: int | None = None) -> timedelta | None:
    """Time to the next reading of a post of this age; None = no further reading."""
    return next((every for limit, every in steps(fast_seconds) if age < limit), None)


def steps(
    fast_seconds: int | None = None, *, daily: bool = False
) -> tuple[tuple[timedelta, timedelta], ...]:
    """(younger than, read every), the first that fits counts; older posts are not read.

    `daily`: the network charges for each post and UTC day, so once in 24 hours is enough.
    """
    if daily:
        return ((LAST, timedelta(days=1)),)
    if fast_seconds is None:
        return STEPS
    return ((FAST_FOR, timedelta(seconds=fast_seconds)), *STEPS)


def again(failures: int, age: timedelta) -> timedelta | None:
    """Time to the next try after `failures` earlier ones without an answer; None = give up."""
    if age >= LAST and failures >= GIVE_UP:
        return None
    return min(AGAIN_MOST, AGAIN_FIRST * 2 ** min(failures, GIVE_UP))
