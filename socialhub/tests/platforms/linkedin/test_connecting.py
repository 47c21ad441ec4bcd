"""The login, the pages of a member, and the doctor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from socialhub.platforms.base import App, Check, Connection, Profile
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    InvalidContent,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.linkedin.client import next_midnight
from socialhub.platforms.linkedin.doctor import api_version
from socialhub.tests.platforms.linkedin.conftest import ADAPTER, connection, draft
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

APP = App(CLIENT_ID, CLIENT_SECRET, {"api_version": "202610"})
CALLBACK = "http://127.0.0.1:8000/accounts/callback/linkedin/"


def consent(server: Server) -> str:
    """The code of a person who allows everything asked."""
    started = ADAPTER.authorize(server.base_url, CALLBACK, "state-1", APP)
    page = requests.get(started.authorize_url, timeout=10)
    assert page.status_code == 200
    answer = requests.get(
        started.authorize_url + "&decision=allow", timeout=10, allow_redirects=False
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["state-1"]
    return query["code"][0]


def connected(server: Server, app: App = APP) -> tuple[Profile, ...]:
    return ADAPTER.exchange(server.base_url, CALLBACK, consent(server), {}, app)


def as_connection(server: Server, profile: Profile) -> Connection:
    return Connection(
        "linkedin",
        server.base_url,
        profile.remote_id,
        secrets=profile.secrets,
        options=profile.options,
        app=APP,
    )


def days_until(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)) / timedelta(days=1)


# -- OAuth -------------------------------------------------------------------------------


def test_the_person_chooses_among_pages(linkedin: Server) -> None:
    linkedin.mode(pages=["muebles-sur", "muebles-norte"])

    found = connected(linkedin)

    assert [(p.handle, p.display_name, p.kind) for p in found] == [
        ("muebles-sur", "Muebles Sur", "organisation"),
        ("muebles-norte", "Muebles Norte", "organisation"),
    ]
    assert all(p.remote_id.startswith("urn:li:organization:") for p in found)
    assert found[0].options["scopes"] == (
        "r_organization_social rw_organization_admin w_organization_social"
    )
    [asked] = linkedin.log("authorize")
    assert asked["state"] == "state-1"
    assert linkedin.log("token")[0]["client_ok"]
    assert not linkedin.log("token")[0]["has_verifier"]


def test_where_people_log_in() -> None:
    url = ADAPTER.authorize("https://api.linkedin.com", CALLBACK, "s", APP).authorize_url

    assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?")


def test_without_an_app_there_is_no_login() -> None:
    with pytest.raises(PermissionDenied):
        ADAPTER.authorize("https://api.linkedin.com", CALLBACK, "s", None)


def test_renewing_does_not_prolong_the_consent(linkedin: Server) -> None:
    [profile] = connected(linkedin)
    here = as_connection(linkedin, profile)

    renewed = ADAPTER.refresh(here)

    assert 364 < days_until(profile.secrets["ends_at"]) < 366
    assert 59 < days_until(profile.secrets["expires_at"]) < 61
    assert renewed is not None
    assert set(renewed) == {"access_token", "refresh_token", "expires_at"}
    assert renewed["access_token"] != profile.secrets["access_token"]


def test_without_a_refresh_token_the_login_ends_with_the_access_token(linkedin: Server) -> None:
    linkedin.mode(refresh_tokens=False)

    [profile] = connected(linkedin)

    assert profile.secrets["ends_at"] == profile.secrets["expires_at"]
    assert ADAPTER.refresh(as_connection(linkedin, profile)) is None


def test_a_token_that_ended_is_renewed_where_it_can_be(linkedin: Server) -> None:
    [profile] = connected(linkedin)
    here = as_connection(linkedin, profile)
    linkedin.post("expire")

    with pytest.raises(AuthExpired):
        ADAPTER.newest_own_id(here)
    with pytest.raises(AuthExpired):
        ADAPTER.doctor(here)
    renewed = ADAPTER.refresh(here)
    assert renewed is not None
    again = Connection("linkedin", linkedin.base_url, profile.remote_id, secrets=renewed)
    assert ADAPTER.newest_own_id(again) == ""


def test_a_refused_refresh_and_one_that_may_work_later(linkedin: Server) -> None:
    [profile] = connected(linkedin)
    here = as_connection(linkedin, profile)

    linkedin.fault("token", "500_before")
    with pytest.raises(Unavailable):
        ADAPTER.refresh(here)
    linkedin.fault("token", "rate_limited")
    with pytest.raises(RateLimited):
        ADAPTER.refresh(here)
    wrong = Connection("linkedin", linkedin.base_url, secrets=here.secrets, app=App("x", "y"))
    with pytest.raises(PermissionDenied, match="client id and secret"):
        ADAPTER.refresh(wrong)
    linkedin.post("revoke", account="office")
    with pytest.raises(AuthRevoked):
        ADAPTER.refresh(here)


def test_a_code_works_once(linkedin: Server) -> None:
    code = consent(linkedin)
    ADAPTER.exchange(linkedin.base_url, CALLBACK, code, {}, APP)

    with pytest.raises(AuthRevoked):
        ADAPTER.exchange(linkedin.base_url, CALLBACK, code, {}, APP)


@pytest.mark.parametrize("missing", ["w_organization_social", "r_organization_social"])
def test_a_right_that_is_missing(linkedin: Server, missing: str) -> None:
    linkedin.post("grant", scopes=sorted({*_scopes()} - {missing}))

    with pytest.raises(PermissionDenied, match=missing):
        connected(linkedin)


def _scopes() -> tuple[str, ...]:
    return ("w_organization_social", "r_organization_social", "rw_organization_admin")


# -- a token somebody has -----------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "office", "Office", "@office"])
def test_a_token_of_one_page(linkedin: Server, typed: str) -> None:
    profile = ADAPTER.connect(linkedin.base_url, typed, " token-office ")

    assert (profile.handle, profile.secrets) == ("office", {"access_token": "token-office"})
    assert "token-office" not in repr(profile)


def test_a_token_of_several_pages_needs_a_name(linkedin: Server) -> None:
    ids = linkedin.post(
        "roles", account="ana", pages={"sur": "ADMINISTRATOR", "norte": "CONTENT_ADMIN"}
    )

    with pytest.raises(InvalidContent, match="sur, norte"):
        ADAPTER.connect(linkedin.base_url, "", "token-ana")
    with pytest.raises(InvalidContent, match="sur, norte"):
        ADAPTER.connect(linkedin.base_url, "este", "token-ana")
    for typed in ("norte", ids["norte"], ids["norte"].rpartition(":")[2]):
        assert ADAPTER.connect(linkedin.base_url, typed, "token-ana").handle == "norte"


def test_a_member_without_a_page(linkedin: Server) -> None:
    linkedin.post("roles", account="ana", pages={"sur": "ANALYST"})

    with pytest.raises(PermissionDenied, match="administrator"):
        ADAPTER.connect(linkedin.base_url, "", "token-ana")


@pytest.mark.parametrize("secret", ["wrong", "", "token-gone"])
def test_a_wrong_token(linkedin: Server, secret: str) -> None:
    linkedin.post("revoke", account="gone")

    with pytest.raises(AuthRevoked) as caught:
        ADAPTER.connect(linkedin.base_url, "", secret)

    assert not secret or secret not in repr(caught.value)


# -- versions, limits ---------------------------------------------------------------------


def test_a_version_that_was_switched_off(linkedin: Server) -> None:
    page = connection(linkedin, options={"api_version": "202507"})
    payload = ADAPTER.prepare(page, draft())

    for call in (lambda: ADAPTER.newest_own_id(page), lambda: ADAPTER.commit(page, payload)):
        with pytest.raises(PermissionDenied, match="LINKEDIN_API_VERSION") as caught:
            call()
        assert caught.value.http_status == 426
    assert [(c.code, c.ok) for c in ADAPTER.doctor(page)] == [
        ("reachable", True),
        ("api_version", False),
    ]
    assert linkedin.posts() == []


def test_a_limit_ends_at_midnight(linkedin: Server, page: Connection) -> None:
    linkedin.fault("look", "rate_limited")

    with pytest.raises(RateLimited) as caught:
        ADAPTER.newest_own_id(page)

    assert caught.value.retry_at == next_midnight(datetime.now(UTC))
    assert caught.value.retry_at.hour == 0


# -- doctor -------------------------------------------------------------------------------


def test_the_doctor_of_a_healthy_page(linkedin: Server) -> None:
    [profile] = connected(linkedin)

    checks = ADAPTER.doctor(as_connection(linkedin, profile))

    assert [c.code for c in checks] == [
        "reachable",
        "token",
        "page_role",
        "rights",
        "limits",
        "api_version",
    ]
    # Only the version's age depends on the day.
    assert all(c.ok for c in checks[:-1])


def test_the_doctor_finds_a_lost_role(linkedin: Server, page: Connection) -> None:
    linkedin.post("roles", account="office", pages={"office": "ANALYST"})

    found = {c.code: c for c in ADAPTER.doctor(page)}

    assert found["page_role"] == Check("page_role", False, "ANALYST")


def test_the_doctor_finds_what_was_not_granted(linkedin: Server) -> None:
    page = connection(linkedin, options={"scopes": "w_organization_social r_organization_social"})

    found = {c.code: c for c in ADAPTER.doctor(page)}

    assert found["rights"] == Check("rights", False, "rw_organization_admin")


def test_the_doctor_of_a_revoked_token_and_a_used_up_limit(
    linkedin: Server, page: Connection
) -> None:
    linkedin.fault("me", "rate_limited")
    assert {c.code: c.ok for c in ADAPTER.doctor(page)}["limits"] is False

    linkedin.post("revoke", account="office")
    assert {c.code: c.ok for c in ADAPTER.doctor(page)}["token"] is False


@pytest.mark.parametrize(
    ("version", "ok"),
    [("202610", True), ("202603", True), ("202602", False), ("202507", False), ("latest", False)],
)
def test_the_age_of_a_version(version: str, ok: bool) -> None:
    assert api_version(version, date(2026, 11, 27)).ok is ok
