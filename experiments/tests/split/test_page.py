"""Our own page: who sees what, and what counts."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from experiments.models import ABTest, ABTestExposure, ABTestState, Outcome
from experiments.services import ab_tests, evaluating, exposures, splitting
from experiments.services.ab_tests import VariantData
from experiments.tests import factories
from experiments.tests.split.people import (
    GOOGLEBOT,
    A,
    B,
    Person,
    host_and_path,
    page_test,
    path,
    shown,
)
from socialhub.tests.factories import CampaignFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def test(db) -> ABTest:
    return page_test()


def decided(test: ABTest, *, winner: str = "") -> ABTest:
    """As an evaluation leaves it."""
    test.state, test.decided_at = ABTestState.DECIDED, timezone.now()
    test.outcome = Outcome.WINNER if winner else Outcome.INCONCLUSIVE
    test.winner = test.variants.get(name=winner) if winner else None
    test.save()
    return test


# -- seeing ---------------------------------------------------------------------------


def test_a_visitor_stays_with_a_variant_and_counts_once(test):
    ana = Person()
    first = ana.look(test)
    again = [shown(test, ana.look(test)) for _n in range(5)]

    assert first.status_code == 200
    assert set(again) == {shown(test, first)}
    exposure = ABTestExposure.objects.get()
    assert exposure.variant.name == shown(test, first)
    assert str(exposure.visitor) == ana.client.cookies["sh_visitor"].value
    cookie = first.cookies["sh_visitor"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/v/", True, "Lax")
    assert list(first.cookies) == ["sh_visitor"]


def test_nobody_keeps_or_lists_the_page(test):
    page = Person().look(test)

    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "<script" not in page.content.decode()
    # A stranger must not read that this is an experiment, or what is asked.
    assert test.question not in page.content.decode()


def test_shares_are_as_the_weights_say():
    test = page_test(variants=[A, VariantData(text=B.text, link=B.link, weight=3)])
    test = exposures.find(test.page_slug)
    drawn = [exposures.draw(test, uuid.UUID(int=n)).name for n in range(4000)]

    # 3000 expected, standard deviation 27.
    assert 2880 < drawn.count("B") < 3120


def test_another_test_draws_anew(test):
    one, other = (exposures.find(each.page_slug) for each in (test, page_test()))
    same = [
        exposures.draw(one, visitor).name == exposures.draw(other, visitor).name
        for visitor in (uuid.UUID(int=n) for n in range(1000))
    ]
    assert 400 < sum(same) < 600


@pytest.mark.parametrize(
    "headers", [{"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}]
)
def test_what_is_fetched_ahead_is_not_counted(test, headers):
    page = Person().look(test, **headers)

    assert page.status_code == 200
    assert not page.cookies
    assert not ABTestExposure.objects.exists()


def test_head_is_not_counted(test, client):
    assert client.head(path(test)).status_code == 200
    assert client.post(path(test)).status_code == 405
    assert not ABTestExposure.objects.exists()


def test_crawlers_are_marked_and_not_counted(test):
    robot = Person(agent=GOOGLEBOT)
    pages = [robot.look(test) for _n in range(2)]
    robot.click(pages[0])

    assert not pages[0].cookies
    assert list(ABTestExposure.objects.values_list("is_bot", "clicked_at")) == [(True, None)] * 2
    assert splitting.counts(test) == [(0, 0), (0, 0)]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_are_one_visitor():
    test, visitor, barrier = page_test(), uuid.uuid4(), Barrier(4)

    def visit(_n):
        try:
            barrier.wait(timeout=30)
            return shown(test, Person(visitor).look(test))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        seen = set(pool.map(visit, range(4)))

    assert len(seen) == 1
    assert ABTestExposure.objects.get().variant.name in seen


def test_how_many_queries_a_visit_takes(test, django_assert_num_queries):
    before = Person()
    before.click(before.look(test))
    ana = Person()
    # The test, its variants, the exposure: asked for, and written in a savepoint; the pictures.
    with django_assert_num_queries(7):
        page = ana.look(test)
    with django_assert_num_queries(4):
        ana.look(test)
    # The test, its variants, the click, and a savepoint around the marks.
    with django_assert_num_queries(5):
        ana.click(page)


# -- clicking -------------------------------------------------------------------------


def test_a_click_leads_to_the_link_and_counts_once(test):
    ana = Person()
    page = ana.look(test)
    variant = test.variants.get(name=shown(test, page))
    where = {ana.click(page) for _n in range(3)}

    (url,) = where
    assert host_and_path(url) == host_and_path(variant.link)
    said = parse_qs(urlsplit(url).query)
    assert said["utm_content"] == [variant.key]
    assert (said["utm_source"], said["utm_medium"]) == (["socialhub"], ["split"])
    assert splitting.counts(test)[variant.position] == (1, 1)


def test_the_authors_own_address_is_kept_letter_by_letter():
    test = page_test(variants=[A, A], campaign=CampaignFactory(name="Spring sale"))
    ana = Person()
    url = ana.click(ana.look(test))

    assert url.startswith("https://shop.example/a?size=1&utm_source=socialhub&")
    assert "utm_campaign=spring-sale" in url
    assert url.endswith("#top")


def test_a_browser_without_cookies_gets_the_link_of_the_page_it_saw(test):
    ana = Person(keeps_cookies=False)
    for _n in range(8):
        page = ana.look(test)
        variant = test.variants.get(name=shown(test, page))
        assert host_and_path(ana.click(page)) == host_and_path(variant.link)
    counts = splitting.counts(test)
    assert sum(clicks for clicks, _n in counts) == sum(n for _clicks, n in counts) == 8


@pytest.mark.parametrize("query", ["", "?v=", "?v=zzz", "?v=%00", "?v=" + "9" * 900])
def test_who_did_not_see_the_page_is_sent_there_first(test, query):
    for person in (Person(), Person(uuid.uuid4())):
        response = person.get(f"{path(test)}go/{query}")
        assert (response.status_code, response["Location"]) == (302, path(test))
    assert not ABTestExposure.objects.exists()


def test_a_click_on_a_page_fetched_ahead_is_no_click_of_a_visitor(test):
    """Counted only where somebody clicked, visitors would not be in the intended shares."""
    ana = Person()
    url = ana.click(ana.look(test, Purpose="prefetch"))

    assert host_and_path(url) in ("shop.example/a", "shop.example/b")
    assert "utm_content" not in url
    assert splitting.counts(test) == [(0, 0), (0, 0)]


def test_a_click_fetched_ahead_does_not_count(test):
    ana = Person()
    ana.click(ana.look(test), Purpose="prefetch")

    assert sorted(splitting.counts(test)) == [(0, 0), (0, 1)]


def test_counts_are_those_of_a_time(test, time_machine):
    began = timezone.now()
    time_machine.move_to(began + timedelta(hours=1), tick=False)
    ana = Person()
    page = ana.look(test)
    time_machine.move_to(began + timedelta(hours=3), tick=False)
    ana.click(page)
    place = test.variants.get(name=shown(test, page)).position

    seen = [splitting.counts(test, began + timedelta(hours=n))[place] for n in (0, 1, 2, 3)]
    assert seen == [(0, 0), (0, 1), (0, 1), (1, 1)]


# -- before and after -----------------------------------------------------------------


def test_there_is_no_page_before_the_start(client):
    factories.approved(
        design="split", split_by="page", metric="clicks", variants=[A, B], page_slug="chairs"
    )
    for url in ("/v/chairs/", "/v/chairs/go/", "/v/chairs/m/1/", "/v/nothing/"):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize(("winner", "seen"), [("B", "B"), ("", "A")])
def test_after_the_end_everybody_sees_the_winner_or_else_the_control(test, winner, seen):
    decided(test, winner=winner)
    for _n in range(6):
        somebody = Person()
        page = somebody.look(test)
        assert shown(test, page) == seen
        assert not page.cookies
        url = somebody.click(page)
        assert host_and_path(url) == host_and_path(test.variants.get(name=seen).link)
    assert not ABTestExposure.objects.exists()


def test_a_stopped_test_shows_the_control_and_counts_nobody(test):
    ab_tests.stop(test, UserFactory(role="Marketer"))

    assert {shown(test, Person().look(test)) for _n in range(6)} == {"A"}
    assert not ABTestExposure.objects.exists()


def test_exposures_go_when_their_test_is_long_decided(test):
    running = page_test()
    for one in (test, running):
        Person().look(one)
    decided(test)
    end = timezone.now()

    assert exposures.forget(end + timedelta(days=89)) == 0
    # The hourly job does it.
    evaluating.evaluate_all(end + timedelta(days=91))
    assert ABTestExposure.objects.get().test == running


# -- looks ----------------------------------------------------------------------------


def test_the_page_speaks_the_language_of_the_test():
    test = page_test(language="es")
    page = Person().look(test, **{"Accept-Language": "en"})

    assert '<html lang="es">' in page.content.decode()


def test_a_text_is_shown_as_text():
    nasty = VariantData(text="<b>50 %</b>\nToday & tomorrow", link="https://shop.example/")
    page = Person().look(page_test(variants=[nasty, nasty]))

    assert "&lt;b&gt;50 %&lt;/b&gt;\nToday &amp; tomorrow" in page.content.decode()
