"""Telling people that a test has its answer. One notice per test."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from experiments.models import ABTest, Outcome
from socialhub.models import NoticeKind
from socialhub.registries import NoticeSource, NoticeText
from socialhub.services import notices


def decided(test: ABTest) -> None:
    """A running test ended by itself or broke. Whoever stopped one knows."""
    if test.outcome == Outcome.STOPPED:
        return
    # With an account, only those hear of it who may see that account.
    notices.open_notice(
        NoticeKind.TASK,
        f"experiments:decided:{test.pk}:",
        account=test.accounts.order_by("pk").first(),
    )


def settled(test: ABTest) -> None:
    """Somebody has acted on it: promoted the winner."""
    notices.resolve(f"experiments:decided:{test.pk}:")


# -- in words ------------------------------------------------------------------------------


def describe(incident: str) -> NoticeText | None:
    """The notice in the active language; None when the test is gone."""
    _app, _kind, pk, *_rest = incident.split(":")
    test = ABTest.objects.select_related("winner").filter(pk=int(pk)).first()
    if test is None:
        return None
    return NoticeText(
        _("The A/B test “%(question)s” is decided") % {"question": test.question},
        _what(test),
        _todo(test),
        _page(test),
    )


def _what(test: ABTest) -> str:
    if test.outcome == Outcome.WINNER and test.winner is not None:
        return _("%(variant)s beats every other variant.") % {"variant": test.winner.name}
    return {
        Outcome.NO_MEANINGFUL_DIFFERENCE: _("The variants do not differ enough to matter."),
        Outcome.INVALID: _("It became invalid: its figures must not be used."),
    }.get(Outcome(test.outcome), _("No variant could be told from the others."))


def _todo(test: ABTest) -> str:
    if test.outcome == Outcome.WINNER:
        return _("Open the test and promote the winner.")
    if test.outcome == Outcome.INVALID:
        return _("Open the test to see why; start a new one if the question is still open.")
    return _("Open the test and see what it could have shown.")


def _page(test: ABTest) -> str:
    try:
        return reverse("admin:experiments_abtest_change", args=[test.pk])
    except NoReverseMatch:
        return reverse("admin:index")


def verb(incident: str) -> str:
    """What a person must be allowed to do to hear of it."""
    return "start_experiment"


SOURCE = NoticeSource(describe, verb)
