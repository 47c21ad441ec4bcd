"""Approval: a person vouches for plan and variants, as one. The rules are those of posts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestState
from experiments.services.ab_tests import access, checking, content, telling
from socialhub import policies
from socialhub.models import Organisation
from socialhub.services import history
from socialhub.services.errors import Forbidden, Invalid


@transaction.atomic
def submit(test: ABTest, user: Any) -> ABTest:
    """Hand a draft in for approval. It must be possible as it stands."""
    policies.require(user, "submit_post")
    access.require_accounts(user, test)
    test = access.locked(test, ABTestState.DRAFT)
    checking.validate(test)
    test.state = ABTestState.IN_REVIEW
    test.review_comment = ""
    _save(test, user, "submitted")
    telling.waits(test)
    return test


@transaction.atomic
def approve(test: ABTest, user: Any) -> ABTest:
    """Approve this plan and these variants.

    Nobody who changed it since the last approval may approve, unless the organisation allows it.
    """
    policies.require(user, "approve_post")
    access.require_accounts(user, test)
    test = access.locked(test, ABTestState.DRAFT, ABTestState.IN_REVIEW)
    if user is not None and not may_approve(test, user):
        message = _("You changed this test, so somebody else has to approve it.")
        raise Forbidden("edited_it_yourself", message)
    checking.validate(test)
    test.content_hash = test.approved_hash = content.content_hash(test)
    test.state = ABTestState.APPROVED
    test.approved_by, test.approved_at, test.review_comment = user, timezone.now(), ""
    _save(test, user, "approved")
    test.editors.clear()
    telling.settled(test)
    return test


@transaction.atomic
def request_changes(test: ABTest, user: Any, comment: str) -> ABTest:
    """Send a test back with a comment: draft again."""
    policies.require(user, "approve_post")
    access.require_accounts(user, test)
    if not comment.strip():
        message = _("Say what should change.")
        raise Invalid("comment_missing", message, {"comment": [message]})
    test = access.locked(test, ABTestState.IN_REVIEW)
    test.state = ABTestState.DRAFT
    test.review_comment = comment.strip()
    _save(test, user, "changes requested")
    telling.settled(test)
    return test


@transaction.atomic
def withdraw(test: ABTest, user: Any) -> ABTest:
    """Take back a submission or an approval: draft again."""
    if not (policies.can(user, "submit_post") or policies.can(user, "approve_post")):
        policies.require(user, "submit_post")
    access.require_accounts(user, test)
    test = access.locked(test, ABTestState.IN_REVIEW, ABTestState.APPROVED)
    test.state = ABTestState.DRAFT
    test.approved_by = test.approved_at = None
    _save(test, user, "withdrawn")
    telling.settled(test)
    return test


def may_approve(test: ABTest, user: Any) -> bool:
    """Would `approve` accept this person? For buttons."""
    if not policies.can(user, "approve_post"):
        return False
    return Organisation.get().self_approval or not test.editors.filter(pk=user.pk).exists()


def _save(test: ABTest, user: Any, reason: str) -> None:
    test.version += 1
    history.sign(test, user, reason)
    test.save()
