"""A short link that leads visitors to several places: how it is made, kept and counted."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import Conversion, ConversionKind
from experiments.models import ABTest, ABTestState, Outcome
from experiments.services import evaluating, splitting
from experiments.services.ab_tests import VariantData
from experiments.tests import factories
from experiments.tests.split.people import (
    GOOGLEBOT,
    A,
    B,
    Person,
    host_and_path,
    link_test,
    page_test,
    path,
)
from socialhub.models import LinkVisit, LinkVisitDay
from socialhub.services import links
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def test(db) -> ABTest:
    return link_test()


def where(test: ABTest, person: Person) -> str:
    """The name of the variant somebody is led to."""
    target = host_and_path(person.look(test)["Location"])
    return next(one.name for one in test.variants.all() if host_and_path(one.link) == target)


def convert(test: ABTest, name: str, n: int = 1, *, kind: str = "lead", **fields) -> None:
    """As the crm writes it down."""
    key = test.variants.get(name=name).key
    for _n in range(n):
        values = {"happened_at": timezone.now(), **fields}
        Conversion.objects.create(key=f"t:{uuid.uuid4()}", kind=kind, variant_key=key, **values)


def visitors(test: ABTest) -> list[int]:
    return [n for _done, n in splitting.counts(test)]


# -- making ---------------------------------------------------------------------------


def test_the_start_makes_a_link_with_a_destination_per_variant():
    test = link_test(variants=[A, VariantData(link=B.link, weight=3)])

    rows = test.link.destinations.values_list("key", "url", "weight")
    keys = [one.key for one in test.variants.all()]
    assert list(rows) == [(keys[0], A.link, 1), (keys[1], B.link, 3)]
    assert splitting.address(test) == links.url_of(test.link)
    assert splitting.is_intact(test)


def test_a_link_that_is_out_in_the_world_is_taken_over():
    link = links.create(None, url="https://shop.example/old", slug="chairs")
    early = Person()
    early.get("/l/chairs")
    test = link_test(link=link)

    assert test.link == link
    assert link.destinations.count() == 2
    # Visits from before are no visits of a variant.
    assert visitors(test) == [0, 0]
    assert where(test, early) in ("A", "B")
    assert sum(visitors(test)) == 1
    assert links.clicks([link.pk])[link.pk] == 2


def test_a_link_switched_off_cannot_be_split():
    link = links.create(None, url="https://shop.example/old")
    link.is_active = False
    link.save()

    with pytest.raises(Invalid) as refused:
        link_test(link=link)
    assert refused.value.code == "link_inactive"


def test_two_tests_do_not_split_one_link(test):
    with pytest.raises(Conflict):
        link_test(link=test.link)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"split_by": "link", "metric": "clicks"}, "Every"),
        ({"split_by": "page", "metric": "engagements"}, "clicks"),
        ({"split_by": "page", "variants": [A, VariantData(text="No link")]}, "link"),
        ({"split_by": "page", "page_slug": "x", "variants": [A, "/v/x/"]}, "leads back"),
    ],
)
def test_what_cannot_be_split_is_refused_at_the_start(settings, fields, sentence):
    given = {"metric": "leads", "variants": [A, B], **fields}
    own = f"{settings.PUBLIC_URL}/v/x/?a=1"
    given["variants"] = [
        VariantData(text="Round", link=own) if one == "/v/x/" else one for one in given["variants"]
    ]
    with pytest.raises(Invalid) as refused:
        factories.running(design="split", **given)
    assert sentence in refused.value.message


# -- counting -------------------------------------------------------------------------


def test_visitors_stay_and_count_once_whatever_they_do(test):
    ana, robot = Person(), Person(agent=GOOGLEBOT)
    places = {where(test, ana) for _n in range(5)}
    for _n in range(3):
        robot.look(test)
    ana.look(test, Purpose="prefetch")

    assert len(places) == 1
    assert sorted(visitors(test)) == [0, 1]
    assert LinkVisit.objects.count() == 8


def test_leads_and_visitors_of_each_variant(test):
    for number in range(40):
        where(test, Person(uuid.UUID(int=number)))
    convert(test, "A", 2)
    convert(test, "B", 3)
    convert(test, "B", happened_at=test.started_at - timedelta(seconds=1))
    convert(test, "B", happened_at=timezone.now() + timedelta(hours=1))
    convert(test, "B", kind=ConversionKind.ORDER, amount=5, currency="EUR")
    convert(link_test(), "A", 7)

    (leads_a, seen_a), (leads_b, seen_b) = splitting.counts(test)
    assert (leads_a, leads_b, seen_a + seen_b) == (2, 3, 40)
    assert min(seen_a, seen_b) > 8


def test_revenue_is_in_one_currency_and_says_what_is_left_out():
    test = link_test(metric="revenue")
    for number in range(40):
        where(test, Person(uuid.UUID(int=number)))
    order = {"kind": ConversionKind.ORDER}
    convert(test, "A", 2, **order, amount="10.50", currency="EUR")
    convert(test, "B", 2, **order, amount="99", currency="USD")
    convert(test, "B", **order)
    convert(test, "B", kind=ConversionKind.INVOICE, amount="10.50", currency="EUR")

    a, b = splitting.values(test)
    assert (sum(a), sum(b)) == (21.0, 0.0)
    assert [len(a), len(b)] == visitors(test)
    assert {
        code: (n, float(sum_)) for code, (n, sum_) in splitting.other_currencies(test).items()
    } == {"USD": (2, 198.0)}


def test_single_visits_are_kept_while_the_test_runs_and_folded_after(test, time_machine):
    other = links.create(None, url="https://shop.example/", slug="other")
    ana = Person()
    ana.look(test)
    ana.get("/l/other")
    began = timezone.now()
    time_machine.move_to(began + timedelta(days=1))
    ana.look(test)
    time_machine.move_to(began + timedelta(days=121))

    assert links.aggregate_visits() == 1
    assert LinkVisitDay.objects.get().link == other
    assert sum(visitors(test)) == 1
    ABTest.objects.update(
        state=ABTestState.DECIDED, outcome=Outcome.INCONCLUSIVE, decided_at=timezone.now()
    )
    assert links.aggregate_visits() == 2
    assert sum(visitors(test)) == 2


# -- keeping --------------------------------------------------------------------------


@pytest.fixture
def administrator(client):
    user = UserFactory(role="Administrator")
    client.force_login(user)
    return client


def test_where_a_running_link_leads_cannot_be_changed_over_the_api(administrator, test):
    url = f"/api/links/{test.link_id}/"
    rows = [{"key": "x", "url": "https://else.example/", "weight": 9}]
    for change in ({"destinations": rows}, {"is_active": False}):
        refused = administrator.patch(url, change, content_type="application/json")
        assert (refused.status_code, refused.json()["type"]) == (409, "link_in_use")
    named = administrator.patch(url, {"utm_source": "mail"}, content_type="application/json")

    assert named.status_code == 200
    assert splitting.is_intact(test)


def test_where_a_running_link_leads_cannot_be_changed_in_the_admin(administrator, test):
    url = f"/admin/socialhub/trackedlink/{test.link_id}/change/"
    page = administrator.get(url)
    assert "running A/B test" in page.content.decode()
    first = test.link.destinations.first()
    sent = {
        "utm_source": "mail",
        "destinations-TOTAL_FORMS": 1,
        "destinations-INITIAL_FORMS": 1,
        "destinations-0-id": first.pk,
        "destinations-0-link": test.link_id,
        "destinations-0-url": "https://else.example/",
        "destinations-0-key": first.key,
        "destinations-0-weight": 9,
    }
    administrator.post(url, sent)
    deleted = administrator.post(
        f"/admin/socialhub/trackedlink/{test.link_id}/delete/", {"post": "yes"}
    )

    test.link.refresh_from_db()
    assert (test.link.utm_source, test.link.is_active) == ("mail", True)
    assert deleted.status_code == 403
    assert splitting.is_intact(test)


@pytest.mark.parametrize("change", ["weight", "url", "gone", "off", "deleted"])
def test_a_split_changed_in_the_database_is_invalid(test, change):
    rows = test.link.destinations
    if change == "gone":
        rows.last().delete()
    elif change == "deleted":
        test.link.delete()
    elif change == "off":
        test.link.is_active = False
        test.link.save()
    else:
        rows.filter(pk=rows.last().pk).update(
            **{change: 5 if change == "weight" else "https://x.y/"}
        )
    evaluating.evaluate(ABTest.objects.get(pk=test.pk), timezone.now() + timedelta(hours=1))

    test.refresh_from_db()
    assert (test.state, test.outcome, test.reason) == ("decided", "invalid", "variant_edited")


# -- after the end --------------------------------------------------------------------


def won(test: ABTest, name: str) -> ABTest:
    test.state, test.outcome, test.decided_at = ABTestState.DECIDED, Outcome.WINNER, timezone.now()
    test.winner = test.variants.get(name=name)
    test.save()
    return test


def test_after_the_end_the_link_goes_on_until_somebody_asks(test):
    people = [Person(uuid.UUID(int=number)) for number in range(20)]
    before = [where(test, one) for one in people]
    won(test, "B")
    assert [where(test, one) for one in people] == before

    splitting.send_all_to_winner(test, UserFactory(role="Marketer"))

    assert {where(test, one) for one in people} == {"B"}


def test_only_a_winner_takes_all_and_only_by_who_manages_links(test):
    with pytest.raises(Conflict):
        splitting.send_all_to_winner(test, UserFactory(role="Marketer"))
    with pytest.raises(Forbidden):
        splitting.send_all_to_winner(won(test, "A"), UserFactory(role="Analyst"))


def test_the_link_of_a_page_carries_marks_and_leads_nobody_past_it(client):
    page = page_test()

    assert client.get(f"/l/{page.link.slug}").status_code == 404
    assert splitting.is_intact(page)
    assert path(page) in splitting.address(page)
