"""Locks and budgets: one winner among several workers, on any database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from socialhub.models import Lease, RateBudget
from socialhub.services import budgets, leases

WORKERS = 6


def race(call):
    """What `call` answers in several threads that start at the same moment."""
    barrier = Barrier(WORKERS)

    def one(_n):
        try:
            barrier.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


@pytest.mark.django_db(transaction=True)
def test_one_of_several_workers_takes_a_new_lease():
    won = race(lambda: leases.take("refresh:1", 60))

    assert len([owner for owner in won if owner]) == 1
    assert Lease.objects.get().owner in won


@pytest.mark.django_db(transaction=True)
def test_one_of_several_workers_takes_a_lease_that_ran_out():
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        leases.take("refresh:1", 60)

    won = race(lambda: leases.take("refresh:1", 60))

    assert len([owner for owner in won if owner]) == 1


@pytest.mark.django_db
def test_a_lease_is_free_again_after_its_end_and_after_release():
    first = leases.take("k", 60)
    assert leases.take("k", 60) is None

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        second = leases.take("k", 60)
        assert second is not None
        leases.release("k", first)
        assert leases.take("k", 60) is None

        leases.release("k", second)
        assert leases.take("k", 60) is not None


@pytest.mark.django_db
def test_held_releases_when_the_block_breaks():
    with pytest.raises(ZeroDivisionError), leases.held("k", 60) as mine:
        assert mine
        with leases.held("k", 60) as second:
            assert not second
        raise ZeroDivisionError

    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_budget_is_never_overdrawn():
    now = timezone.now()
    answers = race(lambda: [budgets.take("posts:1", 1, 4, 60, now) for _ in range(2)])

    granted = [answer for pair in answers for answer in pair if answer is None]
    refused = {answer for pair in answers for answer in pair if answer is not None}
    assert len(granted) == 4
    assert refused == {now + timedelta(seconds=60)}
    assert RateBudget.objects.get().used == 4


@pytest.mark.django_db(transaction=True)
def test_a_budget_opens_one_new_window_after_the_old_one():
    now = timezone.now()
    assert budgets.take("k", 3, 3, 60, now) is None
    later = now + timedelta(seconds=60)

    answers = race(lambda: budgets.take("k", 1, 3, 60, later))

    assert answers.count(None) == 3
    assert RateBudget.objects.get().window_started_at == later


@pytest.mark.django_db
def test_a_small_amount_still_fits_where_a_large_one_has_to_wait():
    now = timezone.now()
    assert budgets.take("k", 3, 5, 60, now) is None

    assert budgets.take("k", 3, 5, 60, now) == now + timedelta(seconds=60)
    assert budgets.take("k", 2, 5, 60, now) is None
    with pytest.raises(ValueError, match="does not fit"):
        budgets.take("k", 6, 5, 60, now)
