"""Own language, quiet hours and channels; the bell; the sidebar of each role."""

from __future__ import annotations

import re
from datetime import time

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from socialhub.models import JobRun, NoticeKind, NotificationChannel, Preferences
from socialhub.services import notices
from socialhub.tests.factories import PublicationFactory

URL = "json://127.0.0.1:1/secret-token"


def test_preferences_are_saved_and_win_over_the_language_cookie(person):
    user, client = person("Marketer")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    asked = {"language": "es", "quiet_from": "22:00", "quiet_to": "07:30"}

    answer = client.post(reverse("admin:preferences"), asked)

    # A browser drops the cookie now; the test client has to be told.
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == 0
    del client.cookies[settings.LANGUAGE_COOKIE_NAME]
    row = Preferences.objects.get(user=user)
    assert (row.language, row.quiet_from, row.quiet_to) == ("es", time(22), time(7, 30))
    assert row.mail_notices is False
    assert '<html lang="es"' in client.get(reverse("admin:preferences")).text


def test_quiet_hours_need_both_ends(person):
    _user, client = person("Marketer")

    page = client.post(reverse("admin:preferences"), {"quiet_from": "22:00"})

    assert "both ends" in page.text
    assert not Preferences.objects.exists()


def test_a_channel_that_does_not_answer_stays_off(person, django_capture_on_commit_callbacks):
    user, client = person("Marketer")

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:channel-add"), {"name": "Team", "url": URL})

    channel = NotificationChannel.objects.get(user=user)
    job = JobRun.objects.get(kind="test_channel")
    assert channel.is_active is False
    assert job.errors[0]["code"] == "channel_failed"
    assert "secret-token" not in str(job.errors) + str(job.arguments)


def test_the_address_of_a_channel_is_never_shown_or_stored_in_clear(person):
    _user, client = person("Marketer")
    client.post(reverse("admin:channel-add"), {"name": "Team", "url": URL})

    assert "secret-token" not in client.get(reverse("admin:preferences")).text
    with connection.cursor() as cursor:
        cursor.execute("SELECT url FROM socialhub_notificationchannel")
        assert "secret-token" not in cursor.fetchone()[0]


@pytest.mark.parametrize("url", ["", "hello", "://x", "tgram://"])
def test_what_is_no_address_is_refused(person, url):
    _user, client = person("Marketer")

    page = client.post(reverse("admin:channel-add"), {"name": "Team", "url": url})

    assert page.status_code == 200
    assert page.context["channel_form"].errors["url"]
    assert not NotificationChannel.objects.exists()


@pytest.mark.parametrize("verb", ["test", "switch", "delete"])
def test_channels_of_others_are_not_there(person, verb):
    owner, _theirs = person("Marketer")
    _user, client = person("Administrator")
    channel = NotificationChannel.objects.create(user=owner, name="Mine", url=URL)

    answer = client.post(reverse(f"admin:channel-{verb}", args=[channel.pk]))

    assert answer.status_code == 404
    assert NotificationChannel.objects.get().is_active


# -- the bell -------------------------------------------------------------------------


def incident(user):
    publication = PublicationFactory(post__author=user)
    return notices.open_notice(NoticeKind.FAILED, "publication:1:failed", publication=publication)


def test_the_bell_counts_and_a_notice_is_taken(person):
    user, client = person("Marketer")
    notice = incident(user)
    assert client.get(reverse("admin:calendar")).context["sh_unread"] == 1

    answer = client.post(
        reverse("admin:notice-acknowledge", args=[notice.pk]), headers={"HX-Request": "true"}
    )

    notice.refresh_from_db()
    assert notice.acknowledged_by == user
    assert "No open notices." in answer.text
    assert client.get(reverse("admin:calendar")).context["sh_unread"] == 0


def test_notices_of_others_are_not_there(person):
    author, _theirs = person("Marketer")
    _user, client = person("Marketer")
    notice = incident(author)

    assert "No open notices." in client.get(reverse("admin:notices-list")).text
    url = reverse("admin:notice-acknowledge", args=[notice.pk])
    assert client.post(url).status_code == 404
    notice.refresh_from_db()
    assert notice.acknowledged_at is None


# -- the sidebar ----------------------------------------------------------------------


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst", ""])
def test_every_line_of_the_sidebar_opens(person, role):
    _user, client = person(role)
    page = client.get(reverse("admin:index"))
    sidebar = [item for group in page.context["sidebar_navigation"] for item in group["items"]]

    assert len(sidebar) >= (9 if role != "Administrator" else 15)
    for item in sidebar:
        assert client.get(item["link"]).status_code in (200, 302), item["link"]


def test_the_sidebar_shows_only_what_a_role_may_use(person):
    _user, client = person("Analyst")

    page = client.get(reverse("admin:index"))

    shown = {
        item["link"] for group in page.context["sidebar_navigation"] for item in group["items"]
    }
    assert reverse("admin:calendar") in shown
    assert not shown & {
        reverse(f"admin:{name}")
        for name in ("system", "auth_user_changelist", "crm_lead_changelist")
    }


@pytest.mark.parametrize(
    "name", ["index", "calendar", "inbox", "system", "first-steps", "preferences"]
)
def test_no_page_has_an_inline_script_or_handler(person, name):
    _user, client = person("Administrator")

    text = client.get(reverse(f"admin:{name}")).text

    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
    assert not re.search(r"<[^>]+\son(click|load|change|submit|input)=", text)
