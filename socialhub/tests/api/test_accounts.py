"""Accounts: connected over real sockets; secrets go in and never come out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import Account, AccountGrant, Credential, JobRun, PostingSlot
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory, organisation

SECRET = "sandbox-bakery"


def connect(client, sandbox, **fields):
    body = {
        "platform": "sandbox",
        "server_url": sandbox.base_url,
        "handle": "bakery",
        "secret": SECRET,
        **fields,
    }
    return client.post("/api/accounts/", body)


@pytest.mark.django_db(transaction=True)
def test_an_account_is_connected_and_its_secret_never_shown(admin, sandbox):
    response = connect(admin, sandbox)

    assert response.status_code == 201, response.data
    account = Account.objects.get()
    assert (response.data["id"], response.data["status"]) == (account.pk, "active")
    assert (response.data["platform"], response.data["handle"]) == ("sandbox", "bakery")
    assert response.data["capabilities"]["text_limit"] > 0
    assert Credential.objects.get().secrets == {"token": SECRET}
    answers = [response.content, admin.get("/api/accounts/").content]
    answers.append(admin.get(f"/api/accounts/{account.pk}/").content)
    answers.append(admin.get("/api/jobs/").content)
    assert not [answer for answer in answers if SECRET.encode() in answer]


@pytest.mark.django_db(transaction=True)
def test_the_doctor_examines_an_account(admin, sandbox):
    pk = connect(admin, sandbox).data["id"]

    response = admin.get(f"/api/accounts/{pk}/doctor/")

    assert response.status_code == 200
    checks = response.data["checks"]
    assert {check["code"] for check in checks} >= {"reachable", "token"}
    assert all(check["ok"] and check["message"] for check in checks)


@pytest.mark.django_db(transaction=True)
def test_a_refused_secret_is_a_field_error_and_changes_nothing(admin, sandbox):
    connect(admin, sandbox)

    response = connect(admin, sandbox, secret="wrong-secret")

    assert response.status_code == 400
    assert (response.data["type"], list(response.data["fields"])) == ("auth_revoked", ["secret"])
    assert "wrong-secret" not in str(response.data)
    # The connection that worked stays.
    assert [account.status for account in Account.objects.all()] == ["active"]
    assert Credential.objects.get().secrets == {"token": SECRET}


@pytest.mark.django_db(transaction=True)
def test_an_account_connects_through_the_browser(admin, mastodon):
    response = admin.post(
        "/api/accounts/connect/", {"platform": "mastodon", "server_url": mastodon.base_url}
    )

    assert response.status_code == 200, response.data
    assert response.data["authorize_url"].startswith(mastodon.base_url)
    assert response.data["state"] in response.data["authorize_url"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"platform": "orkut"}, "unknown_platform", "platform"),
        ({"server_url": "http://192.168.1.4"}, "private_address", "server_url"),
        ({"server_url": "http://169.254.169.254/"}, "private_address", "server_url"),
        ({"server_url": "http://2130706433/"}, "bad_address", "server_url"),
        ({"server_url": "file:///etc/passwd"}, "bad_address", "server_url"),
        ({"secret": ""}, "blank", "secret"),
        ({"password": "x"}, "unknown_field", "password"),
    ],
)
def test_bad_input_names_the_field_and_starts_nothing(admin, settings, fields, code, field):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    body = {"platform": "mastodon", "server_url": "https://m.example", "secret": "s", **fields}

    response = admin.post("/api/accounts/", body)

    assert response.status_code == 400
    assert (response.data["type"], list(response.data["fields"])) == (code, [field])
    assert (Account.objects.count(), JobRun.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_work_that_takes_longer_is_a_job_to_ask_for(admin):
    """In a test transaction no worker sees the job, as when all workers are busy."""
    account = AccountFactory()

    response = admin.get(f"/api/accounts/{account.pk}/doctor/")

    assert response.status_code == 202
    job = admin.get(f"/api/jobs/{response.data['job']}/")
    assert response["Location"] == f"/api/jobs/{response.data['job']}/"
    expected = {"kind": "doctor", "state": "queued", "done": 0, "total": 0, "errors": []}
    assert {name: job.data[name] for name in expected} == expected
    assert job.data["result"] is None


@pytest.mark.django_db
def test_jobs_of_others_do_not_exist_except_for_administrators(admin, marketer, as_role):
    job = JobRun.objects.create(kind="doctor", owner=marketer.user)

    assert marketer.get(f"/api/jobs/{job.pk}/").status_code == 200
    assert admin.get(f"/api/jobs/{job.pk}/").status_code == 200
    assert as_role("Marketer").get(f"/api/jobs/{job.pk}/").status_code == 404


@pytest.mark.django_db
def test_an_account_is_changed_and_the_change_is_remembered(admin):
    account = AccountFactory()
    address = f"/api/accounts/{account.pk}/"
    read = admin.get(address).json()

    changed = admin.put(
        address, {**read, "audience_timezone": "Europe/Madrid", "overrides": {"replies": False}}
    )

    assert changed.status_code == 200
    assert changed.data["audience_timezone"] == "Europe/Madrid"
    assert changed.data["capabilities"]["replies"] is False
    assert account.history.first().history_user == admin.user
    for field, value in (
        ("audience_timezone", "Mars/Olympus"),
        ("overrides", {"text_limit": True}),
        ("status", "disabled"),
        ("handle", "somebody-else"),
    ):
        refused = admin.patch(address, {field: value})
        assert (refused.status_code, list(refused.data["fields"])) == (400, [field])


@pytest.mark.django_db
def test_delete_disconnects_and_keeps_what_was_published(admin):
    row = PublicationFactory(published=True)

    response = admin.delete(f"/api/accounts/{row.account_id}/")

    assert response.status_code == 204
    assert admin.get(f"/api/accounts/{row.account_id}/").data["status"] == "disabled"
    assert Credential.objects.count() == 0
    assert admin.get(f"/api/publications/{row.pk}/").data["status"] == "published"
    assert admin.delete(f"/api/accounts/{row.account_id}/").status_code == 409


@pytest.mark.django_db
def test_posting_slots(marketer):
    organisation(timezone="Europe/Madrid")
    account = AccountFactory()
    address = f"/api/accounts/{account.pk}/slots/"

    made = marketer.post(address, {"weekday": 6, "time": "18:00"})
    twice = marketer.post(address, {"weekday": 6, "time": "18:00"})
    wrong = marketer.post(address, {"weekday": 7, "time": "25:00"})
    moved = marketer.patch(f"{address}{made.data['id']}/", {"time": "19:15"})

    assert (made.status_code, moved.data["time"]) == (201, "19:15:00")
    assert twice.status_code == 400
    assert sorted(wrong.data["fields"]) == ["time", "weekday"]
    free = marketer.get(f"/api/accounts/{account.pk}/free-slots/").data
    assert free["timezone"] == "Europe/Madrid"
    assert {at[11:16] for at in map(str, free["slots"])} == {"19:15"}
    assert marketer.delete(f"{address}{made.data['id']}/").status_code == 204
    assert PostingSlot.objects.count() == 0


@pytest.mark.django_db
def test_free_slots_refuse_a_range_that_is_none(marketer):
    account = AccountFactory()
    end = (timezone.now() - timedelta(days=1)).isoformat()

    response = marketer.get(f"/api/accounts/{account.pk}/free-slots/", {"end": end})

    assert (response.status_code, response.data["type"]) == (400, "bad_range")


@pytest.mark.django_db
def test_accounts_not_granted_do_not_exist():
    mine, other = AccountFactory(), AccountFactory()
    client = client_of(UserFactory(role="Administrator"))
    AccountGrant.objects.create(user=client.user, account=mine)

    assert [row["id"] for row in client.get("/api/accounts/").data["results"]] == [mine.pk]
    for method, path in (
        ("get", ""),
        ("patch", ""),
        ("delete", ""),
        ("get", "doctor/"),
        ("get", "slots/"),
        ("post", "slots/"),
        ("get", "free-slots/"),
    ):
        response = getattr(client, method)(f"/api/accounts/{other.pk}/{path}")
        assert response.status_code == 404, (method, path)


@pytest.mark.django_db
def test_the_browsable_form_never_holds_the_secret(client):
    """A form that failed is shown again; the password field must be empty then."""
    client.force_login(
        UserFactory(role="Administrator"), "django.contrib.auth.backends.ModelBackend"
    )

    page = client.post(
        "/api/accounts/",
        {"platform": "orkut", "secret": "very-secret"},
        headers={"Accept": "text/html"},
    )

    assert page.status_code == 400
    assert b'name="secret"' in page.content
    assert b"very-secret" not in page.content
