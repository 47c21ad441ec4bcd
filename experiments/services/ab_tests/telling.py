"""Telling those who may approve that a test waits for them."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestState
from socialhub.models import NoticeKind
from socialhub.registries import NoticeSource, NoticeText
from socialhub.services import notices

SOURCE_NAME = "experiments-review"


def waits(test: ABTest) -> None:
    """Somebody handed it in."""
    notices.open_notice(NoticeKind.TASK, f"{SOURCE_NAME}:{test.pk}:{test.version}")


def settled(test: ABTest) -> None:
    """It was approved, sent back, taken back, changed or deleted."""
    notices.resolve(f"{SOURCE_NAME}:{test.pk}:")


def describe(incident: str) -> NoticeText | None:
    """The notice in the active language; None when the test does not wait any more."""
    pk = incident.split(":")[1]
    test = ABTest.objects.filter(pk=pk, state=ABTestState.IN_REVIEW).first()
    if test is None:
        return None
    try:
        path = reverse("admin:experiments_abtest_change", args=[test.pk])
    except NoReverseMatch:
        # An installation may hide a page; the notice must go out all the same.
        path = reverse("admin:index")
    return NoticeText(
        title=_("An A/B test waits for your approval"),
        what=test.question,
        todo=_("Open the test: approve its plan and its variants, or ask for changes."),
        path=path,
    )


SOURCE = NoticeSource(describe=describe, verb=lambda incident: "approve_post")
