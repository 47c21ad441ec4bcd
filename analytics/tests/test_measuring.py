"""Reading one publication now, because a person asks."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import PublicationStats
from analytics.services import collecting
from analytics.tests.test_paying import account_on_x, out
from socialhub.models import AccountSpending, ApiToken, JobRun, JobState, Publication
from socialhub.services import jobs, leases, spending
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db


def caller(role: str) -> APIClient:
    _row, token = ApiToken.objects.create(UserFactory(role=role), can_write=True)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def ask(publication, role: str = "Analyst"):
    return caller(role).post(f"/api/publications/{publication.pk}/measure/")


def worked_off(response) -> JobRun:
    assert response.status_code == 202, response.data
    jobs.run(response.data["job"])
    return JobRun.objects.get(pk=response.data["job"])


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Analyst"])
def test_the_counters_are_read_at_once(desk, role):
    publication = desk.tracked(age=timedelta(days=200))
    PublicationStats.objects.update(next_collect_at=None)

    job = worked_off(ask(publication, role))

    assert (job.state, job.errors) == (JobState.DONE, [])
    stats = PublicationStats.objects.get(pk=publication.pk)
    shown = job.result["metrics"]
    assert shown["likes"] == stats.likes is not None
    assert shown["measured_at"] == stats.metrics_at.isoformat()
    assert shown["not_measured"] is None


def test_who_may_neither_record_nor_write_is_refused(desk):
    response = ask(desk.tracked(), "Approver")

    assert response.status_code == 403
    assert not JobRun.objects.exists()


def test_what_is_not_published_has_nothing_to_read():
    response = ask(PublicationFactory())

    assert (response.status_code, response.data["type"]) == (400, "not_published")


def test_counters_that_come_by_themselves_cannot_be_asked_for():
    account = AccountFactory(platform="telegram")
    response = ask(PublicationFactory(published=True, account=account))

    assert (response.status_code, response.data["type"]) == (400, "not_measurable")


def test_a_second_reader_waits_for_the_first(desk):
    publication = desk.tracked()
    owner = collecting.claim(publication.account)

    job = worked_off(ask(publication))

    assert [error["code"] for error in job.errors] == ["being_read"]
    assert PublicationStats.objects.get().metrics_at is None
    leases.release(collecting.lease_key(publication.account), owner)
    assert worked_off(ask(publication)).state == JobState.DONE


def test_a_network_that_refuses_changes_nothing(desk):
    publication = desk.tracked()
    desk.server.fault("metrics", "rate_limited", retry_after=900)

    job = worked_off(ask(publication))

    assert job.state == JobState.FAILED
    assert "limits how often" in job.errors[0]["message"]
    assert PublicationStats.objects.get().metrics_at is None


# -- where reading costs ---------------------------------------------------------


@pytest.fixture
def on_x(standins):
    """on_x(monthly_cap_usd=...) is a publication that is on X, tracked and not read so far."""
    server = standins("x")

    def make(**fields):
        account = account_on_x(server, **fields)
        [pk] = out(server, account, 1, timezone.now() - timedelta(hours=2))
        return Publication.objects.select_related("account").get(pk=pk)

    return make


def reading_usd(publication) -> Decimal:
    return AccountSpending.objects.get(account=publication.account_id).reading_usd


def test_it_is_paid_once_a_day(on_x):
    publication = on_x(monthly_cap_usd="1")

    first, again = worked_off(ask(publication)), worked_off(ask(publication))

    assert (first.state, again.state) == (JobState.DONE, JobState.DONE)
    assert reading_usd(publication) == Decimal("0.005")


def test_over_the_cap_nothing_is_read_and_that_is_said(on_x):
    publication = on_x(monthly_cap_usd="0.01")
    spending.add(publication.account, {"post_read": 2}, timezone.now())

    job = worked_off(ask(publication))

    assert [error["code"] for error in job.errors] == ["over_cap"]
    assert "The monthly cap of $0.01 for X is used up" in job.errors[0]["message"]
    stats = PublicationStats.objects.get()
    assert (stats.metrics_at, stats.likes) == (None, None)
    assert reading_usd(publication) == Decimal("0.01")


# -- the page --------------------------------------------------------------------


def desk_of(role: str = "Analyst") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def panel_url(publication) -> str:
    return reverse("analytics:publication-panel", args=[publication.pk])


def measure_url(publication) -> str:
    return reverse("analytics:publication-measure", args=[publication.pk])


def test_the_button_says_what_it_costs_before_it_is_pressed(on_x):
    publication = on_x()

    before = words(desk_of().get(panel_url(publication)))
    worked_off(ask(publication))
    after = words(desk_of().get(panel_url(publication)))

    assert "Measure now costs about $0.005" in before
    assert "Measure now" in after
    assert "costs about" not in after


def test_the_panel_follows_the_reading_and_shows_the_numbers(desk):
    publication, client = desk.tracked(age=timedelta(days=3)), desk_of()

    running = client.post(measure_url(publication), headers={"hx-request": "true"})
    job = JobRun.objects.get()
    jobs.run(job.pk)
    done = client.get(panel_url(publication) + f"?job={job.pk}")

    assert "The numbers are being read…" in words(running)
    assert f"?job={job.pk}" in running.content.decode()
    assert "being read" not in words(done)
    assert "Latest numbers" in words(done)


def test_the_panel_says_why_nothing_was_read(on_x):
    publication, client = on_x(monthly_cap_usd=0), desk_of()

    client.post(measure_url(publication), headers={"hx-request": "true"})
    job = JobRun.objects.get()
    jobs.run(job.pk)

    assert "The monthly cap of $0.00 for X is used up" in words(
        client.get(panel_url(publication) + f"?job={job.pk}")
    )


def test_without_htmx_the_page_comes_back(desk):
    publication = desk.tracked()

    answer = desk_of().post(measure_url(publication))

    assert answer.url == reverse("admin:socialhub_publication_change", args=[publication.pk])
    assert JobRun.objects.get().kind == "measure_publication"


def test_who_may_not_has_no_button_and_starts_nothing(desk):
    publication, client = desk.tracked(), desk_of("Approver")

    page = words(client.get(panel_url(publication)))
    refused = client.post(measure_url(publication), headers={"hx-request": "true"})

    assert "Measure now" not in page
    assert "Your role does not allow this" in words(refused)
    assert not JobRun.objects.exists()
