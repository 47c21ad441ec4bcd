"""/api/leads/stats/"""

from __future__ import annotations

import pytest
from django.utils import timezone

from crm.models import CrmSettings, Lead, LeadRevenue
from crm.services import capture, following
from crm.tests.capture.rows import again, comment
from socialhub.models import AccountGrant
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db
STATS = "/api/leads/stats/"


@pytest.fixture
def sold(marketer):
    """A lead with two touches, of two posts, that brought in 1,200."""
    first = comment()
    lead, _created = capture.convert(first, marketer.user)
    second = PublicationFactory(account=first.account, published=True)
    following.follow(again(first, publication=second))
    LeadRevenue.objects.create(
        lead=lead, won="1200.00", quoted="0.00", currency="EUR", read_at=timezone.now()
    )
    lead.refresh_from_db()
    return lead


@pytest.mark.parametrize("touch", ["first", "last"])
def test_revenue_belongs_to_the_touch_asked_for(marketer, sold, touch):
    found = marketer.get(f"{STATS}?group_by=post&touch={touch}&days=7")

    assert found.status_code == 200, found.data
    owed_to = sold.first_touch if touch == "first" else sold.last_touch
    rows = [row for row in found.json()["results"] if row["leads"]]
    assert [(row["key"], row["leads"], float(row["won"])) for row in rows] == [
        (owed_to.publication.post_id, 1, 1200.0)
    ]
    assert float(found.json()["totals"]["won"]) == 1200.0


def test_without_a_wish_the_settings_decide(marketer, sold):
    assert marketer.get(STATS).json()["touch"] == "last"
    CrmSettings.objects.update_or_create(pk=1, defaults={"attribution": "first"})

    found = marketer.get(STATS).json()

    assert (found["touch"], found["group_by"]) == ("first", "post")


@pytest.mark.parametrize("group", ["post", "campaign", "account", "product", "variant", "week"])
def test_every_grouping_counts_the_same_leads(analyst, sold, group):
    rows = analyst.get(f"{STATS}?group_by={group}&days=7").json()["results"]

    assert sum(row["leads"] or 0 for row in rows) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("group_by=person", "group_by"),
        ("touch=middle", "touch"),
        ("days=0", "days"),
        ("account=99", "account"),
        ("unheard=1", "unheard"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(analyst, query, field):
    response = analyst.get(f"{STATS}?{query}")

    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
def test_every_role_reads_figures(as_role, role):
    assert as_role(role).get(STATS).status_code == 200


def test_a_person_without_a_role_does_not(as_role):
    assert as_role(None).get(STATS).status_code == 403


def test_accounts_not_granted_are_not_counted(marketer, sold):
    AccountGrant.objects.create(user=marketer.user, account=AccountFactory())

    found = marketer.get(STATS).json()

    assert Lead.objects.count() == 1
    assert found["totals"]["leads"] == 0
