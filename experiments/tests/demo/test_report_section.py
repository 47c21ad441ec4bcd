"""Decided tests and repetitions in a report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import report_sections
from analytics.queries.filters import Filters
from experiments import report_section
from experiments.models import RecycledPost
from experiments.services import ab_tests
from experiments.tests import factories
from socialhub.models import Account, Organisation
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db


def ours(language="en", **narrow):
    """As the report of this week has it; None when it has nothing of ours."""
    today = timezone.now().astimezone(Organisation.get().zone).date()
    filters = Filters(today - timedelta(days=6), today, **narrow)
    found = report_sections.sections(filters, language)
    return next((one for one in found if one["key"] == report_section.KEY), None)


def stopped(**fields):
    return ab_tests.stop(factories.running(**fields), UserFactory(role="Marketer"))


def repeated(account: Account, predicted=None, actual=None) -> RecycledPost:
    first = PublicationFactory(account=account, published=True)
    again = PublicationFactory(account=account, published=True)
    factors = dict.fromkeys(
        ("quality", "freshness", "fatigue", "decay", "season", "diversity"), 1.0
    )
    return RecycledPost.objects.create(
        account=account,
        original=first,
        post=again.post,
        publication=again,
        number=1,
        score=80,
        predicted=predicted,
        actual=actual,
        **factors,
    )


def test_without_tests_and_repetitions_there_is_no_section():
    assert ours() is None


def test_a_decided_test_is_told_with_its_sentence():
    test = stopped(question="Does a question help?")
    factories.running()

    found = ours()

    day = test.decided_at.astimezone(Organisation.get().zone).date()
    assert (found["failed"], found["title"]) == (False, "Tests and recycling")
    assert found["text"] == "1 A/B test was decided."
    assert found["rows"] == [
        [
            "Does a question help?",
            "Stopped before a decision. No variant may be called better.",
            day.isoformat(),
        ]
    ]


def test_repetitions_are_counted_and_compared_with_what_was_predicted():
    account = AccountFactory()
    repeated(account)
    assert ours()["text"].endswith(
        "1 post went out again. None of them is old enough to be measured."
    )

    repeated(account, predicted=0.02, actual=0.03)
    repeated(account, predicted=0.02, actual=0.01)
    assert ours()["text"] == (
        "No A/B test was decided. 3 posts went out again. "
        "Of 2 measured, 1 did at least as well as predicted."
    )


def test_only_what_the_report_is_about():
    test = stopped()
    [account] = test.accounts.all()
    repeated(account)
    other = AccountFactory()

    assert len(ours(account=account.pk)["rows"]) == 1
    for narrow in ({"account": other.pk}, {"granted": (other.pk,)}, {"platform": "mastodon"}):
        found = ours(**narrow)
        assert (found["text"], found["rows"]) == ("No A/B test was decided.", [])
