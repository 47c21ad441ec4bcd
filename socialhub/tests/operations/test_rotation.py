"""X replaces the refresh token with every use: a worker that dies must not cost the account."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.utils import timezone

from socialhub.models import Account, AccountStatus, Credential
from socialhub.services import accounts, jobs
from socialhub.tests.factories import UserFactory
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]
RING = "from socialhub.tasks_operations import refresh_logins; refresh_logins.delay()"


@pytest.fixture
def crew(tmp_path):
    found = Crew(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def account(standins):
    """An X account, connected as a person does it."""
    standins("x")
    admin = UserFactory(role="Administrator")
    accounts.save_app(admin, "x", CLIENT_ID, CLIENT_SECRET)
    started = jobs.wait(accounts.start_oauth(admin, "x"), 10)
    page = started.result["authorize_url"]
    answer = requests.get(page, params={"decision": "allow"}, allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    job = jobs.wait(accounts.finish_oauth(admin, back["state"][0], back["code"][0]), 10)
    return Account.objects.get(pk=job.result["account"])


def version() -> int:
    return Credential.objects.values_list("version", flat=True).get()


def renewed_by_a_worker(crew, server, wanted):
    """A worker of its own renews the login, and is killed as soon as the token is stored."""
    Credential.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    worker = crew.worker(queues="sync", children=1, X_API_BASE=server.base_url)
    crew.command("shell", "-c", RING)
    wait_for(lambda: version() == wanted, f"version {wanted} of the login is stored")
    worker.kill()


def test_each_worker_goes_on_with_the_token_the_last_one_stored(standins, account, crew):
    server = standins("x")
    first = version()

    renewed_by_a_worker(crew, server, first + 1)
    renewed_by_a_worker(crew, server, first + 2)

    turns = [(turn["old"], turn["new"]) for turn in server.log("refresh")]
    assert turns == [(1, 2), (2, 3)]
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    # What the second worker stored is what works.
    checks = jobs.wait(accounts.doctor(account), 10).result["checks"]
    assert {check["code"]: check["ok"] for check in checks}["token"] is True
