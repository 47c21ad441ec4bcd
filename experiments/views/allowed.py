"""Which buttons a person gets on a test in its state; the services decide again."""

from __future__ import annotations

from typing import Any

from experiments.models import ABTest, ABTestState, Design, MetricKind, Outcome
from experiments.services import ab_tests
from socialhub import policies
from socialhub.models import Organisation

S = ABTestState


def allowed(test: ABTest, user: Any) -> dict[str, bool]:
    """may_edit, may_submit, may_approve … for the template."""
    state = test.state
    writes = policies.can(user, "change_experiment")
    starts = policies.can(user, "start_experiment")
    vouches = ab_tests.may_approve(test, user)
    waiting = state in (S.DRAFT, S.IN_REVIEW)
    submits = policies.can(user, "submit_post")
    return {
        "may_edit": writes and test.is_changeable,
        "may_submit": state == S.DRAFT and submits,
        "may_approve": waiting and vouches,
        "may_request_changes": state == S.IN_REVIEW and policies.can(user, "approve_post"),
        "may_withdraw": state in (S.IN_REVIEW, S.APPROVED)
        and (submits or policies.can(user, "approve_post")),
        "may_start": ab_tests.may_start(test, user),
        "may_stop": starts and state == S.RUNNING,
        "may_extend": starts
        and state == S.RUNNING
        and test.design != Design.PAIRED
        and test.kind != MetricKind.PER_POST
        and test.ends_at is not None,
        "may_evaluate": starts and state == S.RUNNING,
        "may_promote": state == S.DECIDED
        and test.outcome == Outcome.WINNER
        and test.promoted_at is None
        and starts
        and policies.can(user, "write_post"),
        "may_delete": writes and test.is_changeable,
    }


def may_vouch(test: ABTest | None, user: Any) -> bool:
    """Would approving accept this person? Nobody approves what they changed themselves."""
    if test is None:
        return policies.can(user, "approve_post") and Organisation.get().self_approval
    return ab_tests.may_approve(test, user)
