"""The numbers on a publication's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.models import PostMetrics, PublicationStats
from analytics.services import tracking
from socialhub.models import AccountGrant
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication():
    made = PublicationFactory(published=True, published_at=timezone.now() - timedelta(days=1))
    tracking.sweep()
    return made


def logged_in(role: str = "Analyst") -> Client:
    made = Client()
    made.force_login(UserFactory(role=role))
    return made


def panel(publication, caller: Client | None = None):
    url = reverse("analytics:publication-panel", args=[publication.pk])
    return (caller or logged_in()).get(url)


def measured(publication, **fields) -> None:
    at = timezone.now() - timedelta(minutes=4)
    following = timezone.now() + timedelta(minutes=11)
    fields = {"metrics_at": at, "next_collect_at": following, **fields}
    PublicationStats.objects.filter(pk=publication.pk).update(**fields)


def test_missing_is_a_dash_with_the_reason_never_zero(publication):
    measured(publication, likes=0, impressions=1234)

    page = panel(publication).content.decode()

    assert "1,234" in page
    assert '<span class="sh-number">0</span>' in page
    assert page.count("The network does not report this.") == 7
    assert "4\xa0minutes ago" in page
    assert "hx-trigger" not in page


def test_the_rate_is_rounded_not_cut(publication):
    measured(publication, likes=2, impressions=72)

    assert '<span class="sh-number">2.78</span> %' in panel(publication).content.decode()


def test_a_vanished_post_says_so_and_keeps_its_numbers(publication):
    measured(publication, likes=17, gone_at=timezone.now() - timedelta(hours=3))

    page = panel(publication).content.decode()

    assert "gone" in page
    assert "no longer has this post" in page
    assert '<span class="sh-number">17</span>' in page


def test_before_the_first_reading_there_are_no_numbers(publication):
    page = panel(publication).content.decode()

    assert "Not measured yet." in page
    assert "sh-number" not in page
    assert "hx-trigger" in page


def test_a_draft_says_when_numbers_come():
    assert "once it is published" in panel(PublicationFactory()).content.decode()


def test_readings_show_only_counters_that_were_ever_reported(publication):
    measured(publication, likes=2)
    at = timezone.now() - timedelta(hours=1)
    PostMetrics.objects.create(publication=publication, collected_at=at, likes=2, is_manual=True)

    page = panel(publication).content.decode()

    details = page[page.index("<details") :]
    assert "Likes" in details
    assert "by hand" in details
    assert "Impressions" not in details


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_readings(publication, rows, django_assert_num_queries):
    measured(publication, likes=rows)
    for hours in range(rows):
        at = timezone.now() - timedelta(hours=hours + 1)
        PostMetrics.objects.create(publication=publication, collected_at=at, likes=hours)
    caller = logged_in()
    panel(publication, caller)

    # Session, user, language, organisation, permissions 2, grants, publication, numbers, readings.
    with django_assert_num_queries(13):
        assert panel(publication, caller).status_code == 200


def test_others_do_not_see_it(publication):
    user = UserFactory(role="Analyst")
    AccountGrant.objects.create(user=user, account=AccountFactory())
    narrowed = Client()
    narrowed.force_login(user)

    assert panel(publication, narrowed).status_code == 404
    assert panel(publication, logged_in("")).status_code == 403
    assert panel(publication, Client()).status_code in (302, 403)


def test_the_publication_page_loads_the_panel(publication):
    page = logged_in().get(f"/admin/socialhub/publication/{publication.pk}/change/")

    assert reverse("analytics:publication-panel", args=[publication.pk]) in page.content.decode()


def test_the_admin_lists_numbers_and_changes_none(publication):
    measured(publication, likes=3)
    caller = Client()
    caller.force_login(UserFactory(is_superuser=True))

    listed = caller.get("/admin/analytics/publicationstats/")

    assert listed.status_code == 200
    assert publication.post.text in listed.content.decode()
    assert caller.get("/admin/analytics/publicationstats/add/").status_code == 403
