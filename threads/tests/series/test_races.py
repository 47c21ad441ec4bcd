"""Many at once. Real threads and a real database."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from socialhub.models import Publication
from socialhub.services.errors import ServiceError
from socialhub.tests.factories import AccountFactory, UserFactory
from socialhub.tests.operations.test_leases import WORKERS, race
from threads.models import SeriesStatus
from threads.services import series as services
from threads.services.series import PartData
from threads.tests.factories import approved, chain, make_series, put_out, scheduled, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def tried(call):
    """ "done", or the code of the refusal."""
    try:
        call()
    except ServiceError as exc:
        return exc.code
    return "done"


def test_one_approval_of_many_counts():
    row, user = (
        make_series(due_at=timezone.now() + timedelta(hours=1)),
        UserFactory(role="Approver"),
    )

    answers = race(lambda: tried(lambda: services.approve(row, user)))

    assert sorted(answers) == ["done"] + ["wrong_state"] * (WORKERS - 1)
    assert statuses(row) == ["scheduled"] * 3


@pytest.mark.thorough
def test_an_edit_while_it_is_scheduled_is_before_or_after_it():
    row, user = approved(), UserFactory(role="Administrator")
    turns = iter(range(WORKERS))

    def one():
        if next(turns) % 2:
            return tried(lambda: services.schedule(row, user))
        return tried(lambda: services.edit(row, user, parts=[PartData("Else"), PartData("Now")]))

    answers = race(one)

    row.refresh_from_db()
    # An edit that meets the scheduling half-way is told to look again ("in_flight").
    assert set(answers) <= {"done", "not_approved", "nothing_to_schedule", "in_flight"}
    # The first edit takes the approval away for good, whoever came before.
    assert (row.status, statuses(row)) == (SeriesStatus.DRAFT, ["draft"] * 2)


def test_of_series_for_one_account_and_time_one_is_scheduled():
    account, at = AccountFactory(), timezone.now() + timedelta(hours=1)
    other = AccountFactory()
    rows = [approved(accounts=[other, account]) for _n in range(WORKERS)]
    turns, user = iter(rows), UserFactory(role="Marketer")

    answers = race(lambda: tried(lambda: services.schedule(next(turns), user, at)))

    assert sorted(answers) == ["done"] + ["overlaps"] * (WORKERS - 1)
    assert Publication.objects.filter(status="scheduled").count() == 6


@pytest.mark.thorough
def test_cancelling_and_taking_back_at_once_leaves_nothing_on_the_queue():
    row, user = scheduled(), UserFactory(role="Administrator")
    turns = iter(range(WORKERS))

    def one():
        verb = services.cancel if next(turns) % 2 else services.withdraw
        return tried(lambda: verb(row, user))

    answers = race(one)

    assert "done" in answers
    assert set(answers) <= {"done", "wrong_state"}
    assert set(statuses(row)) <= {"draft", "cancelled"}


@pytest.mark.thorough
def test_a_part_that_turns_out_to_be_out_is_never_moved_by_an_edit():
    row, user = scheduled(), UserFactory(role="Administrator")
    first, order = chain(row)[0], [part.pk for part in row.parts.order_by("position")]
    Publication.objects.filter(pk=first.pk).update(
        status="publishing", claim_token=uuid4(), claimed_at=timezone.now()
    )
    turns = iter(range(WORKERS))

    def one():
        if next(turns) == WORKERS // 2:
            put_out(Publication.objects.get(pk=first.pk))
            return "out"
        return tried(lambda: services.reorder(row, user, order[::-1]))

    answers = race(one)

    assert set(answers) - {"out"} <= {"in_flight", "part_out"}
    assert [part.pk for part in row.parts.order_by("position")] == order
    assert statuses(row) == ["published", "scheduled", "scheduled"]
