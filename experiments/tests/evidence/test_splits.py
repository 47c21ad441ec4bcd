"""Split audiences: visitors are counted, and the split itself is watched."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import ABTestState, Outcome
from experiments.services import evaluating, exposures
from experiments.tests.split.people import Person, link_test, page_test
from socialhub.models import LinkDestination

pytestmark = pytest.mark.django_db


def test_visitors_and_clicks_are_the_counts_of_a_look():
    test = page_test()
    variants = list(test.variants.order_by("position"))
    for _ in range(12):
        person = Person()
        person.click(person.look(test))

    look = evaluating.evaluate(test, timezone.now() + timedelta(minutes=1))

    seen = [test.exposures.filter(variant=one, is_bot=False).count() for one in variants]
    assert look.counts == [[n, n] for n in seen]
    assert sum(seen) == 12
    assert (look.state, look.reason, look.synced_at) == ("insufficient_data", "too_young", None)


def test_a_split_that_was_changed_is_invalid():
    test = link_test()
    # Past every service: in the database.
    LinkDestination.objects.filter(link=test.link).update(weight=7)

    evaluating.evaluate(test, timezone.now())

    assert (test.state, test.outcome) == (ABTestState.DECIDED, Outcome.INVALID)
    assert test.reason == "variant_edited"


def test_visitors_who_do_not_meet_the_variants_in_their_shares_end_it():
    test = page_test()
    control = test.variants.get(position=0)
    # Somebody sends only those to the page who will see the control.
    numbers = (uuid.UUID(int=n) for n in itertools.count(1))
    chosen = (number for number in numbers if exposures.draw(test, number) == control)
    for number in itertools.islice(chosen, 50):
        Person(number).look(test)

    look = evaluating.evaluate(test, timezone.now() + timedelta(minutes=1))

    assert look.counts == [[0, 50], [0, 0]]
    assert (test.outcome, test.reason) == (Outcome.INVALID, "mismatch")
