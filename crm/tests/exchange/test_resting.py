"""How long Odoo is left alone: bounded, however long it is away and whatever it asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import OdooConnection, RunState
from crm.odoo import errors
from crm.services.odoo import breaker

pytestmark = pytest.mark.django_db


def connected(**fields) -> OdooConnection:
    return OdooConnection.objects.create(
        url="https://odoo.example", database="shop", login="bot", **fields
    )


@pytest.mark.parametrize("failures", [4, 44, 2_000])
def test_an_odoo_that_is_away_for_days_is_asked_again_within_a_quarter(failures):
    row, before = connected(failures=failures), timezone.now()

    state = breaker.failed(row, errors.Unavailable("away"))

    row.refresh_from_db()
    assert (state, row.failures) == (RunState.INTERRUPTED, failures + 1)
    assert before < row.blocked_until <= timezone.now() + timedelta(minutes=15)


def test_no_answer_of_odoo_stops_us_for_longer_than_a_day():
    row = connected()

    breaker.failed(row, errors.Throttled("slow down", retry_after=1e15))

    row.refresh_from_db()
    assert row.blocked_until <= timezone.now() + timedelta(days=1)
