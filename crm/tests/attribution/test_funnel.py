"""Steps from reactions to won leads, and times to the first answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.queries.filters import Filters
from analytics.services import rebuilding
from analytics.tests.measured import measured
from crm.queries import funnel
from crm.queries.funnel import AnswerTimes
from crm.tests.attribution import rows
from crm.tests.support import make_lead, make_touch
from socialhub.models import Organisation
from socialhub.tests.factories import AccountFactory, InteractionFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 5, 12, tzinfo=UTC)
PERIOD = Filters(date(2026, 4, 1), date(2026, 4, 30))
MINUTE = timedelta(minutes=1)


def steps(found):
    return [(step.key, step.value, step.rate) for step in found.steps]


def owed_lead(publication, **fields):
    lead = make_lead(created_at=AT, **fields)
    make_touch(lead, AT, **rows.origin(publication))
    return lead


@pytest.mark.parametrize("built", [False, True])
def test_each_step_is_a_part_of_the_one_above(built):
    Organisation.get()
    publication = measured(AccountFactory(), AT, counters={"likes": 30, "comments": 10})
    other = measured(AccountFactory(platform="mastodon"), AT, counters={"likes": 5})
    for number in range(4):
        owed_lead(
            publication,
            opportunity_at=AT if number else None,
            outcome="won" if number == 3 else "open",
        )
    owed_lead(other)
    # Owed to no post.
    make_lead(created_at=AT, outcome="won", opportunity_at=AT)
    # Not of the period.
    make_touch(make_lead(created_at=AT - timedelta(days=40)), **rows.origin(publication))
    if built:
        rebuilding.rebuild(AT)

    found = funnel.funnel(replace(PERIOD, platform="sandbox"))
    every = funnel.funnel(PERIOD)

    assert steps(found) == [
        ("reactions", 40, None),
        ("leads", 4, 10.0),
        ("opportunities", 3, 75.0),
        ("won", 1, pytest.approx(100 / 3)),
    ]
    assert [step.value for step in every.steps] == [45, 5, 3, 1]
    assert (found.elsewhere, every.elsewhere) == (0, 1)


def test_rate_is_missing_where_the_step_above_is_unknown_or_nothing():
    owed_lead(measured(AccountFactory(), AT))

    found = steps(funnel.funnel(PERIOD))

    assert found == [
        ("reactions", None, None),
        ("leads", 1, None),
        ("opportunities", 0, 0.0),
        ("won", 0, None),
    ]


def comment_lead(minutes, **fields):
    """A lead made of a comment that was answered after so many minutes; None = not yet."""
    answered = None if minutes is None else AT + minutes * MINUTE
    comment = InteractionFactory(created_at=AT, answered_at=answered)
    lead = make_lead(created_at=AT + MINUTE, source="interaction", **fields)
    make_touch(lead, AT, interaction=comment, **rows.origin(comment.publication))
    return lead


def test_median_and_ninth_decile_of_the_first_answers():
    for minutes in (*range(1, 11), None):
        comment_lead(minutes)
    # A later comment of the same person is no first one.
    late = InteractionFactory(created_at=AT, answered_at=AT + timedelta(days=3))
    lead = comment_lead(5)
    make_touch(lead, AT + MINUTE, interaction=late, **rows.origin(late.publication))

    found = funnel.time_to_first_answer(PERIOD)

    assert found == AnswerTimes(5 * MINUTE, 9 * MINUTE, 11, 1)


def test_times_are_missing_without_answers():
    comment_lead(None)

    assert funnel.time_to_first_answer(PERIOD) == AnswerTimes(None, None, 0, 1)


def test_clock_of_a_network_that_is_ahead_makes_no_negative_time():
    comment_lead(-3)

    assert funnel.time_to_first_answer(PERIOD) == AnswerTimes(timedelta(0), timedelta(0), 1, 0)


def test_leads_of_accounts_that_are_not_granted_are_not_counted():
    granted = comment_lead(1)
    comment_lead(30)
    account = granted.last_touch.account_id

    limited = replace(PERIOD, granted=(account,))

    assert funnel.time_to_first_answer(limited).n == 1
    assert funnel.funnel(limited).steps[1].value == 1


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(django_assert_num_queries, count):
    Organisation.get()
    for _ in range(count):
        comment_lead(1)

    with django_assert_num_queries(5):
        funnel.funnel(PERIOD, "last")
    with django_assert_num_queries(2):
        funnel.time_to_first_answer(PERIOD)
