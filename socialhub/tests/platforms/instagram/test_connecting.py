"""The login of Instagram, its end and renewal, and the doctor."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from socialhub.logs import JsonFormatter
from socialhub.platforms.base import App, Audience, Connection, Payload, Profile
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    PermissionDenied,
    Unavailable,
)
from socialhub.platforms.instagram.account import LOGIN
from socialhub.tests.platforms.fetching import APP, connected, in_seconds
from socialhub.tests.platforms.instagram.conftest import ADAPTER
from socialhub.tests.support.standin.client import Server

CALLBACK = "https://desk.example/accounts/callback/instagram/"
DAY = 86_400


def consent(server: Server) -> str:
    """The code of a person who allows what is asked."""
    started = ADAPTER.authorize(server.base_url, CALLBACK, "state-1", APP)
    assert requests.get(started.authorize_url, timeout=10).ok
    answer = requests.get(
        started.authorize_url + "&decision=allow", timeout=10, allow_redirects=False
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["state-1"]
    return query["code"][0]


def granted(server: Server) -> Profile:
    return ADAPTER.exchange(server.base_url, CALLBACK, consent(server) + "#_", {}, APP)


def as_connection(server: Server, profile: Profile) -> Connection:
    return Connection(
        "instagram",
        server.base_url,
        profile.remote_id,
        profile.handle,
        profile.secrets,
        profile.options,
        APP,
    )


def test_consent_gives_a_token_of_sixty_days(instagram: Server) -> None:
    profile = granted(instagram)

    assert (profile.handle, profile.kind) == ("office", "business")
    assert 59 * DAY < in_seconds(profile.secrets["expires_at"]) <= 60 * DAY
    assert set(profile.secrets) == {"access_token", "expires_at"}
    assert str(profile.options["scopes"]).split() == sorted(LOGIN.scopes)
    asked, said = instagram.log("authorize")[0], instagram.log("token")[0]
    assert asked["scopes"] == sorted(LOGIN.scopes)
    assert (said["client_ok"], said["code_ok"], said["redirect_ok"]) == (True, True, True)
    assert [one["new"] for one in instagram.log("long_lived")] == [1]


def test_a_code_works_once(instagram: Server) -> None:
    code = consent(instagram)
    ADAPTER.exchange(instagram.base_url, CALLBACK, code, {}, APP)

    with pytest.raises(AuthRevoked):
        ADAPTER.exchange(instagram.base_url, CALLBACK, code, {}, APP)


def test_without_the_right_to_publish_there_is_no_account(instagram: Server) -> None:
    instagram.post("consent", scopes=["instagram_business_basic"])

    with pytest.raises(PermissionDenied, match="instagram_business_content_publish"):
        granted(instagram)


def test_a_right_for_reading_may_be_missing_and_the_doctor_says_so(instagram: Server) -> None:
    instagram.post("consent", scopes=list(LOGIN.needed))

    profile = granted(instagram)

    checks = {one.code: one for one in ADAPTER.doctor(as_connection(instagram, profile))}
    missing = "instagram_business_manage_comments instagram_business_manage_insights"
    assert (checks["rights"].ok, checks["rights"].detail) == (False, missing)
    assert checks["token"].ok


def test_without_an_app_there_is_no_login(instagram: Server) -> None:
    with pytest.raises(PermissionDenied):
        ADAPTER.authorize(instagram.base_url, CALLBACK, "s", None)
    with pytest.raises(PermissionDenied):
        ADAPTER.exchange(instagram.base_url, CALLBACK, "code", {}, App())


def test_the_networks_own_address_sends_people_to_its_pages() -> None:
    started = ADAPTER.authorize("https://graph.instagram.com", CALLBACK, "s", APP)

    assert started.authorize_url.startswith("https://www.instagram.com/oauth/authorize?client_id=")


def test_a_token_is_renewed_after_a_day_not_before(instagram: Server) -> None:
    here = as_connection(instagram, granted(instagram))
    unknown_age = replace(here, secrets={"access_token": here.secrets["access_token"]})

    assert ADAPTER.refresh(here) is None
    with pytest.raises(Unavailable, match="24 hours"):
        ADAPTER.refresh(unknown_age)
    instagram.mode(clock_offset=25 * 3600)
    renewed = ADAPTER.refresh(unknown_age)

    assert renewed is not None
    assert renewed["access_token"] != here.secrets["access_token"]
    assert in_seconds(renewed["expires_at"]) > 59 * DAY
    assert [one["new"] for one in instagram.log("refresh")] == [2]


def test_no_log_line_shows_a_secret(instagram: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    profile = granted(instagram)
    instagram.mode(clock_offset=25 * 3600)
    secrets = {"access_token": profile.secrets["access_token"]}

    renewed = ADAPTER.refresh(replace(as_connection(instagram, profile), secrets=secrets))

    # Both addresses take the token as a parameter.
    lines = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert "/access_token?" in lines
    assert "/refresh_access_token?" in lines
    assert renewed is not None
    for secret in (secrets["access_token"], renewed["access_token"], APP.client_secret):
        assert secret not in lines


def test_a_token_that_has_ended_cannot_be_renewed(instagram: Server) -> None:
    here = as_connection(instagram, granted(instagram))
    instagram.mode(clock_offset=61 * DAY)

    with pytest.raises(AuthExpired):
        ADAPTER.newest_own_id(here)
    with pytest.raises(AuthExpired):
        ADAPTER.refresh(replace(here, secrets={"access_token": here.secrets["access_token"]}))


def test_a_renewal_that_fails_for_a_moment_loses_nothing(instagram: Server) -> None:
    here = connected(ADAPTER, instagram)
    instagram.fault("refresh", "500_before")

    with pytest.raises(Unavailable):
        ADAPTER.refresh(replace(here, secrets={"access_token": "token-office"}))


def test_a_typed_token_is_renewed_so_that_its_end_is_known(instagram: Server) -> None:
    profile = ADAPTER.connect(instagram.base_url, "", " token-office ")

    assert profile.secrets["access_token"] != "token-office"
    assert in_seconds(profile.secrets["expires_at"]) > 59 * DAY
    assert profile.remote_id.startswith("1784")


def test_a_typed_token_that_cannot_be_renewed_yet_is_kept(instagram: Server) -> None:
    young = granted(instagram).secrets["access_token"]
    known = ADAPTER.connect(instagram.base_url, "", young)
    instagram.fault("refresh", "500_before")
    unlucky = ADAPTER.connect(instagram.base_url, "", "token-office")

    assert known.secrets["access_token"] == young
    assert 58 * DAY < in_seconds(known.secrets["expires_at"]) <= 59 * DAY
    # Due for renewal at once.
    assert unlucky.secrets["access_token"] == "token-office"
    assert in_seconds(unlucky.secrets["expires_at"]) <= DAY


@pytest.mark.parametrize("token", ["", "nonsense", "token-gone"])
def test_a_token_that_does_not_work(instagram: Server, token: str) -> None:
    instagram.post("revoke", account="gone")

    with pytest.raises(AuthRevoked) as caught:
        ADAPTER.connect(instagram.base_url, "", token)

    assert not token or token not in repr(caught.value)


def test_the_doctor_of_a_healthy_account(instagram: Server, office: Connection) -> None:
    instagram.mode(quota_used=3)
    old = replace(office, options={**office.options, "api_version": "v20.0"})

    checks = [(one.code, one.ok, one.detail) for one in ADAPTER.doctor(office)]
    versions = {one.code: one.ok for one in ADAPTER.doctor(old)}

    assert checks == [
        ("reachable", True, ""),
        ("token", True, "office"),
        ("limits", True, "3 / 100"),
        ("api_version", True, "v26.0"),
    ]
    assert versions["api_version"] is False


def test_the_doctor_names_what_is_wrong(instagram: Server, office: Connection) -> None:
    instagram.mode(quota_used=100)
    used_up = {one.code: one.ok for one in ADAPTER.doctor(office)}
    instagram.post("revoke", account="office")
    revoked = [(one.code, one.ok) for one in ADAPTER.doctor(office)]

    assert used_up["limits"] is False
    assert revoked == [("reachable", True), ("token", False)]


def test_how_many_follow(office: Connection) -> None:
    assert ADAPTER.audience(office) == Audience(followers=1_234, following=56, posts=0)


def test_an_app_that_was_removed_stops_everything(instagram: Server, office: Connection) -> None:
    instagram.post("revoke", account="office")

    for call in (
        lambda: ADAPTER.newest_own_id(office),
        lambda: ADAPTER.metrics(office, ["1"]),
        lambda: ADAPTER.interactions(office, ""),
        lambda: ADAPTER.commit(office, Payload("key", "Hola", {"creation_id": "1"})),
    ):
        with pytest.raises(AuthRevoked):
            call()
