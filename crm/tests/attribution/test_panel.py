"""Leads and revenue on the pages of publications, posts and products."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crm.models import CrmSettings, LeadRevenue
from crm.queries import panel
from crm.tests.attribution import rows
from crm.tests.support import make_lead, make_product, make_service, make_touch
from socialhub.models import AccountGrant
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 5, 12, tzinfo=UTC)


@pytest.fixture
def marketer():
    return UserFactory(role="Marketer")


def owed(publication, won=None, **fields):
    lead = make_lead(created_at=AT, account=publication.account, **fields)
    make_touch(lead, AT, **rows.origin(publication))
    if won is not None:
        LeadRevenue.objects.create(lead=lead, won=won, currency="EUR", read_at=AT)
    return lead


def told(numbers):
    return (numbers["leads"], numbers["won"], numbers["currency"])


def test_publication_shows_what_is_owed_to_it_and_a_post_all_of_its_publications(marketer):
    here = PublicationFactory(published=True)
    there = PublicationFactory(published=True, post=here.post, account=AccountFactory())
    other = PublicationFactory(published=True)
    first, second = owed(here, Decimal("10.10")), owed(there, Decimal("20.20"))
    owed(other, Decimal(500))
    # Touched here first, owed elsewhere.
    moved = owed(here)
    make_touch(moved, AT + timedelta(hours=1), **rows.origin(other))
    # No touch is known any more.
    bare = make_lead(created_at=AT + timedelta(days=1), **rows.origin(here))

    publication = panel.for_publication(here, marketer)
    post = panel.for_post(here.post, marketer)

    assert told(publication.numbers) == (2, Decimal("10.10"), "EUR")
    assert publication.leads == [bare, first]
    assert told(post.numbers) == (3, Decimal("30.30"), "EUR")
    assert post.leads == [bare, second, first]
    assert {pk: told(row) for pk, row in panel.for_publications([here.pk], marketer).items()} == {
        here.pk: (2, Decimal("10.10"), "EUR")
    }
    posts = [here.post_id, other.post_id]
    assert {pk: told(row) for pk, row in panel.for_posts(posts, marketer).items()} == {
        here.post_id: (3, Decimal("30.30"), "EUR"),
        other.post_id: (2, Decimal(500), "EUR"),
    }
    CrmSettings.objects.update(attribution="first")
    assert moved in panel.for_publication(here, marketer).leads


def test_items_show_leads_that_ask_for_them(marketer):
    product, service = make_product(), make_service()
    publication = PublicationFactory(published=True)
    lead = owed(publication, Decimal(7), product=product)
    LeadRevenue.objects.create(
        lead=owed(publication, service=service),
        won=Decimal(3),
        currency="USD",
        is_estimate=True,
        read_at=AT,
    )

    found = panel.for_item(product, marketer)
    services = panel.for_items("service", [service.pk], marketer)

    assert (told(found.numbers), found.leads, found.more) == ((1, Decimal(7), "EUR"), [lead], False)
    assert told(services[service.pk]) == (1, Decimal(3), "USD")
    assert services[service.pk]["is_estimate"]
    assert panel.for_items("product", [make_product().pk], marketer) == {}
    with pytest.raises(ValueError, match="hat"):
        panel.for_items("hat", [1], marketer)


def test_nothing_is_none(marketer):
    publication = PublicationFactory(published=True)

    found = panel.for_publication(publication, marketer)

    assert told(found.numbers) == (0, None, "")
    assert (found.numbers["amounts"], found.leads) == ([], [])


def test_who_may_not_see_people_sees_figures_only():
    publication = PublicationFactory(published=True)
    owed(publication, Decimal(5))

    found = panel.for_publication(publication, UserFactory(role="Analyst"))

    assert (told(found.numbers), found.leads) == ((1, Decimal(5), "EUR"), [])


def test_accounts_that_are_not_granted_are_not_counted(marketer):
    here = PublicationFactory(published=True)
    there = PublicationFactory(published=True, post=here.post, account=AccountFactory())
    product = make_product()
    lead = owed(here, Decimal(5), product=product)
    owed(there, Decimal(50), product=product)
    AccountGrant.objects.create(user=marketer, account=here.account)

    post, item = panel.for_post(here.post, marketer), panel.for_item(product, marketer)

    assert told(post.numbers) == told(item.numbers) == (1, Decimal(5), "EUR")
    assert post.leads == item.leads == [lead]


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(django_assert_num_queries, marketer, count):
    CrmSettings.get()
    marketer.has_perm("crm.view_lead")
    publications = PublicationFactory.create_batch(count, published=True)
    for publication in publications:
        owed(publication, Decimal(5))
    ids = [publication.pk for publication in publications]

    with django_assert_num_queries(5):
        panel.for_publications(ids, marketer)
    with django_assert_num_queries(5):
        found = panel.for_publication(publications[0], marketer)
        for lead in found.leads:
            str(lead.account)
