"""Tests that were decided and posts that went out again, in the report of a period."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.queries.filters import Filters
from analytics.report_sections import Section
from experiments.models import ABTest, ABTestState, RecycledPost
from socialhub.models import Account, Organisation

KEY = "experiments"


def section(filters: Filters, language: str) -> Section | None:
    """Sentences and the decided tests; None where nobody has tested or recycled anything."""
    if not (ABTest.objects.exists() or RecycledPost.objects.exists()):
        return None
    tests = list(_decided(filters))
    text = " ".join([_about_tests(filters, len(tests)), *_about_recycling(filters)])
    rows = [_row(test) for test in tests]
    return Section(_("Tests and recycling"), text, _columns() if rows else (), rows)


# -- tests ------------------------------------------------------------------------------


def _decided(filters: Filters) -> QuerySet[ABTest]:
    first, end = _instants(filters)
    found = ABTest.objects.filter(
        state=ABTestState.DECIDED, decided_at__gte=first, decided_at__lt=end
    )
    if filters.campaign is not None:
        found = found.filter(campaign=filters.campaign)
    if _is_narrowed(filters):
        on_them = ABTest.accounts.through.objects.filter(account__in=_accounts(filters))
        found = found.filter(pk__in=on_them.values("abtest_id"))
    return found.select_related("winner").prefetch_related("variants").order_by("decided_at", "pk")


def _about_tests(filters: Filters, decided: int) -> str:
    if not decided:
        return _("No A/B test was decided.")
    words = ngettext("%(n)s A/B test was decided.", "%(n)s A/B tests were decided.", decided)
    return words % {"n": decided}


def _columns() -> tuple[tuple[str, str], ...]:
    return ((_("question"), "text"), (_("result"), "text"), (_("decided"), "day"))


def _row(test: ABTest) -> list[Any]:
    from experiments.views import showing

    assert test.decided_at is not None  # a constraint of ABTest
    day = test.decided_at.astimezone(Organisation.get().zone).date()
    return [test.question, showing.verdict(test)["headline"], day]


# -- recycling --------------------------------------------------------------------------


def _about_recycling(filters: Filters) -> list[str]:
    """How many went out again, and whether they did as well as predicted."""
    first, end = _instants(filters)
    again = RecycledPost.objects.filter(
        publication__published_at__gte=first, publication__published_at__lt=end
    )
    if filters.campaign is not None:
        again = again.filter(post__campaign=filters.campaign)
    if _is_narrowed(filters):
        again = again.filter(account__in=_accounts(filters))
    number = again.count()
    if not number:
        return []
    words = ngettext("%(n)s post went out again.", "%(n)s posts went out again.", number)
    measured = again.filter(actual__isnull=False, predicted__isnull=False)
    reached = measured.filter(actual__gte=F("predicted")).count()
    if not (of := measured.count()):
        return [words % {"n": number}, _("None of them is old enough to be measured.")]
    result = _("Of %(of)s measured, %(reached)s did at least as well as predicted.")
    return [words % {"n": number}, result % {"of": of, "reached": reached}]


# -- the period and its accounts --------------------------------------------------------


def _instants(filters: Filters) -> tuple[datetime, datetime]:
    """From the first local midnight to the one after the last day."""
    zone = Organisation.get().zone
    after = filters.last + timedelta(days=1)
    return (
        datetime.combine(filters.first, time(), zone),
        datetime.combine(after, time(), zone),
    )


def _is_narrowed(filters: Filters) -> bool:
    return bool(filters.platform) or filters.accounts is not None


def _accounts(filters: Filters) -> QuerySet[Account]:
    found = Account.objects.all()
    if filters.platform:
        found = found.filter(platform=filters.platform)
    return found if filters.accounts is None else found.filter(pk__in=filters.accounts)
