"""A split from its start to its decision: people arrive, and every hour it is looked at."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from analytics.models import Conversion
from experiments.models import ABTest, ABTestState
from experiments.services import evaluating, exposures, splitting
from experiments.tests.split.people import BROWSER, link_test, page_test, path
from socialhub.views.visitors import COOKIE

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Crowd:
    """Strangers who come one after the other, each with a browser that was here before."""

    def __init__(self, test: ABTest, seed: int) -> None:
        self.test, self.random, self.client = test, Random(seed), Client()
        self.names = Random(seed)
        self.lost: float = 0.0

    def comes(self, rates: dict[str, float]) -> None:
        """One visitor, who does what is asked for with the chance of their variant."""
        visitor = self._somebody()
        self.client.cookies[COOKIE] = str(visitor)
        if self._never_arrives(visitor):
            return
        response = self.client.get(path(self.test), headers={"User-Agent": BROWSER})
        if self.test.split_by == "page":
            self._clicks(response.content.decode(), rates)
        else:
            self._becomes_a_lead(response["Location"], rates)

    def _somebody(self) -> uuid.UUID:
        """A new visitor. Who sees what depends on the test's id, which differs from run to run:
        the course must not, so the variant is drawn here and somebody found who gets it."""
        if self.test.split_by != "page":
            return uuid.UUID(int=self.names.getrandbits(128), version=4)
        wanted = self.random.choice(["A", "B"])
        while True:
            found = uuid.UUID(int=self.names.getrandbits(128), version=4)
            if exposures.draw(self.test, found).name == wanted:
                return found

    def _never_arrives(self, visitor: uuid.UUID) -> bool:
        """Some of those who would get B: a page that breaks in their browser, a blocked file."""
        return bool(
            self.lost
            and exposures.draw(self.test, visitor).name == "B"
            and self.random.random() < self.lost
        )

    def _clicks(self, html: str, rates: dict[str, float]) -> None:
        name = next(one.name for one in self.test.variants.all() if f">{one.text}<" in html)
        if self.random.random() < rates[name]:
            button = re.search(r'class="button"\s+href="([^"]+)"', html)[1]
            self.client.get(button, headers={"User-Agent": BROWSER})

    def _becomes_a_lead(self, url: str, rates: dict[str, float]) -> None:
        one = next(one for one in self.test.variants.all() if url.startswith(one.link[:22]))
        if self.random.random() < rates[one.name]:
            Conversion.objects.create(
                key=f"t:{self.random.getrandbits(64)}",
                kind="lead",
                variant_key=one.key,
                happened_at=timezone.now(),
            )


@dataclass(frozen=True)
class Traffic:
    """People an hour, and the control's chance."""

    each: int
    base: float


# Thousands of people do the same to the rows as hundreds: the figures decide, not the database.
LONG = (pytest.mark.thorough, pytest.mark.one_database)
# A few hundred people who decide quickly, and some thousands who need more of an effect.
SIZES = [
    Traffic(16, 0.4),
    pytest.param(Traffic(100, 0.1), marks=LONG),
]
WEEK = 7 * 24


def drive(
    crowd: Crowd, time_machine: Any, traffic: Traffic, *, b: float, hours: int = WEEK
) -> ABTest:
    """B has `b` times the chance of A. A look every hour until it is decided."""
    test = crowd.test
    rates = {"A": traffic.base, "B": traffic.base * b}
    began = test.started_at
    for hour in range(1, hours + 1):
        time_machine.move_to(began + (hour - 0.5) * HOUR, tick=False)
        for _n in range(traffic.each):
            crowd.comes(rates)
        time_machine.move_to(began + hour * HOUR, tick=False)
        evaluating.evaluate_all(began + hour * HOUR)
        test.refresh_from_db()
        if test.state == ABTestState.DECIDED:
            break
    return test


def started(make: Callable[..., ABTest], **fields: Any) -> ABTest:
    made = make(planned_size=3_000, **fields)
    return ABTest.objects.prefetch_related("variants").get(pk=made.pk)


@pytest.mark.parametrize("traffic", SIZES)
def test_a_better_button_wins(time_machine, traffic):
    crowd = Crowd(started(page_test), 1)

    test = drive(crowd, time_machine, traffic, b=1.5)

    assert (test.outcome, test.winner and test.winner.name) == ("winner", "B")
    assert test.evidence["claim_code"] == "causes_rate"
    counts = [list(one) for one in splitting.counts(test)]
    assert test.looks.last().counts == counts
    assert sum(seen for _clicks, seen in counts) == test.looks.count() * traffic.each


@pytest.mark.parametrize("traffic", SIZES)
def test_visitors_lost_on_the_way_to_one_variant_make_it_invalid(time_machine, traffic):
    crowd = Crowd(started(page_test), 2)
    crowd.lost = 0.5

    test = drive(crowd, time_machine, traffic, b=1.0)

    assert (test.outcome, test.reason, test.winner) == ("invalid", "mismatch", None)


@pytest.mark.parametrize("traffic", [Traffic(2, 0.4), pytest.param(Traffic(10, 0.1), marks=LONG)])
def test_equal_buttons_have_no_winner(time_machine, traffic):
    a_week = {"ends_at": timezone.now() + timedelta(days=7, minutes=10)}
    crowd = Crowd(started(page_test, **a_week), 3)

    test = drive(crowd, time_machine, traffic, b=1.0, hours=WEEK + 1)

    assert test.state == ABTestState.DECIDED
    assert test.outcome in ("inconclusive", "no_meaningful_difference")
    assert test.looks.count() == WEEK + 1


@pytest.mark.thorough
@pytest.mark.one_database
def test_a_better_place_brings_more_leads(time_machine):
    crowd = Crowd(started(link_test), 4)

    test = drive(crowd, time_machine, Traffic(100, 0.1), b=1.5)

    assert (test.outcome, test.winner and test.winner.name) == ("winner", "B")
