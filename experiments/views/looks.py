"""How tests look: a word, a colour and an icon, the same everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiments import verdicts
from experiments.models import ABTest, ABTestState, Outcome
from socialhub import badges

# Our states and outcomes → the looks of socialhub.badges.
STATE = {
    ABTestState.DRAFT: "draft",
    ABTestState.IN_REVIEW: "in_review",
    ABTestState.APPROVED: "approved",
    ABTestState.RUNNING: "running",
}
OUTCOME = {
    Outcome.WINNER: "done",
    Outcome.NO_MEANINGFUL_DIFFERENCE: "info",
    Outcome.INCONCLUSIVE: "info",
    Outcome.INVALID: "failed",
    Outcome.STOPPED: "cancelled",
}


def state(test: ABTest) -> SafeString:
    """Where it stands; how it ended once it is decided."""
    if test.state == ABTestState.DECIDED:
        return badges.badge(OUTCOME[Outcome(test.outcome)], test.get_outcome_display())
    if test.state == ABTestState.DRAFT and test.review_comment:
        return badges.badge("changes_requested", _("changes requested"), test.review_comment)
    return badges.badge(STATE[ABTestState(test.state)], test.get_state_display())


def number(value: Any, decimals: int | None = None) -> str:
    """A plain number by language."""
    if value is None:
        return "–"
    if decimals is not None:
        value = round(value, decimals)
    return str(formats.number_format(value, decimals, use_l10n=True, force_grouping=True))


def left(test: ABTest, now: datetime) -> str:
    """How long until the end; "" where there is none to wait for."""
    end = test.extended_to or test.ends_at
    if test.state != ABTestState.RUNNING or end is None:
        return ""
    days = (end - now).days
    if end <= now:
        return _("ends now")
    return ngettext("%(n)s day", "%(n)s days", max(days, 1)) % {"n": max(days, 1)}


def bar(test: ABTest, found: tuple[int, int] | None) -> SafeString:
    """A progress bar with its numbers; what was never planned has none."""
    if found is None:
        return SafeString('<span class="sh-missing">–</span>')
    done, planned = found
    return format_html(
        '<span class="ab-progress"><span class="sh-meter" aria-hidden="true">'
        '<span style="width: {}%"></span></span><span class="sh-quiet sh-tabular">{}</span></span>',
        min(100, round(100 * done / planned)),
        verdicts.progress_words(test, done, planned),
    )
