"""Short links: where they lead, what counts as a click."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from socialhub.models import LinkVisit, LinkVisitDay, TrackedLink
from socialhub.services import links
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import (
    CampaignFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PREVIEW = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"


@pytest.fixture
def link(db):
    return links.create(None, url="https://shop.example/shoes?size=42#top", slug="shoes")


@pytest.mark.parametrize("address", ["/l/shoes", "/l/shoes/"])
def test_a_person_is_sent_on_and_counted_once_per_visit(client, link, address):
    first = client.get(address, headers={"User-Agent": BROWSER})
    client.get(address, headers={"User-Agent": BROWSER})

    assert (first.status_code, first["Location"]) == (302, "https://shop.example/shoes?size=42#top")
    assert first["Cache-Control"] == "no-store"
    assert links.clicks([link.pk]) == {link.pk: 2}
    assert LinkVisit.objects.values("visitor").distinct().count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
    ],
)
def test_a_prefetch_is_no_visit(client, link, headers):
    response = client.get("/l/shoes", headers={"User-Agent": BROWSER, **headers})

    assert response.status_code == 302
    assert not LinkVisit.objects.exists()
    assert not response.cookies


def test_head_is_no_visit(client, link):
    assert client.head("/l/shoes", headers={"User-Agent": BROWSER}).status_code == 302
    assert not LinkVisit.objects.exists()


@pytest.mark.parametrize("agent", [GOOGLEBOT, PREVIEW, "curl/8.5.0", ""])
def test_crawlers_are_marked_and_not_counted(client, link, agent):
    response = client.get("/l/shoes", headers={"User-Agent": agent})

    assert response.status_code == 302
    assert LinkVisit.objects.get().is_bot
    assert links.clicks([link.pk]) == {link.pk: 0}
    assert not response.cookies


def test_unknown_and_switched_off_links_are_not_there(client, link):
    TrackedLink.objects.update(is_active=False)

    assert client.get("/l/shoes").status_code == 404
    assert client.get("/l/other").status_code == 404
    assert client.post("/l/shoes").status_code == 405


def test_a_visitor_stays_on_one_destination_and_shares_follow_the_weights(db):
    link = links.create(
        None,
        destinations=[
            {"key": "a", "url": "https://a.example/", "weight": 3},
            {"key": "b", "url": "https://b.example/", "weight": 1},
            {"key": "off", "url": "https://off.example/", "weight": 0},
        ],
    )
    visitors = [uuid.UUID(int=n) for n in range(4000)]

    def shares():
        return {v: links.visit(link, v, is_bot=False, counted=False) for v in visitors}

    first = shares()
    counted = Counter(first.values())
    assert shares() == first
    assert set(counted) == {"https://a.example/", "https://b.example/"}
    # 3 in 4 of 4,000; five standard deviations are 137.
    assert abs(counted["https://a.example/"] - 3000) < 137

    link.destinations.filter(key="b").update(weight=2)
    moved = {v for v, url in shares().items() if url != first[v]}
    assert moved
    assert {first[v] for v in moved} == {"https://a.example/"}


@pytest.mark.django_db
def test_a_publication_has_one_link_with_its_utm_parameters(client):
    campaign = CampaignFactory(name="Spring sale", utm_campaign="spring")
    post = PostFactory(link="https://shop.example/?utm_source=mine&q=a+b", campaign=campaign)
    publication = PublicationFactory(post=post)

    link = links.for_publication(publication)

    assert links.for_publication(publication) == link
    assert len(links.url_of(link)) == len(links.sample_url())
    address = client.get(urlsplit(links.url_of(link)).path)["Location"]
    assert address.startswith("https://shop.example/?utm_source=mine&q=a+b&")
    assert parse_qs(urlsplit(address).query) == {
        "utm_source": ["mine"],
        "q": ["a b"],
        "utm_medium": ["social"],
        "utm_campaign": ["spring"],
        "utm_content": [f"post-{post.pk}"],
    }


@pytest.mark.django_db(transaction=True)
def test_several_workers_make_one_link_for_a_publication():
    publication = PublicationFactory(post__link="https://shop.example/")
    barrier = Barrier(4)

    def make(_n):
        try:
            barrier.wait(timeout=30)
            return links.for_publication(publication).slug
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(make, range(4)))

    assert made == {TrackedLink.objects.get().slug}


@pytest.mark.django_db
def test_bad_links_are_refused_and_nothing_is_stored():
    for url in ("javascript:alert(1)", "ftp://files.example/", "", "/path"):
        with pytest.raises(Invalid):
            links.create(None, url=url)
    with pytest.raises(Invalid):
        links.create(None, url="https://a.example/", slug="not a slug")
    with pytest.raises(Invalid):
        links.create(None, destinations=[{"url": "https://a.example/", "weight": 0}])
    with pytest.raises(Forbidden):
        links.create(UserFactory(role="Analyst"), url="https://a.example/")

    assert not TrackedLink.objects.exists()


def test_a_short_name_can_be_used_once(link):
    with pytest.raises(Conflict):
        links.create(None, url="https://other.example/", slug="shoes")


def visit_row(link, at, visitor, is_bot=False):
    LinkVisit.objects.create(
        link=link, at=at, visitor=visitor, destination_key="default", is_bot=is_bot
    )


def test_old_visits_become_one_row_per_day_and_the_sum_stays(link):
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    ana, ben = uuid.UUID(int=1), uuid.UUID(int=2)
    old = datetime(2026, 2, 10, 23, 59, tzinfo=UTC)
    for visitor in (ana, ana, ben):
        visit_row(link, old, visitor)
    visit_row(link, old, ben, is_bot=True)
    visit_row(link, old + timedelta(minutes=2), ana)
    visit_row(link, now - timedelta(days=90), ana)
    before = links.clicks([link.pk])

    assert links.aggregate_visits(now) == 5
    assert links.aggregate_visits(now) == 0

    days = LinkVisitDay.objects.order_by("day").values_list("day", "visits", "visitors", "bots")
    assert [(f"{day:%d.%m.}", *numbers) for day, *numbers in days] == [
        ("10.02.", 3, 2, 1),
        ("11.02.", 1, 1, 0),
    ]
    assert links.clicks([link.pk]) == before == {link.pk: 5}


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_do_not_count_a_visit_twice():
    link = links.create(None, url="https://a.example/")
    for days in range(100, 130):
        visit_row(link, timezone.now() - timedelta(days=days), uuid.uuid4())
    barrier = Barrier(3)

    def fold(_n):
        try:
            barrier.wait(timeout=30)
            return links.aggregate_visits()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fold, range(3)))

    links.aggregate_visits()
    assert links.clicks([link.pk]) == {link.pk: 30}
    assert not LinkVisit.objects.exists()
