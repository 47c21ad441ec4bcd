"""A later end. The one ordinary test stays at the end planned; only the looks go on after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestState, Design, MetricKind
from experiments.services.ab_tests import access
from experiments.services.ab_tests.starting import LONGEST
from socialhub import policies
from socialhub.services import history
from socialhub.services.errors import Conflict, Invalid


@transaction.atomic
def extend(test: ABTest, user: Any, until: datetime, now: datetime | None = None) -> ABTest:
    """Go on until a later time, at most 28 days after the start. Raises Conflict, Invalid."""
    now = now or timezone.now()
    policies.require(user, "start_experiment")
    access.require_accounts(user, test)
    test = access.locked(test, ABTestState.RUNNING)
    _require_extendable(test)
    assert test.ends_at is not None and test.starts_at is not None
    end = max(test.ends_at, test.extended_to or test.ends_at)
    latest = test.starts_at + LONGEST
    if until <= max(end, now):
        message = _("Choose a time after its present end.")
        raise Invalid("not_later", message, {"until": [message]})
    if until > latest:
        message = _("A test takes at most 28 days: until %(latest)s.") % {
            "latest": f"{latest:%Y-%m-%d %H:%M} UTC"
        }
        raise Invalid("too_late", message, {"until": [message]})
    test.extended_to = until
    test.version += 1
    history.sign(test, user, "extended")
    test.save(update_fields=["extended_to", "version", "updated_at"])
    return test


def _require_extendable(test: ABTest) -> None:
    if test.stopped_at is not None or test.broken_at is not None:
        raise access.wrong_state(test)
    if test.design == Design.PAIRED or test.kind == MetricKind.PER_POST:
        message = _(
            "Its posts were counted out at the start, and it is looked at after a fixed number "
            "of them: more would change what was promised. Start a new test instead."
        )
        raise Conflict("not_extendable", message)
    if test.ends_at is None:
        raise Conflict("open_ended", _("This test has no planned end: it goes on until stopped."))
