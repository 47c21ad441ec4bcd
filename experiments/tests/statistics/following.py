"""Tests under way for the tests: counts by hour, and a plan of two weeks."""

from datetime import UTC, datetime, timedelta

import numpy as np

from experiments.statistics.plans import Look, Plan

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = START + timedelta(days=14)
HOURS = 14 * 24


def hours(number):
    return START + timedelta(hours=number)


def plan(variants=2, *, names=None, **changes):
    given = {
        "variants": names or tuple("ABCDEFGHIJ"[:variants]),
        "planned": 33_600,
        "starts_at": START,
        "ends_at": END,
    }
    return Plan(**(given | changes))


def looks(engagements, impressions=None, *, first=1, behind=timedelta(0)):
    """One look an hour from increments (hours, k)."""
    x = np.asarray(engagements).cumsum(axis=0)
    n = None if impressions is None else np.asarray(impressions).cumsum(axis=0)
    return [
        Look(
            at=hours(first + at),
            counts=tuple(
                (int(value), None if n is None else int(n[at, own]))
                for own, value in enumerate(row)
            ),
            synced_at=hours(first + at) - behind,
        )
        for at, row in enumerate(x)
    ]


def steady(rates, *, each=100, number=HOURS, seed=0, **more):
    """Binomial engagements of the same impressions every hour."""
    rng = np.random.default_rng(seed)
    n = np.full((number, len(rates)), each)
    return looks(rng.binomial(n, rates), n, **more)
