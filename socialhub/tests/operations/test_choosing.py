"""A login that reaches several pages: one network's stand-in, our callback, and the choice."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from django.contrib.messages import get_messages
from django.utils import timezone

from socialhub.models import Account, AccountStatus, Credential, JobRun, JobState, OAuthRequest
from socialhub.services import accounts, jobs
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import AccountFactory, UserFactory
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.django_db(transaction=True)
CALLBACK = "/accounts/callback/linkedin/"


@pytest.fixture
def admin():
    return UserFactory(role="Administrator")


@pytest.fixture
def linkedin(standins, admin):
    """LinkedIn, where whoever consents administers two pages; the app is entered."""
    server = standins("linkedin")
    server.mode(pages=["bakery", "mill"])
    accounts.save_app(admin, "linkedin", CLIENT_ID, CLIENT_SECRET)
    return server


def consent(admin, account=None):
    """What the network sends the person back with: {"code", "state"}."""
    started = jobs.wait(accounts.start_oauth(admin, "linkedin", account=account), 10)
    page = started.result["authorize_url"]
    answer = requests.get(page, params={"decision": "allow"}, allow_redirects=False, timeout=10)
    return {name: v[0] for name, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def finished(admin, account=None):
    back = consent(admin, account)
    return jobs.wait(accounts.finish_oauth(admin, back["state"], back["code"], "linkedin"), 10)


def said(response):
    return str(list(get_messages(response.wsgi_request))[-1])


# -- several profiles ---------------------------------------------------------------------


def test_several_pages_are_offered_and_nothing_is_connected_yet(admin, linkedin):
    job = finished(admin)

    shown = [(p["handle"], p["name"], p["known"]) for p in job.result["profiles"]]
    assert shown == [("bakery", "Bakery", None), ("mill", "Mill", None)]
    assert not Account.objects.exists()
    request = OAuthRequest.objects.get()
    assert request.granted_at is not None
    tokens = [one["secrets"]["access_token"] for one in request.secrets["profiles"]]
    assert not [token for token in tokens if token in str(job.result)]
    assert "code" not in request.secrets


def test_those_chosen_are_connected_with_their_ends_and_the_rest_is_forgotten(admin, linkedin):
    job = finished(admin)
    both = [one["remote_id"] for one in job.result["profiles"]]

    found = accounts.choose(admin, job.result["choose"], both)

    assert [(a.handle, a.status) for a in found] == [("bakery", "active"), ("mill", "active")]
    assert not OAuthRequest.objects.exists()
    for credential in Credential.objects.all():
        now = timezone.now()
        assert timedelta(days=59) < credential.expires_at - now <= timedelta(days=60)
        assert timedelta(days=364) < credential.ends_at - now <= timedelta(days=365)
    assert found[0].history.first().history_user == admin


def test_a_choice_works_once_for_one_person_within_an_hour(admin, linkedin):
    job = finished(admin)
    state, first = job.result["choose"], job.result["profiles"][0]["remote_id"]

    for user, ids in [
        (UserFactory(role="Administrator"), [first]),
        (admin, []),
        (admin, [first, "urn:li:organization:9"]),
    ]:
        with pytest.raises(Invalid):
            accounts.choose(user, state, ids)
    with pytest.raises(Forbidden):
        accounts.choose(UserFactory(role="Marketer"), state, [first])
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert accounts.offered(admin, state) is None
        with pytest.raises(Invalid):
            accounts.choose(admin, state, [first])
    assert not Account.objects.exists()

    accounts.choose(admin, state, [first])
    with pytest.raises((Invalid, Conflict)):
        accounts.choose(admin, state, [first])
    assert Account.objects.count() == 1


def test_profiles_nobody_chose_are_cleared_away(admin, linkedin):
    finished(admin)

    accounts.remove_abandoned(timezone.now() + timedelta(minutes=119))
    assert OAuthRequest.objects.exists()
    accounts.remove_abandoned(timezone.now() + timedelta(minutes=121))

    assert not OAuthRequest.objects.exists()


def test_a_single_page_is_connected_at_once(admin, linkedin):
    linkedin.mode(pages=["bakery"])

    job = finished(admin)

    account = Account.objects.get()
    assert job.result == {"account": account.pk, "handle": "bakery", "status": "active"}
    assert not OAuthRequest.objects.exists()


# -- reconnecting ---------------------------------------------------------------------------


@pytest.fixture
def bakery(admin, linkedin):
    """The page is connected, and a person switched something."""
    job = finished(admin)
    first = job.result["profiles"][0]["remote_id"]
    [account] = accounts.choose(admin, job.result["choose"], [first])
    account.overrides = {"replies": False}
    account.options = {**account.options, "metrics_off": {"clicks": "2026-11-20"}}
    account.save()
    accounts.needs_reconnect(account, "HTTP 401")
    return account


def test_reconnecting_keeps_what_a_person_chose_and_what_was_learned(admin, linkedin, bakery):
    job = finished(admin, bakery)
    offer = accounts.offered(admin, job.result["choose"])

    accounts.choose(admin, job.result["choose"], [bakery.remote_id])

    assert offer["reconnects"] == bakery.pk
    assert [one["known"] for one in offer["profiles"]] == [bakery.pk, None]
    bakery.refresh_from_db()
    assert bakery.status == AccountStatus.ACTIVE
    assert bakery.overrides == {"replies": False}
    assert bakery.options["metrics_off"] == {"clicks": "2026-11-20"}
    assert Account.objects.count() == 1


@pytest.mark.parametrize("granted", [["mill"], ["mill", "shoes"]])
def test_a_login_that_does_not_reach_the_account_changes_nothing(admin, linkedin, bakery, granted):
    linkedin.post("roles", account="office", pages=dict.fromkeys(granted, "ADMINISTRATOR"))
    before = Credential.objects.get().version

    job = finished(admin, bakery)

    assert (job.state, job.errors[0]["code"]) == (JobState.FAILED, "other_profile")
    assert "nothing was changed" in job.errors[0]["message"]
    bakery.refresh_from_db()
    assert bakery.status == AccountStatus.NEEDS_RECONNECT
    assert Credential.objects.get().version == before
    assert Account.objects.count() == 1


def test_a_pasted_token_of_another_profile_does_not_reconnect_it(admin, linkedin, bakery):
    secret = linkedin.token("mill")
    linkedin.post("roles", account="mill", pages={"mill": "ADMINISTRATOR"})

    job = jobs.wait(accounts.connect(admin, "linkedin", secret=secret, account=bakery), 10)

    assert job.errors[0]["code"] == "other_profile"
    assert Account.objects.get() == bakery


# -- the callback -----------------------------------------------------------------------------


def test_the_callback_leads_to_the_choice_and_the_page_connects(admin, linkedin, client):
    client.force_login(admin)

    back = client.get(CALLBACK, consent(admin))
    page = client.get(back["Location"])
    chosen = OAuthRequest.objects.get().secrets["profiles"][1]["remote_id"]
    done = client.post(back["Location"], {"profiles": [chosen]})
    again = client.get(back["Location"])

    assert back["Location"].startswith("/admin/socialhub/account/choose/")
    assert page.content.decode().count('name="profiles"') == 2
    assert "access-" not in page.content.decode()
    account = Account.objects.get()
    assert account.handle == "mill"
    assert done["Location"] == f"/admin/socialhub/account/{account.pk}/change/"
    assert "made already" in said(again)


def test_somebody_else_sees_no_choice(admin, linkedin, client):
    state = finished(admin).result["choose"]
    client.force_login(UserFactory(role="Administrator"))

    answer = client.get(f"/admin/socialhub/account/choose/{state}/")

    assert answer.status_code == 302
    assert "made already, or is too old" in said(answer)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("user_cancelled_authorize", "did not grant access"),
        ("access_denied", "did not grant access"),
        ("unauthorized_scope_error", "LinkedIn refused the login (unauthorized_scope_error)"),
        ("<script>alert(1)</script>", "did not grant access"),
    ],
)
def test_a_refusal_is_said_and_forgets_the_login(admin, linkedin, client, error, sentence):
    state = jobs.wait(accounts.start_oauth(admin, "linkedin"), 10).result["state"]
    client.force_login(admin)

    answer = client.get(CALLBACK, {"error": error, "state": state})

    assert sentence in said(answer)
    assert "script" not in said(answer)
    assert answer["Location"] == "/admin/socialhub/account/connect/linkedin/"
    assert not OAuthRequest.objects.exists()


def test_a_state_of_another_network_is_refused(admin, linkedin, client):
    back = consent(admin)
    client.force_login(admin)

    answer = client.get("/accounts/callback/mastodon/", back)

    assert "not started here" in said(answer)
    assert not JobRun.objects.filter(kind="finish_oauth").exists()


def test_rights_that_were_not_ticked_are_named(admin, linkedin, client):
    linkedin.post("grant", scopes=["r_organization_social", "rw_organization_admin"])
    client.force_login(admin)

    answer = client.get(CALLBACK, consent(admin))

    assert "w_organization_social" in said(answer)
    assert "grant everything" in said(answer)
    assert not Account.objects.exists()


# -- over the API -----------------------------------------------------------------------------


def test_a_program_enters_the_app_connects_and_chooses(standins, client):
    server = standins("linkedin")
    server.mode(pages=["bakery", "mill"])
    api = client_of(UserFactory(role="Administrator"))

    begun = api.post(
        "/api/accounts/connect/",
        {"platform": "linkedin", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    )
    answer = requests.get(
        begun.data["authorize_url"],
        params={"decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )
    client.force_login(api.user)
    client.get(f"{CALLBACK}?{urlsplit(answer.headers['Location']).query}")
    result = JobRun.objects.get(kind="finish_oauth").result
    body = {"state": result["choose"], "profiles": [result["profiles"][0]["remote_id"]]}
    chosen = api.post("/api/accounts/choose/", body)
    twice = api.post("/api/accounts/choose/", body)

    assert [(a["handle"], a["status"]) for a in chosen.data["accounts"]] == [("bakery", "active")]
    assert (twice.status_code, list(twice.data["fields"])) == (400, ["state"])


def test_a_network_without_its_app_says_so(admin, standins):
    standins("linkedin")

    with pytest.raises(Invalid) as refused:
        accounts.start_oauth(admin, "linkedin")

    assert refused.value.code == "app_missing"
    assert not JobRun.objects.exists()


def test_the_doctor_warns_before_a_login_ends(admin, linkedin, bakery):
    accounts.choose(admin, finished(admin, bakery).result["choose"], [bakery.remote_id])

    def end_line():
        checks = jobs.wait(accounts.doctor(bakery, admin), 10).result["checks"]
        return next(check for check in checks if check["code"] == "login_end")

    fine = end_line()
    Credential.objects.update(ends_at=timezone.now() + timedelta(days=3, hours=1))
    soon = end_line()

    assert (fine["ok"], fine["remedy"]) == (True, "")
    assert (soon["ok"], soon["detail"]) == (False, "ends in 3 days")
    assert "Connect the account again" in soon["remedy"]


def test_an_account_page_tells_when_the_login_ends_and_its_rights(admin, client):
    account = AccountFactory(platform="linkedin", options={"scopes": "a_right b_right"})
    Credential.objects.update(ends_at=timezone.now() + timedelta(days=3, hours=1))
    client.force_login(admin)

    page = client.get(f"/admin/socialhub/account/{account.pk}/change/").content.decode()

    assert "Login ends" in page
    assert "in 3 days" in page
    assert "a_right b_right" in page
