"""Ending a test by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from experiments.models import ABTest, ABTestState
from experiments.services import watching
from experiments.services.ab_tests import access
from socialhub import policies
from socialhub.services import history


def stop(test: ABTest, user: Any, now: datetime | None = None) -> ABTest:
    """End a running test without a winner; its evidence until now is kept.

    A decision that the counts led to before this moment stands.
    """
    from experiments.services import evaluating

    now = now or timezone.now()
    _ask(test, user, now)
    # Decides: a stopped plan has no other verdict than "stopped" from here on.
    look = evaluating.evaluate(test, now)
    if look is not None and test.state == ABTestState.RUNNING:
        # A look of this very moment, or of a later one, was there already.
        evaluating.evaluate(test, look.at + timedelta(microseconds=1))
    test.refresh_from_db()
    return test


@transaction.atomic
def _ask(test: ABTest, user: Any, now: datetime) -> None:
    policies.require(user, "start_experiment")
    access.require_accounts(user, test)
    # Publications come before the test, as in every evaluation: no deadlock.
    watching.lock_waiting(test)
    changed = ABTest.objects.filter(
        pk=test.pk, state=ABTestState.RUNNING, stopped_at__isnull=True
    ).update(stopped_at=now)
    if not changed:
        test.refresh_from_db()
        raise access.wrong_state(test)
    history.record(test, user, "stopped")
    watching.call_off(test)
