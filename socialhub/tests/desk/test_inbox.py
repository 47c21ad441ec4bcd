"""The inbox: who sees what, answering, handing over, putting away."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from socialhub.models import AccountGrant, Interaction, PublicationStatus
from socialhub.tests.factories import InteractionFactory, PublicationFactory, UserFactory

HTMX = {"HX-Request": "true"}


def url(name, comment):
    return reverse(f"admin:inbox-{name}", args=[comment.pk])


def test_a_conversation_has_our_post_on_top_and_everything_under_it(person):
    _user, client = person("Marketer")
    publication = PublicationFactory(published=True, post__text="Our own words")
    first = InteractionFactory(publication=publication, text="First!")
    second = InteractionFactory(publication=publication, text="Second!")
    InteractionFactory(text="Elsewhere")

    page = client.get(url("thread", second), headers=HTMX)

    assert page.text.index("Our own words") < page.text.index("First!") < page.text.index("Second!")
    assert "Elsewhere" not in page.text
    assert page.context["row"] == second
    assert first in page.context["talk"].said


def test_an_answer_goes_on_its_way_and_is_shown_with_its_state(person):
    _user, client = person("Marketer")
    comment = InteractionFactory()

    answer = client.post(url("reply", comment), {"text": "Ten euros."}, headers=HTMX)

    publication = comment.publications.get()
    assert publication.status == PublicationStatus.SCHEDULED
    assert "Ten euros." in answer.text
    assert "on its way" in answer["HX-Trigger"]
    # It is asked for again while it is on its way.
    assert f'hx-get="{url("answers", comment)}"' in answer.text


@pytest.mark.parametrize(("text", "why"), [("", "Write an answer"), ("x" * 501, "Too long")])
def test_a_refused_answer_stays_in_the_box(person, text, why):
    _user, client = person("Marketer")
    comment = InteractionFactory()

    answer = client.post(url("reply", comment), {"text": text}, headers=HTMX)

    assert not comment.publications.exists()
    assert why in answer["HX-Trigger"]
    assert f">{text}</textarea>" in answer.text


def test_the_count_is_the_networks(person):
    _user, client = person("Marketer")
    comment = InteractionFactory()

    fits = client.post(url("count", comment), {"text": "👨‍👩‍👧 hi"}, headers=HTMX)
    too_long = client.post(url("count", comment), {"text": "x" * 501}, headers=HTMX)

    assert "4 / 500" in fits.text
    assert "sh-over" in too_long.text


def test_others_see_who_is_answering(person):
    user, client = person("Marketer")
    _colleague, other = person("Marketer")
    comment = InteractionFactory()

    client.post(url("answering", comment), headers=HTMX)

    assert f"{user.username} is answering." in other.get(url("answering", comment)).text
    assert "is answering" not in client.get(url("answering", comment)).text


def test_archived_comments_leave_the_list_and_come_back(person):
    _user, client = person("Marketer")
    comment = InteractionFactory(text="Spam spam")

    client.post(url("archive", comment), headers=HTMX)
    comment.refresh_from_db()
    assert comment.archived_at is not None
    assert "Spam spam" not in client.get(reverse("admin:inbox")).text
    assert "Spam spam" in client.get(reverse("admin:inbox"), {"state": "archived"}).text

    client.post(url("archive", comment), {"back": "1"}, headers=HTMX)
    comment.refresh_from_db()
    assert comment.archived_at is None


def test_archiving_opens_the_next_comment(person):
    _user, client = person("Marketer")
    first, second = InteractionFactory(), InteractionFactory()

    answer = client.post(url("archive", first), headers=HTMX)

    assert answer.context["row"] == second
    assert f"i={second.pk}" in answer["HX-Push-Url"]


def test_a_comment_is_handed_over(person):
    _user, client = person("Marketer")
    colleague, other = person("Marketer")
    comment = InteractionFactory(text="For you")

    client.post(url("assign", comment), {"assignee": colleague.pk}, headers=HTMX)

    assert "For you" in other.get(reverse("admin:inbox"), {"mine": "1"}).text
    assert "For you" not in client.get(reverse("admin:inbox"), {"mine": "1"}).text


def test_nobody_is_assigned_who_cannot_answer(person):
    _user, client = person("Marketer")
    analyst = UserFactory(role="Analyst")
    comment = InteractionFactory()

    answer = client.post(url("assign", comment), {"assignee": analyst.pk}, headers=HTMX)

    comment.refresh_from_db()
    assert comment.assignee is None
    assert "cannot answer" in answer["HX-Trigger"]
    assert analyst not in answer.context["assignees"]


@pytest.mark.parametrize("name", ["reply", "archive", "assign", "count"])
def test_an_analyst_reads_only(person, name):
    _user, client = person("Analyst")
    comment = InteractionFactory()

    assert client.get(url("thread", comment), headers=HTMX).status_code == 200
    assert client.post(url(name, comment), {"text": "x"}, headers=HTMX).status_code == 403
    assert not Interaction.objects.filter(archived_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["thread", "answers", "answering"])
def test_comments_of_accounts_not_granted_are_not_there(person, name):
    user, client = person("Marketer")
    mine, other = InteractionFactory(), InteractionFactory(text="Hidden")
    AccountGrant.objects.create(user=user, account=mine.account)

    assert client.get(url(name, other), headers=HTMX).status_code == 404
    assert "Hidden" not in client.get(reverse("admin:inbox")).text


def test_the_pages_work_without_javascript(person):
    _user, client = person("Marketer")
    comment = InteractionFactory()

    page = client.post(url("reply", comment), {"text": "Hello"}, follow=True)

    assert page.redirect_chain == [(f"{reverse('admin:inbox')}?state=waiting&i={comment.pk}", 302)]
    assert "Hello" in page.text


def test_a_stranger_is_sent_to_the_login(db):
    answer = Client().get(reverse("admin:inbox"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_more_rows_take_no_more_queries(person, queries):
    _user, client = person("Marketer")
    publication = PublicationFactory(published=True)
    first = InteractionFactory(publication=publication)

    def fill(rows):
        for _n in range(rows):
            comment = InteractionFactory(publication=publication, assignee=UserFactory())
            PublicationFactory(answers=comment, account=publication.account, due_at=timezone.now())
            InteractionFactory()

    fill(1)
    page = f"{reverse('admin:inbox')}?i={first.pk}"
    one = queries(client, page)
    fill(2)

    assert queries(client, page) == one
