"""Slot by slot on the page of a paired test."""

import pytest
from django.utils import timezone

from experiments.models import ABTestPublication
from experiments.tests.factories import running
from experiments.views import slots

pytestmark = pytest.mark.django_db


def counted(test, *blocks):
    """Per block the engagements of A and of B; each was seen 999 times."""
    for number, numbers in enumerate(blocks):
        for name, engagements in zip("AB", numbers, strict=True):
            ABTestPublication.objects.filter(test=test, block=number, variant__name=name).update(
                engagements=engagements, impressions=999, counted_at=timezone.now()
            )


def test_each_slot_is_compared_and_averaged_on_the_log_scale():
    test = running()
    counted(test, (10, 20), (20, 10), (10, 41))
    ABTestPublication.objects.filter(test=test, block=3).update(counted_at=None)

    (course,) = slots.courses(test, list(test.variants.all()), test.publications.all())

    assert [(slot.number, slot.own, slot.mean) for slot in course.slots] == [
        # 20.5 / 10.5, and as much less; then 41.5 / 10.5.
        (1, "+95\u00a0%", "+95\u00a0%"),
        (2, "−49\u00a0%", "+0\u00a0%"),
        (3, "+295\u00a0%", "+58\u00a0%"),
    ]


def test_one_finished_slot_makes_no_course():
    test = running()
    counted(test, (10, 20))

    assert slots.courses(test, list(test.variants.all()), test.publications.all()) == []
