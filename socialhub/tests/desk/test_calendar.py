"""The calendar shows local days, moves what may move, and says why not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from socialhub import registries
from socialhub.models import AccountGrant, PostingSlot, PublicationStatus
from socialhub.queries import calendar as queries_calendar
from socialhub.queries.calendar import Window
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
)

MADRID = ZoneInfo("Europe/Madrid")


def read(user, now, **asked):
    return queries_calendar.calendar(user, asked, may_move=True, now=now)


def on(found, day):
    return next(each for each in found.days if each.day == day)


@pytest.mark.parametrize(
    ("view", "first", "end"),
    [
        ("month", date(2026, 10, 26), date(2026, 12, 7)),
        ("week", date(2026, 11, 23), date(2026, 11, 30)),
        ("list", date(2026, 11, 1), date(2026, 12, 1)),
    ],
)
def test_the_window_of_a_view(view, first, end):
    window = Window.of({"view": view, "date": "2026-11-24"}, date(2000, 1, 1))

    assert (window.first, window.end) == (first, end)


@pytest.mark.parametrize("asked", ["", "x", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_nonsense_in_the_address_means_today(person, asked):
    _user, client = person("Marketer")

    page = client.get(
        reverse("admin:calendar"), {"date": asked, "view": "?", "account": "x", "campaign": "²"}
    )

    assert page.status_code == 200
    assert page.context["window"].day == timezone.localdate(timezone=MADRID)


def test_a_publication_is_on_its_local_day(person):
    user, _client = person("Marketer")
    publication = PublicationFactory(due_at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))

    found = read(user, datetime(2026, 11, 24, tzinfo=UTC))

    entry = on(found, date(2026, 11, 25)).entries[0]
    assert entry.publication == publication
    assert entry.naive == "2026-11-25T00:30"


def test_the_hour_a_clock_change_skips_is_marked(person):
    user, _client = person("Marketer")

    found = read(user, datetime(2027, 3, 1, tzinfo=UTC), view="week", date="2027-03-28")

    hours = on(found, date(2027, 3, 28)).hours
    assert [hour.hour for hour in hours if not hour.exists] == [2]


def test_both_times_of_a_repeated_hour_are_in_its_cell(person):
    user, _client = person("Marketer")
    for minutes in (0, 60):
        PublicationFactory(
            due_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=minutes)
        )

    found = read(user, datetime(2026, 10, 1, tzinfo=UTC), view="week", date="2026-10-25")

    assert len(on(found, date(2026, 10, 25)).hours[2].entries) == 2


def test_free_slots_are_shown_until_they_are_taken(person):
    user, _client = person("Marketer")
    account = AccountFactory()
    PostingSlot.objects.create(account=account, weekday=2, time=time(9, 30))
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    PublicationFactory(account=account, due_at=datetime(2026, 12, 2, 9, 30, tzinfo=MADRID))

    found = read(user, now)

    assert [slot.naive for slot in on(found, date(2026, 11, 25)).slots] == ["2026-11-25T09:30"]
    assert on(found, date(2026, 12, 2)).slots == []
    # A slot that has passed is no longer free.
    assert on(found, date(2026, 11, 18)).slots == []


def test_no_best_times_are_invented(person, monkeypatch):
    user, _client = person("Marketer")
    AccountFactory()
    monkeypatch.setattr(registries, "_best_times", [])
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert all(not day.best for day in read(user, now).days)

    start = datetime(2026, 11, 25, 18, tzinfo=MADRID)
    registries.register_best_times(
        lambda accounts, begin, end: [
            registries.BestTime(start, start + timedelta(hours=1), n=len(accounts))
        ]
    )

    assert on(read(user, now, view="week"), date(2026, 11, 25)).hours[18].best[0].n == 1


def test_filters_by_account_and_campaign(person):
    _user, client = person("Marketer")
    campaign = CampaignFactory()
    wanted = PublicationFactory(
        post=PostFactory(approved=True, text="Wanted", campaign=campaign), due_at=timezone.now()
    )
    PublicationFactory(post=PostFactory(approved=True, text="Other"), due_at=timezone.now())

    for asked in ({"account": wanted.account_id}, {"campaign": campaign.pk}):
        page = client.get(reverse("admin:calendar"), asked)
        assert "Wanted" in page.text
        assert "Other" not in page.text


def test_going_back_in_the_history_gets_the_whole_page(person):
    _user, client = person("Marketer")
    asked = {"HX-Request": "true"}

    part = client.get(reverse("admin:calendar"), headers=asked)
    whole = client.get(
        reverse("admin:calendar"), headers={**asked, "HX-History-Restore-Request": "true"}
    )

    assert "<html" not in part.text
    assert "HX-Request" in part["Vary"]
    assert "<html" in whole.text


# -- moving ---------------------------------------------------------------------------


def move(client, publication, to, **more):
    return client.post(
        reverse("admin:calendar-move"),
        {"publication": publication.pk, "to": to, **more},
        headers={"HX-Request": "true"},
    )


def soon(days=3):
    return timezone.localtime(timezone.now(), MADRID).replace(tzinfo=None) + timedelta(days=days)


def test_a_publication_moves_to_a_local_time(person):
    _user, client = person("Marketer")
    publication = PublicationFactory(due_at=timezone.now() + timedelta(days=1))
    to = soon().replace(hour=9, minute=15, second=0, microsecond=0)

    answer = move(client, publication, f"{to:%Y-%m-%dT%H:%M}")

    publication.refresh_from_db()
    assert publication.due_at == to.replace(tzinfo=MADRID)
    assert "Moved to" in answer["HX-Trigger"]
    assert f'data-at="{to:%Y-%m-%dT%H:%M}"' in answer.text


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("2020-01-01T10:00", "This time has passed"),
        ("2027-03-28T02:30", "There is no 02:30"),
        ("tomorrow", "not a date and time"),
        ("", "not a date and time"),
    ],
)
def test_a_refused_move_says_why_and_the_chip_goes_back(person, to, why):
    _user, client = person("Marketer")
    before = timezone.now() + timedelta(days=1)
    publication = PublicationFactory(due_at=before)

    answer = move(client, publication, to)

    publication.refresh_from_db()
    assert publication.due_at == before
    assert why in answer["HX-Trigger"]
    local = before.astimezone(MADRID)
    shown = client.get(reverse("admin:calendar"), {"date": f"{local:%Y-%m-%d}"})
    assert f'data-at="{local:%Y-%m-%dT%H:%M}"' in shown.text


def test_what_is_out_cannot_be_moved(person):
    _user, client = person("Marketer")
    publication = PublicationFactory(published=True, due_at=timezone.now())
    page = client.get(reverse("admin:calendar"))
    assert "data-movable" not in page.text

    answer = move(client, publication, f"{soon():%Y-%m-%dT%H:%M}")

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.PUBLISHED
    assert "this cannot be done" in answer["HX-Trigger"]


def test_an_approver_may_look_but_not_move(person):
    _user, client = person("Approver")
    publication = PublicationFactory(due_at=timezone.now() + timedelta(days=1))

    assert "data-movable" not in client.get(reverse("admin:calendar")).text
    assert move(client, publication, f"{soon():%Y-%m-%dT%H:%M}").status_code == 403


def test_somebody_elses_publication_is_not_there(person):
    user, client = person("Marketer")
    AccountGrant.objects.create(user=user, account=AccountFactory())
    publication = PublicationFactory(due_at=timezone.now() + timedelta(days=1))

    assert move(client, publication, f"{soon():%Y-%m-%dT%H:%M}").status_code == 404


def test_the_filter_stays_after_a_move(person):
    _user, client = person("Marketer")
    publication = PublicationFactory(due_at=timezone.now() + timedelta(days=1))

    answer = move(
        client,
        publication,
        f"{soon():%Y-%m-%dT%H:%M}",
        view="week",
        account=publication.account_id,
    )

    window = answer.context["window"]
    assert (window.view, window.account) == ("week", publication.account_id)


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_more_rows_take_no_more_queries(person, queries, view):
    _user, client = person("Marketer")
    url = f"{reverse('admin:calendar')}?view={view}"

    def fill(rows):
        for _n in range(rows):
            publication = PublicationFactory(due_at=timezone.now())
            for weekday in range(7):
                PostingSlot.objects.create(
                    account=publication.account, weekday=weekday, time=time(23, 59)
                )

    fill(1)
    one = queries(client, url)
    fill(2)

    assert queries(client, url) == one
