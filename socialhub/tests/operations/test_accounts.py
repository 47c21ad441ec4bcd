"""Connecting, renewing, losing and examining accounts, against servers that really listen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from django.contrib.messages import get_messages
from django.db import connection as database
from django.utils import timezone

from socialhub.models import (
    Account,
    AccountStatus,
    Credential,
    JobRun,
    JobState,
    Lease,
    Notice,
    OAuthRequest,
)
from socialhub.platforms.errors import AuthRevoked, Unavailable
from socialhub.services import accounts, jobs
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory
from socialhub.tests.support import bluesky_stub

pytestmark = pytest.mark.django_db(transaction=True)

REFRESH = "com.atproto.server.refreshSession"


@pytest.fixture
def admin():
    return UserFactory(role="Administrator")


@pytest.fixture(scope="module")
def _stub():
    with bluesky_stub.running() as server:
        yield server


@pytest.fixture
def stub(_stub):
    """A PDS that answers what it is told."""
    _stub.reset()
    return _stub


@pytest.fixture
def bluesky_account(stub):
    return AccountFactory(
        platform="bluesky",
        server_url=stub.base_url,
        remote_id="did:plc:a",
        secrets={"access": "a1", "refresh": "r1"},
    )


def connect(user, server, handle="shop", secret="secret-1"):
    return jobs.wait(accounts.connect(user, "sandbox", server.base_url, handle, secret), 10)


# -- connect ----------------------------------------------------------------------


def test_a_profile_is_connected_and_the_answer_of_the_network_is_kept(admin, sandbox):
    job = connect(admin, sandbox)

    account = Account.objects.get()
    assert job.result == {"account": account.pk, "handle": "shop", "status": "active"}
    assert account.remote_id
    assert account.server_url == sandbox.base_url
    assert accounts.connection(account).secrets == {"token": "secret-1"}
    assert "secret-1" not in str(job.arguments) + str(accounts.connection(account))


def test_a_wrong_secret_leaves_nothing_and_says_what_to_do(admin, sandbox):
    connect(admin, sandbox)
    Account.objects.get().delete()

    job = connect(admin, sandbox, secret="wrong-one")

    assert (job.state, job.errors[0]["code"]) == (JobState.FAILED, "auth_revoked")
    assert "Check both" in job.errors[0]["message"]
    assert "wrong-one" not in str(job.errors)
    assert not Account.objects.exists()
    assert not Credential.objects.exists()


def test_a_known_profile_is_reconnected_and_not_doubled(admin, sandbox):
    first = connect(admin, sandbox).result["account"]
    account = Account.objects.get()
    Account.objects.update(overrides={"replies": False})
    before = Credential.objects.get().version
    accounts.needs_reconnect(account, "HTTP 401")
    assert Notice.objects.filter(resolved_at=None).count() == 1

    job = connect(admin, sandbox)

    account.refresh_from_db()
    assert job.result == {"account": first, "handle": "shop", "status": "active"}
    assert (account.status, account.overrides) == (AccountStatus.ACTIVE, {"replies": False})
    assert Account.objects.count() == 1
    assert Credential.objects.get().version == before + 1
    assert not Notice.objects.filter(resolved_at=None).exists()


def test_the_same_number_on_another_server_is_another_profile(admin, sandbox):
    connect(admin, sandbox)
    Account.objects.update(server_url="https://elsewhere.example")

    connect(admin, sandbox)

    assert Account.objects.filter(status=AccountStatus.ACTIVE).count() == 2


def test_two_people_connecting_one_profile_at_once_make_one_account(admin, sandbox):
    sandbox.latency(0.2)
    barrier = Barrier(3)

    def one(_n):
        try:
            barrier.wait(timeout=30)
            return connect(admin, sandbox).result["account"]
        finally:
            database.close()

    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(one, range(3)))
    sandbox.latency(0)

    assert found == {Account.objects.get().pk}


@pytest.mark.parametrize(
    ("fields", "name", "code"),
    [
        ({"platform": "myspace"}, "platform", "unknown_platform"),
        ({"server_url": "http://10.0.0.5"}, "server_url", "private_address"),
        ({"server_url": "http://[fd00::1]:80/"}, "server_url", "private_address"),
        ({"server_url": "http://2130706434/"}, "server_url", None),
        ({"server_url": "ftp://files.example"}, "server_url", "bad_address"),
        ({"server_url": "not an address"}, "server_url", "bad_address"),
        ({"secret": "  "}, "secret", "secret_missing"),
    ],
)
def test_bad_input_is_refused_before_any_job(admin, fields, name, code):
    given = {
        "platform": "sandbox",
        "server_url": "http://127.0.0.1:1",
        "handle": "shop",
        "secret": "s",
    }

    with pytest.raises(Invalid) as refused:
        accounts.connect(admin, **{**given, **fields})

    assert list(refused.value.fields) == [name]
    assert code in (None, refused.value.code)
    assert not Account.objects.exists()
    assert not JobRun.objects.exists()


def test_a_server_that_does_not_answer_is_named_as_such(admin):
    job = jobs.wait(accounts.connect(admin, "sandbox", "http://127.0.0.1:9", "shop", "s"), 10)

    assert job.errors[0]["code"] == "unavailable"
    assert "try again later" in job.errors[0]["message"].lower()
    assert not Account.objects.exists()


def test_a_name_that_leads_to_a_private_address_is_refused_by_the_worker(admin, settings):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(Invalid):
        accounts.connect(admin, "sandbox", "http://localhost:9", "shop", "s")

    job = jobs.wait(accounts.connect(admin, "sandbox", "http://nowhere.invalid", "shop", "s"), 10)
    assert job.errors[0]["code"] == "no_such_server"
    assert not Account.objects.exists()


def test_only_administrators_connect(sandbox):
    user = UserFactory(role="Marketer")

    with pytest.raises(Forbidden):
        accounts.connect(user, "sandbox", sandbox.base_url, "shop", "s")
    with pytest.raises(Forbidden):
        accounts.disconnect(AccountFactory(), user)


def test_disconnecting_forgets_the_secrets_and_keeps_the_rest(admin):
    account = PublicationFactory(published=True).account

    accounts.disconnect(account, admin)

    account.refresh_from_db()
    assert account.status == AccountStatus.DISABLED
    assert not Credential.objects.exists()
    assert account.publications.count() == 1
    assert account.history.first().history_user == admin
    with pytest.raises(AuthRevoked):
        accounts.connection(account)
    with pytest.raises(Conflict):
        accounts.disconnect(account, admin)


def test_a_connection_whose_worker_died_is_cleared_away(admin):
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False):
        Account.objects.create(platform="sandbox", handle="half")
        OAuthRequest.objects.create(state="s", user=admin, platform="mastodon", secrets={})
    Account.objects.create(platform="sandbox", handle="young")
    AccountFactory(handle="done")

    accounts.remove_abandoned(timezone.now())

    assert sorted(Account.objects.values_list("handle", flat=True)) == ["done", "young"]
    assert not OAuthRequest.objects.exists()


# -- through the browser ------------------------------------------------------------


def grant(authorize_url, account="office"):
    """What the network's own page does when a person agrees: where it sends them."""
    answer = requests.get(
        authorize_url, params={"account": account}, allow_redirects=False, timeout=10
    )
    return urlsplit(answer.headers["Location"])


def said(response):
    """The last message the person will see on the next page."""
    return str(list(get_messages(response.wsgi_request))[-1])


def test_a_person_connects_through_the_browser(admin, client, mastodon):
    started = jobs.wait(accounts.start_oauth(admin, "mastodon", mastodon.base_url), 10)
    back = grant(started.result["authorize_url"])
    assert parse_qs(back.query)["state"] == [started.result["state"]]
    client.force_login(admin)

    first = client.get(f"{back.path}?{back.query}")
    second = client.get(f"{back.path}?{back.query}")

    assert first.status_code == 302
    account = Account.objects.get()
    assert (account.platform, account.status) == ("mastodon", AccountStatus.ACTIVE)
    assert accounts.connection(account).secrets["access_token"]
    assert "not started here" in said(second)
    assert not OAuthRequest.objects.exists()


def test_a_login_started_by_somebody_else_or_long_ago_is_refused(admin, mastodon):
    started = jobs.wait(accounts.start_oauth(admin, "mastodon", mastodon.base_url), 10)
    state = started.result["state"]

    with pytest.raises(Invalid):
        accounts.finish_oauth(UserFactory(role="Administrator"), state, "code")
    with pytest.raises(Invalid):
        accounts.finish_oauth(admin, "other-state", "code")
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=61)),
        pytest.raises(Invalid),
    ):
        accounts.finish_oauth(admin, state, "code")

    assert not Account.objects.exists()


def test_a_wrong_code_connects_nothing(admin, mastodon):
    started = jobs.wait(accounts.start_oauth(admin, "mastodon", mastodon.base_url), 10)

    job = jobs.wait(accounts.finish_oauth(admin, started.result["state"], "wrong"), 10)

    assert job.state == JobState.FAILED
    assert not Account.objects.exists()


def test_a_network_without_browser_login_says_how_it_is_connected(admin):
    with pytest.raises(Invalid) as refused:
        accounts.start_oauth(admin, "sandbox")
    assert refused.value.code == "wrong_way"


def test_a_refusal_on_the_networks_page_changes_nothing(admin, client):
    client.force_login(admin)

    answer = client.get("/accounts/callback/mastodon/?error=access_denied&state=x")

    assert "did not grant access" in said(answer)
    assert not JobRun.objects.exists()


# -- renewing ----------------------------------------------------------------------


def session(access, refresh):
    return {"body": {"accessJwt": access, "refreshJwt": refresh, "did": "did:plc:a", "handle": "a"}}


def secrets_of(account):
    return Credential.objects.get(account=account).secrets


def test_both_tokens_are_renewed(stub, bluesky_account):
    stub.answers(REFRESH, session("a2", "r2"))

    assert accounts.refresh(bluesky_account)

    assert secrets_of(bluesky_account) == {"access": "a2", "refresh": "r2"}
    assert Credential.objects.get().version == 2
    assert not Lease.objects.exists()


def test_several_workers_with_one_refused_login_renew_it_once(stub, bluesky_account):
    stub.answers(REFRESH, session("a2", "r2"))
    barrier = Barrier(4)

    def renew(_n):
        try:
            account = Account.objects.get(pk=bluesky_account.pk)
            accounts.connection(account)
            barrier.wait(timeout=30)
            try:
                return accounts.refresh(account)
            except Unavailable:
                return "later"
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(renew, range(4)))

    assert True in answers
    assert set(answers) <= {True, "later"}
    assert len(stub.requests(REFRESH)) == 1
    assert secrets_of(bluesky_account) == {"access": "a2", "refresh": "r2"}


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502, "body": "bad gateway"},
        {"status": 429, "body": {"error": "RateLimitExceeded"}},
    ],
)
def test_a_passing_trouble_changes_nothing(stub, bluesky_account, answer):
    stub.answers(REFRESH, answer)

    with pytest.raises(Exception) as raised:
        accounts.refresh(bluesky_account)

    assert raised.value.code in ("unavailable", "rate_limited")
    bluesky_account.refresh_from_db()
    assert bluesky_account.status == AccountStatus.ACTIVE
    assert secrets_of(bluesky_account) == {"access": "a1", "refresh": "r1"}


def test_an_answer_without_a_refresh_token_does_not_lose_the_old_one(stub, bluesky_account):
    stub.answers(REFRESH, session("a2", ""))

    with pytest.raises(Unavailable):
        accounts.refresh(bluesky_account)

    assert secrets_of(bluesky_account) == {"access": "a1", "refresh": "r1"}


def test_an_ended_login_raises_and_the_account_is_blocked_once(stub, bluesky_account, admin):
    stub.answers(REFRESH, {"status": 400, "body": {"error": "ExpiredToken", "message": "over"}})

    with pytest.raises(AuthRevoked):
        accounts.refresh(bluesky_account)
    assert accounts.needs_reconnect(bluesky_account, "over")
    assert not accounts.needs_reconnect(bluesky_account, "over")

    bluesky_account.refresh_from_db()
    assert bluesky_account.status == AccountStatus.NEEDS_RECONNECT
    assert Notice.objects.get().deliveries.filter(user=admin, channel="app").exists()


def test_a_late_refusal_of_old_secrets_does_not_block_a_reconnected_account(bluesky_account):
    slow = Account.objects.get(pk=bluesky_account.pk)
    accounts.connection(slow)
    Credential.objects.update(version=2, secrets={"access": "new"})

    assert not accounts.needs_reconnect(slow, "HTTP 401")

    bluesky_account.refresh_from_db()
    assert bluesky_account.status == AccountStatus.ACTIVE


def test_a_network_without_renewal_says_so(sandbox, admin):
    account = Account.objects.get(pk=connect(admin, sandbox).result["account"])

    assert accounts.refresh(account) is False


# -- doctor ------------------------------------------------------------------------


def test_the_doctor_names_what_works_and_a_remedy_for_what_does_not(admin, sandbox):
    account = Account.objects.get(pk=connect(admin, sandbox).result["account"])
    healthy = jobs.wait(accounts.doctor(account, admin), 10).result["checks"]
    sandbox.revoke("shop")

    ill = jobs.wait(accounts.doctor(account, admin), 10).result["checks"]

    assert [(c["code"], c["ok"], c["remedy"]) for c in healthy] == [
        ("reachable", True, ""),
        ("token", True, ""),
    ]
    assert [(c["code"], c["ok"]) for c in ill] == [("reachable", True), ("token", False)]
    assert ill[1]["message"] == "The login does not work any more."
    assert ill[1]["remedy"] == "Connect the account again."


def test_the_doctor_of_a_disconnected_account_says_connect_it(admin):
    account = AccountFactory()
    accounts.disconnect(account, admin)

    [check] = jobs.wait(accounts.doctor(account), 10).result["checks"]

    assert (check["code"], check["ok"]) == ("auth_revoked", False)
