"""Many at once: one lead. Real threads and a real database."""

from __future__ import annotations

import pytest

from crm.models import Lead, LeadNote, LeadTouch
from crm.services import capture, following
from crm.tests.capture.rows import again, api_origin, comment, told
from socialhub.tests.factories import UserFactory
from socialhub.tests.operations.test_leases import WORKERS, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_comment_converted_by_many_is_one_lead():
    asked, user = comment(), UserFactory(role="Marketer")

    answers = race(lambda: capture.convert(asked, user))

    assert len({lead.pk for lead, _created in answers}) == 1
    assert sorted(created for _lead, created in answers) == [False] * (WORKERS - 1) + [True]
    assert (Lead.objects.count(), LeadTouch.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "who", [{"email": "ana@shop.example"}, {"phone": "600112233"}], ids=["email", "phone"]
)
def test_a_form_sent_many_times_is_one_lead(who):
    answers = race(lambda: capture.capture(told(message="Hello", **who), api_origin()))

    assert sum(created for _lead, created in answers) == 1
    assert (Lead.objects.count(), LeadTouch.objects.count()) == (1, WORKERS)
    assert LeadNote.objects.count() == WORKERS - 1


def test_two_keys_in_any_order_are_no_deadlock():
    """Some know the e-mail first, some the phone, all know both."""
    both = told(email="ana@shop.example", phone="600112233")
    turns = iter(range(WORKERS))

    def one():
        if next(turns) % 2:
            capture.capture(told(phone="600112233"), api_origin())
        return capture.capture(both, api_origin())

    race(one)

    assert Lead.objects.count() == 1


def test_a_later_comment_is_noted_once_by_many_workers():
    first = comment()
    capture.convert(first, UserFactory(role="Marketer"))
    later = again(first)

    noted = race(lambda: following.follow(later))

    assert sorted(noted) == [False] * (WORKERS - 1) + [True]
    assert LeadNote.objects.count() == 1
