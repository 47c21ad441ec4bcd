"""What the monthly cap left out: said everywhere, never 0 and never as if fresh."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import PublicationStats
from analytics.queries import costs, unmeasured
from analytics.queries.filters import Filters
from analytics.services import tracking
from socialhub.models import AccountSpending, ApiToken
from socialhub.services import spending
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db

WHY = re.compile(r"The monthly cap of \$5\.00 for X is used up; counters are read again on 1 \w+\.")


@pytest.fixture(autouse=True)
def _no_kept_answers():
    caches["local"].clear()


def left_out(**fields):
    """A publication on X whose last reading was left out."""
    account = AccountFactory(platform="x", monthly_cap_usd="5")
    at = timezone.now() - timedelta(days=2)
    publication = PublicationFactory(account=account, published=True, published_at=at, due_at=at)
    tracking.ensure_stats([publication.pk])
    fields = {"skipped_at": timezone.now(), "next_collect_at": None, **fields}
    PublicationStats.objects.filter(pk=publication.pk).update(**fields)
    return publication


def known(**fields):
    at = timezone.now() - timedelta(days=1)
    return left_out(likes=4, comments=1, impressions=500, metrics_at=at, **fields)


def desk() -> Client:
    client = Client()
    client.force_login(UserFactory(role="", is_superuser=True))
    return client


def api(path: str):
    _row, token = ApiToken.objects.create(UserFactory(role="Analyst"), can_write=False)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get(path).json()


def panel(publication) -> str:
    url = reverse("analytics:publication-panel", args=[publication.pk])
    return desk().get(url).content.decode()


def test_the_sentence_names_the_cap_and_the_first_of_the_next_month_in_utc():
    account = AccountFactory(platform="x", monthly_cap_usd=5)
    at = datetime(2999, 11, 30, 23, 59, tzinfo=UTC)

    assert unmeasured.sentence(account, at) == (
        "The monthly cap of $5.00 for X is used up; counters are read again on 1 December."
    )
    assert unmeasured.sentence(account, None) == ""
    assert "read again soon" in unmeasured.sentence(account, datetime(2020, 1, 1, tzinfo=UTC))


def test_the_page_says_not_measured_where_nothing_is_known():
    page = panel(left_out())

    assert WHY.search(page)
    assert "not measured" in page
    assert "sh-number" not in page


def test_older_numbers_keep_their_age_and_the_note():
    page = panel(known())

    assert '<span class="sh-number">4</span>' in page
    assert "1\xa0day ago" in page
    assert WHY.search(page)
    assert "The network does not report this." not in page


def test_the_api_has_null_and_the_reason():
    publication = left_out()

    metrics = api(f"/api/publications/{publication.pk}/")["metrics"]

    assert metrics["not_measured"] == "monthly_cap"
    assert (metrics["likes"], metrics["impressions"], metrics["measured_at"]) == (None, None, None)


def test_what_was_measured_before_and_what_was_read_since_in_the_api():
    older, fresh = known(), known(skipped_at=None)

    first, second = (api(f"/api/publications/{p.pk}/")["metrics"] for p in (older, fresh))

    assert (first["likes"], first["not_measured"]) == (4, "monthly_cap")
    assert (second["likes"], second["not_measured"]) == (4, None)


def test_top_posts_carry_the_note():
    known(shares=None)
    page = desk().get(reverse("admin:analytics-panel", args=["top"])).content.decode()
    [row] = api("/api/analytics/top-posts/")["results"]

    assert WHY.search(page)
    assert (row["likes"], row["not_measured"]) == (4, "monthly_cap")


def test_the_list_of_numbers_says_it_too():
    left_out()

    page = desk().get(reverse("admin:analytics_publicationstats_changelist")).content.decode()

    assert page.count(">not measured<") == 3
    assert WHY.search(page)


def spent(account, amount: str):
    month = spending.month_of(timezone.now())
    AccountSpending.objects.create(account=account, month=month, reading_usd=amount)


def test_the_cost_panel_shows_the_month_beside_the_cap():
    used, free = (AccountFactory(platform="x", monthly_cap_usd=cap) for cap in ("5", None))
    AccountFactory(platform="bluesky")
    spent(used, "5.0000")
    spent(free, "1.2400")

    page = desk().get(reverse("admin:analytics-panel", args=["costs"])).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page[page.index("an-months") :]).split())

    assert f"{used.handle} $5.00 $5.00 {free.handle} $1.24 no cap" in words
    assert '<span class="sh-error">$5.00</span>' in page
    assert words.count("$") == 3


def test_three_accounts_that_cost_need_no_more_queries_than_one():
    today = timezone.localdate()
    counts = []
    for more in (1, 2):
        for account in AccountFactory.create_batch(more, platform="x"):
            spent(account, "1")
        with CaptureQueriesContext(connection) as captured:
            found = costs.months(Filters(today, today), timezone.now())
        counts.append((len(found), len(captured)))

    assert counts == [(1, 2), (3, 2)]
