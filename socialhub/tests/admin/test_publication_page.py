"""The page of one publication: the sentence, the one button, the time line, the verbs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from socialhub.models import AccountStatus, Publication
from socialhub.services import history
from socialhub.tests.factories import AccountFactory, InteractionFactory, PublicationFactory

pytestmark = pytest.mark.django_db


def page_of(publication: Publication) -> str:
    return reverse("admin:socialhub_publication_change", args=[publication.pk])


def do(client, publication: Publication, verb: str, **data):
    url = reverse("admin:socialhub_publication_verb", args=[publication.pk, verb])
    return client.post(url, data, follow=True)


def unknown(**fields) -> Publication:
    return PublicationFactory(status="unknown", needs_person=True, **fields)


@pytest.mark.parametrize(
    ("fields", "button"),
    [
        ({"status": "failed", "error_code": "unavailable"}, "Send again"),
        ({"status": "failed", "error_code": "invalid_content"}, "Change the post"),
        ({"status": "missed"}, "Send it now"),
        ({"status": "unknown", "needs_person": True}, "It is live"),
        ({"status": "unknown", "next_look_at": timezone.now()}, "Look at the network now"),
        ({"published": True, "permalink": "https://example.org/1"}, "See it on the network"),
    ],
)
def test_the_one_button_is_the_likeliest_remedy(person, fields, button):
    _user, client = person("Marketer")
    publication = PublicationFactory(**fields)

    page = client.get(page_of(publication)).content.decode()

    assert page.count('class="sh-button sh-button--primary"') == 1
    assert f">{button}<" in page


def test_a_lost_account_offers_reconnecting_only_to_who_may(person):
    account = AccountFactory(status=AccountStatus.NEEDS_RECONNECT)
    publication = PublicationFactory(account=account)
    _user, marketer = person("Marketer")
    _other, administrator = person("Administrator")

    theirs = marketer.get(page_of(publication)).content.decode()
    ours = administrator.get(page_of(publication)).content.decode()

    assert "has to be reconnected first" in theirs
    assert "Reconnect the account" not in theirs
    assert f"{reverse('admin:socialhub_account_add')}?account={account.pk}" in ours


def test_the_life_is_told_in_words_with_its_actors(person):
    user, client = person("Marketer")
    publication = PublicationFactory()
    history.event(publication, "scheduled", actor=user)
    history.event(publication, "unknown", detail="read timed out")

    page = client.get(page_of(publication)).content.decode()

    life = page[page.index("sh-life") :]
    assert life.index("Scheduled") < life.index("no answer came") < life.index("read timed out")
    assert user.username in life


def test_a_failed_one_is_sent_again(person):
    _user, client = person("Marketer")
    publication = PublicationFactory(status="failed", error_code="unavailable")

    do(client, publication, "retry")

    publication.refresh_from_db()
    assert publication.status == "scheduled"


def test_a_person_says_that_it_is_live(person):
    _user, client = person("Marketer")
    publication = unknown()

    refused = do(client, publication, "live", permalink="javascript:alert(1)")
    publication.refresh_from_db()
    assert publication.status == "unknown"
    assert "starts with https" in refused.content.decode()
    do(client, publication, "live", permalink="https://example.org/1")

    publication.refresh_from_db()
    assert (publication.status, publication.permalink) == ("published", "https://example.org/1")


def test_it_moves_to_a_local_time_that_exists(person):
    _user, client = person("Marketer")
    publication = PublicationFactory()
    later = (timezone.localtime() + timedelta(days=3)).replace(second=0, microsecond=0)

    do(client, publication, "reschedule", due_at="soon")
    publication.refresh_from_db()
    before = publication.due_at
    do(client, publication, "reschedule", due_at=later.strftime("%Y-%m-%dT%H:%M"))

    publication.refresh_from_db()
    assert before < later == publication.due_at


@pytest.mark.parametrize("verb", ["retry", "cancel", "settle", "live", "again", "reschedule"])
@pytest.mark.parametrize("role", ["Analyst", "Approver"])
def test_who_may_not_schedule_changes_nothing(person, role, verb):
    _user, client = person(role)
    publication = unknown()
    before = Publication.objects.values().get()

    page = client.get(page_of(publication)).content.decode()
    do(client, publication, verb, due_at="2030-01-01T10:00")

    assert "sh-button--primary" not in page
    assert Publication.objects.values().get() == before


def test_a_publication_of_another_account_is_not_there(person):
    user, client = person("Marketer")
    user.account_grants.create(account=AccountFactory())
    publication = PublicationFactory(status="failed")

    assert client.get(page_of(publication)).status_code == 404
    assert do(client, publication, "retry").status_code == 404
    publication.refresh_from_db()
    assert publication.status == "failed"


def test_the_page_costs_the_same_with_three_comments_as_with_one(
    person, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _user, client = person("Marketer")
    publication = PublicationFactory(published=True)
    InteractionFactory(publication=publication)
    client.get(page_of(publication))

    with CaptureQueriesContext(connection) as one:
        client.get(page_of(publication))
    InteractionFactory.create_batch(2, publication=publication)
    with django_assert_max_num_queries(len(one)):
        page = client.get(page_of(publication))

    assert page.content.count(b"sh-comment") == 3
