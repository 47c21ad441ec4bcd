"""Slots are local wall-clock times, also when the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from socialhub.models import PostingSlot
from socialhub.services import queue
from socialhub.services.errors import Invalid
from socialhub.tests.factories import AccountFactory, PublicationFactory, organisation

MADRID = ZoneInfo("Europe/Madrid")
pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    organisation(timezone="Europe/Madrid")
    return AccountFactory()


def slot(account, weekday, hour, minute=0):
    PostingSlot.objects.create(account=account, weekday=weekday, time=time(hour, minute))


def test_a_slot_keeps_its_local_hour_across_a_clock_change(account):
    slot(account, 0, 9)

    found = queue.slot_times(
        account, datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC)
    )

    assert [at.astimezone(UTC).isoformat() for at in found] == [
        "2026-10-19T07:00:00+00:00",
        "2026-10-26T08:00:00+00:00",
    ]


def test_a_slot_in_the_skipped_hour_does_not_happen_that_week(account):
    slot(account, 6, 2, 30)

    found = queue.slot_times(
        account, datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 4, 5, tzinfo=UTC)
    )

    assert [f"{at:%Y-%m-%d %H:%M}" for at in found] == ["2027-03-21 02:30", "2027-04-04 02:30"]


def test_the_next_free_slot_skips_what_is_planned(account):
    slot(account, 0, 9)
    slot(account, 2, 9)
    monday = datetime(2026, 11, 30, 9, tzinfo=MADRID)
    PublicationFactory(account=account, due_at=monday)

    found = queue.next_free_slot(account, datetime(2026, 11, 29, tzinfo=MADRID))

    assert found == datetime(2026, 12, 2, 9, tzinfo=MADRID)


def test_an_account_without_slots_has_no_free_one(account):
    assert queue.next_free_slot(account, datetime(2026, 11, 29, tzinfo=MADRID)) is None


def test_a_local_time_that_does_not_exist_is_refused():
    with pytest.raises(Invalid) as refused:
        queue.local_datetime(datetime(2027, 3, 28, 2, 30), MADRID)
    assert refused.value.code == "no_such_local_time"


def test_a_local_time_that_happens_twice_means_the_first():
    found = queue.local_datetime(datetime(2026, 10, 25, 2, 30), MADRID)
    assert found.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
