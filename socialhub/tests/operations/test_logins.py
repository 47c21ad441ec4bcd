"""Logins that end: renewed before, announced once, closed when they are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from socialhub.models import (
    Account,
    AccountStatus,
    Credential,
    Lease,
    Notice,
    NoticeKind,
)
from socialhub.services import accounts, leases, notices
from socialhub.tests.factories import AccountFactory, UserFactory
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now
NOTHING = {"renewed": 0, "kept": 0, "ended": 0, "warned": 0, "errors": {}}


@pytest.fixture
def admin():
    return UserFactory(role="Administrator")


@pytest.fixture
def linkedin(standins, admin):
    server = standins("linkedin")
    accounts.save_app(admin, "linkedin", CLIENT_ID, CLIENT_SECRET)
    return server


def member(server, name="office", *, days=3.0, ends_in=300.0):
    """An account of the page `name`, with the tokens the network gave for it."""
    granted = grant(server, name)
    account = AccountFactory(
        platform="linkedin",
        server_url=server.base_url,
        handle=name,
        remote_id=f"urn:li:organization:{name}",
        secrets={"access_token": granted["access"], "refresh_token": granted["refresh"]},
    )
    Credential.objects.filter(account=account).update(
        expires_at=NOW() + timedelta(days=days), ends_at=NOW() + timedelta(days=ends_in)
    )
    return account


def grant(server, name):
    """What the network's own consent page and token address answer."""
    server.call("POST", "/control/mode", json={"pages": [name]})
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://127.0.0.1/back",
        "state": "s",
        "scope": "w_organization_social r_organization_social rw_organization_admin",
        "decision": "allow",
    }
    import requests

    page = requests.get(
        f"{server.base_url}/oauth/v2/authorization",
        params=query,
        allow_redirects=False,
        timeout=10,
    )
    code = page.headers["Location"].partition("code=")[2].partition("&")[0]
    said = server.call(
        "POST",
        "/oauth/v2/accessToken",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": query["redirect_uri"],
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        },
    )
    return {"access": said["access_token"], "refresh": said["refresh_token"]}


def test_a_login_is_renewed_before_it_ends_and_its_last_day_stays(linkedin):
    account = member(linkedin)
    before = Credential.objects.get()

    report = accounts.renew_due(NOW())

    after = Credential.objects.get()
    assert report == {**NOTHING, "renewed": 1}
    assert after.secrets["access_token"] != before.secrets["access_token"]
    assert after.expires_at - NOW() > timedelta(days=59)
    assert after.version == before.version + 1
    assert accounts.renew_due(NOW()) == NOTHING
    assert linkedin.requests("token") == 2
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    assert not Lease.objects.exists()


def test_logins_of_one_day_are_renewed_on_several(linkedin):
    rows = [AccountFactory(platform="linkedin", handle=f"p{n}") for n in range(16)]
    end = datetime(2027, 3, 1, tzinfo=UTC)
    Credential.objects.update(expires_at=end)
    from socialhub.services.accounts import logins

    due = [
        len(logins._due(end - timedelta(days=7) + timedelta(hours=hours)))
        for hours in range(0, 49, 8)
    ]

    assert due[0] == 1
    assert due == sorted(due)
    assert 4 < due[3] < 12
    assert due[-1] == len(rows)


@pytest.mark.parametrize("fault", ["502_after_accept", "rate_limited", "reset_before"])
def test_a_passing_trouble_is_counted_and_never_disconnects(linkedin, fault):
    account = member(linkedin)
    linkedin.fault("token", fault)

    report = accounts.renew_due(NOW())

    account.refresh_from_db()
    assert (report["renewed"], sum(report["errors"].values())) == (0, 1)
    assert account.status == AccountStatus.ACTIVE
    assert accounts.renew_due(NOW())["renewed"] == 1


def test_one_that_is_refused_is_closed_and_the_others_are_renewed(linkedin):
    gone, fine = member(linkedin, "bakery"), member(linkedin, "mill")
    linkedin.mode(pages=[])
    with_refused = Credential.objects.get(account=gone)
    with_refused.secrets = {**with_refused.secrets, "refresh_token": "refresh-unknown"}
    with_refused.save()

    report = accounts.renew_due(NOW())

    assert report == {**NOTHING, "renewed": 1, "ended": 1}
    states = dict(Account.objects.values_list("handle", "status"))
    assert states == {"bakery": "needs_reconnect", "mill": "active"}
    assert Notice.objects.get().kind == NoticeKind.RECONNECT
    assert fine.pk


def test_a_login_another_worker_renews_is_left_to_it(linkedin):
    account = member(linkedin)
    owner = leases.take(f"refresh:account:{account.pk}", 60)

    report = accounts.renew_due(NOW())
    leases.release(f"refresh:account:{account.pk}", owner)

    assert report["errors"] == {"unavailable": 1}
    assert linkedin.requests("token") == 1


def test_an_end_nobody_can_prevent_is_announced_once_and_settled_by_reconnecting(linkedin, admin):
    account = member(linkedin, days=40, ends_in=6.5)

    first, second = accounts.renew_due(NOW()), accounts.renew_due(NOW())

    assert (first["warned"], second["warned"]) == (1, 0)
    notice = Notice.objects.get()
    text = notices.describe(notice)
    assert notice.deliveries.filter(user=admin, channel="app").exists()
    assert text.title == f"The login of {account} ends soon"
    assert "cannot renew it" in text.what
    accounts.on_reconnected(account)
    assert not Notice.objects.filter(resolved_at=None).exists()
    # Another end is another notice.
    Credential.objects.update(ends_at=NOW() + timedelta(days=5))
    assert accounts.renew_due(NOW())["warned"] == 1


def test_an_end_is_not_announced_a_day_too_early(linkedin):
    member(linkedin, days=40, ends_in=7.5)

    assert accounts.renew_due(NOW()) == NOTHING


def test_a_login_that_is_over_is_closed_and_its_warning_with_it(linkedin, admin):
    account = member(linkedin, days=40, ends_in=2)
    accounts.renew_due(NOW())

    report = accounts.renew_due(NOW() + timedelta(days=2, minutes=1))

    account.refresh_from_db()
    assert report["ended"] == 1
    assert account.status == AccountStatus.NEEDS_RECONNECT
    open_kinds = Notice.objects.filter(resolved_at=None).values_list("kind", flat=True)
    assert list(open_kinds) == [NoticeKind.RECONNECT]


def test_accounts_that_are_not_active_are_left_alone(linkedin):
    member(linkedin, ends_in=2)
    Account.objects.update(status=AccountStatus.NEEDS_RECONNECT)

    assert accounts.renew_due(NOW()) == NOTHING


def test_looking_takes_two_queries_however_many_accounts(linkedin):
    for n in range(5):
        AccountFactory(platform="linkedin", handle=f"p{n}")
    Credential.objects.update(
        expires_at=NOW() + timedelta(days=30), ends_at=NOW() + timedelta(days=90)
    )

    with CaptureQueriesContext(connection) as captured:
        assert accounts.renew_due(NOW()) == NOTHING

    assert len(captured) == 2


def test_many_known_ends_take_three_queries(linkedin, admin):
    for n in range(5):
        AccountFactory(platform="linkedin", handle=f"p{n}")
    Credential.objects.update(ends_at=NOW() + timedelta(days=5))
    accounts.renew_due(NOW())

    with CaptureQueriesContext(connection) as captured:
        assert accounts.renew_due(NOW()) == NOTHING

    assert len(captured) == 3


def test_the_command_runs_it_once_and_prints_json(linkedin, capsys):
    import json

    from django.core.management import call_command

    member(linkedin, days=40, ends_in=10)
    call_command("refresh_logins", now=(NOW() + timedelta(days=5)).isoformat())

    assert json.loads(capsys.readouterr().out) == {**NOTHING, "warned": 1}


def test_the_system_page_names_logins_and_versions(linkedin, client, settings):
    member(linkedin, days=40, ends_in=5)
    settings.LINKEDIN_API_VERSION = "202511"
    client.force_login(UserFactory(is_superuser=True))

    page = client.get("/admin/system/").content.decode()

    assert "ends within 7 days: office (LinkedIn)" in page
    assert "202511, " in page
    parts = {part.key: part for part in accounts.parts(NOW())}
    assert (parts["logins"].ok, parts["api:linkedin"].ok) == (False, False)
    settings.LINKEDIN_API_VERSION = f"{NOW():%Y%m}"
    assert {p.key: p.ok for p in accounts.parts(NOW())}["api:linkedin"] is True
