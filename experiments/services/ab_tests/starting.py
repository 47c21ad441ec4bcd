"""The start: from here on the plan is fixed, and what it schedules belongs to the test."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestState, ABTestVariant, Design
from experiments.services import splitting
from experiments.services.ab_tests import (
    access,
    approval,
    checking,
    content,
    scheduling,
    showing,
)
from experiments.services.ab_tests.scheduling import Showing
from socialhub import policies
from socialhub.models import Account
from socialhub.services import history
from socialhub.services.errors import Conflict, Invalid

if TYPE_CHECKING:
    from experiments.services.planner import Planned

# As experiments.statistics.plans, which would bring numpy along.
SHORTEST, LONGEST = timedelta(days=7), timedelta(days=28)
USUAL = timedelta(days=14)
# Paired slots of which the account's history tells nothing.
USUAL_BLOCKS = 16


@transaction.atomic
def start(test: ABTest, user: Any, now: datetime | None = None) -> ABTest:
    """Fix the plan and make what runs. Raises Forbidden, Invalid; Conflict when it runs already.

    Who may approve it may start a draft: that approves it in the same go.
    """
    now = now or timezone.now()
    policies.require(user, "start_experiment")
    access.require_accounts(user, test)
    test = access.locked(test, *_STARTABLE)
    if test.state != ABTestState.APPROVED:
        test = _approved(test, user)
    checking.validate(test)
    if content.content_hash(test) != test.approved_hash:
        message = _("This is not what was approved any more. Hand it in for approval again.")
        raise Conflict("changed_since_approval", message)
    _give_keys(test)
    showings = _fix_plan(test, now)
    if test.design == Design.SPLIT:
        splitting.prepare(test, user)
    _take(test, user, now)
    showing.make_all(test, showings, user)
    history.record(test, user, "started")
    return test


_STARTABLE = (ABTestState.DRAFT, ABTestState.IN_REVIEW, ABTestState.APPROVED)


def may_start(test: ABTest, user: Any) -> bool:
    """Would `start` accept this person? For buttons."""
    if test.state not in _STARTABLE or not policies.can(user, "start_experiment"):
        return False
    return test.state == ABTestState.APPROVED or approval.may_approve(test, user)


def _approved(test: ABTest, user: Any) -> ABTest:
    if user is None or not approval.may_approve(test, user):
        raise Conflict("not_approved", _("This test is not approved yet. Submit it first."))
    return approval.approve(test, user)


def _give_keys(test: ABTest) -> None:
    """What posts, destinations and leads carry: it names the variant and says nothing else."""
    for variant in test.variants.all():
        key = f"ab-{test.pk}-{ascii_lowercase[variant.position]}"
        ABTestVariant.objects.filter(pk=variant.pk).update(key=key)


def _take(test: ABTest, user: Any, now: datetime) -> None:
    """approved → running by conditional update: of two starts one wins."""
    fixed = {
        name: getattr(test, name)
        for name in ("kind", "baseline", "planned_size", "paired_looks", "starts_at", "ends_at")
    }
    test.state, test.started_at, test.started_by = ABTestState.RUNNING, now, user
    test.version += 1
    changed = ABTest.objects.filter(
        pk=test.pk, state=ABTestState.APPROVED, version=test.version - 1
    ).update(
        state=test.state,
        started_at=now,
        started_by=user,
        version=test.version,
        updated_at=now,
        **fixed,
    )
    if not changed:
        raise Conflict("wrong_state", _("Somebody else was first. Reload the test."))


# -- the plan --------------------------------------------------------------------


def _fix_plan(test: ABTest, now: datetime) -> list[Showing]:
    """Set everything the decision will rest on; the showings of a test of posts."""
    from experiments.services import counting

    test.kind = counting.kind_of(test)
    planned = _planned(test, now)
    test.baseline = planned.baseline if planned else None
    test.planned_size = test.planned_size or _size(test, planned)
    if test.design == Design.PAIRED:
        return _fix_paired(test, now)
    showings = []
    test.starts_at = now
    if test.design == Design.SINGLE:
        list(Account.objects.select_for_update().filter(ab_tests=test).order_by("pk"))
        showings = scheduling.plan_single(test, now)
        test.starts_at = max(one.due_at for one in showings)
    if not test.is_open_ended:
        test.ends_at = _end(test, test.starts_at, planned)
    return showings


def _fix_paired(test: ABTest, now: datetime) -> list[Showing]:
    from experiments.services import counting

    assert test.planned_size is not None
    if not checking.FEWEST_BLOCKS <= test.planned_size <= checking.MOST_BLOCKS:
        message = _("Paired slots take from 4 to 200 blocks.")
        raise Invalid("planned_size", message, {"planned_size": [message]})
    # Two tests that start together must not take the same slot.
    list(Account.objects.select_for_update().filter(ab_tests=test).order_by("pk"))
    showings = scheduling.plan_slots(test, test.planned_size, now)
    last = max(one.due_at for one in showings)
    end = last + counting.matures_after(test) + counting.TIME_TO_READ
    if test.ends_at is not None and test.ends_at < end:
        message = _("With these posting slots it is over on %(day)s at the earliest.") % {
            "day": f"{end:%Y-%m-%d}"
        }
        raise Invalid("ends_too_early", message, {"ends_at": [message]})
    test.starts_at = min(one.due_at for one in showings)
    test.ends_at = end
    test.paired_looks = looks_of(test.planned_size)
    return showings


def looks_of(blocks: int) -> list[int]:
    """After how many blocks a paired test is looked at before the last: half and three quarters.

    Below 16 blocks only at the end: each look takes its part of the error.
    """
    return [blocks // 2, blocks * 3 // 4] if blocks >= USUAL_BLOCKS else []


def _planned(test: ABTest, now: datetime) -> Planned | None:
    """What the accounts' own history says; visitors of a split have none."""
    from experiments.services import planner

    accounts = list(test.accounts.all())
    if test.design == Design.SPLIT or not accounts:
        return None
    return planner.plan_for(
        accounts=accounts,
        design=test.design,
        metric=test.metric,
        variants=test.variants.count(),
        confidence=test.confidence,
        power=test.power,
        smallest_effect=test.smallest_effect,
        washout_hours=test.washout_hours,
        now=now,
    )


def _size(test: ABTest, planned: Planned | None) -> int:
    if planned is not None and planned.refused:
        message = str(planned.sentence)
        raise Invalid("cannot_be_earned", message, {"smallest_effect": [message]})
    if planned is not None and planned.needed:
        return planned.needed
    if test.design == Design.PAIRED:
        return USUAL_BLOCKS
    message = _(
        "There is no history to plan with: say how many impressions or visitors each variant "
        "should get."
    )
    raise Invalid("no_history", message, {"planned_size": [message]})


def _end(test: ABTest, starts_at: datetime, planned: Planned | None) -> datetime:
    """The one chosen, else as long as the size takes: from one week to four."""
    if test.ends_at is None:
        weeks = planned.weeks if planned is not None else None
        wanted = USUAL if weeks is None else timedelta(weeks=math.ceil(weeks))
        return starts_at + min(max(wanted, SHORTEST), LONGEST)
    if not SHORTEST <= test.ends_at - starts_at <= LONGEST:
        message = _(
            "A test takes from 7 to 28 days from its last variant: choose an end from %(first)s "
            "to %(last)s."
        ) % {
            "first": f"{starts_at + SHORTEST:%Y-%m-%d %H:%M} UTC",
            "last": f"{starts_at + LONGEST:%Y-%m-%d %H:%M} UTC",
        }
        raise Invalid("duration", message, {"ends_at": [message]})
    return test.ends_at
