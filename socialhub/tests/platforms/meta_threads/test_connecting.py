"""The login of Threads, its renewal, and the doctor."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from socialhub.platforms.base import App, Audience, Connection, Profile
from socialhub.platforms.errors import AuthExpired, AuthRevoked, PermissionDenied, Unavailable
from socialhub.platforms.meta_threads.account import LOGIN
from socialhub.tests.platforms.fetching import APP, connected, in_seconds
from socialhub.tests.platforms.meta_threads.conftest import ADAPTER
from socialhub.tests.support.standin.client import Server

CALLBACK = "https://desk.example/accounts/callback/meta_threads/"
DAY = 86_400


def granted(server: Server, app: App = APP) -> Profile:
    """A person who allows what is asked, and what comes of it."""
    started = ADAPTER.authorize(server.base_url, CALLBACK, "state-1", app)
    assert requests.get(started.authorize_url, timeout=10).ok
    answer = requests.get(
        started.authorize_url + "&decision=allow", timeout=10, allow_redirects=False
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["state-1"]
    return ADAPTER.exchange(server.base_url, CALLBACK, query["code"][0], {}, app)


def as_connection(server: Server, profile: Profile) -> Connection:
    return Connection(
        "meta_threads",
        server.base_url,
        profile.remote_id,
        profile.handle,
        profile.secrets,
        profile.options,
        APP,
    )


def test_consent_gives_a_token_of_sixty_days(threads: Server) -> None:
    profile = granted(threads)

    assert (profile.handle, profile.display_name) == ("office", "Office")
    assert 59 * DAY < in_seconds(profile.secrets["expires_at"]) <= 60 * DAY
    assert threads.log("authorize")[0]["scopes"] == sorted(LOGIN.scopes)
    assert len(threads.log("long_lived")) == 1


def test_the_scopes_asked_for_can_be_chosen(threads: Server) -> None:
    chosen = "threads_basic,threads_content_publish,threads_manage_mentions"

    granted(threads, replace(APP, options={"scopes": chosen}))

    assert threads.log("authorize")[0]["scopes"] == chosen.split(",")


def test_without_the_right_to_publish_there_is_no_account(threads: Server) -> None:
    threads.post("consent", scopes=["threads_basic"])

    with pytest.raises(PermissionDenied, match="threads_content_publish"):
        granted(threads)


def test_rights_that_are_missing_are_found_by_trying(threads: Server) -> None:
    threads.post("consent", scopes=list(LOGIN.needed))

    checks = {one.code: one for one in ADAPTER.doctor(as_connection(threads, granted(threads)))}

    missing = "threads_manage_insights threads_read_replies"
    assert (checks["rights"].ok, checks["rights"].detail) == (False, missing)


def test_a_token_is_renewed_after_a_day_not_before(threads: Server) -> None:
    here = as_connection(threads, granted(threads))
    unknown_age = replace(here, secrets={"access_token": here.secrets["access_token"]})

    assert ADAPTER.refresh(here) is None
    with pytest.raises(Unavailable, match="24 hours"):
        ADAPTER.refresh(unknown_age)
    threads.mode(clock_offset=25 * 3600)
    renewed = ADAPTER.refresh(unknown_age)

    assert renewed is not None
    assert renewed["access_token"] != here.secrets["access_token"]
    assert [one["new"] for one in threads.log("refresh")] == [2]


def test_a_login_that_is_over(threads: Server, office: Connection) -> None:
    threads.mode(clock_offset=61 * DAY)
    with pytest.raises(AuthExpired):
        ADAPTER.newest_own_id(office)
    threads.post("revoke", account="office")
    with pytest.raises(AuthRevoked):
        ADAPTER.newest_own_id(office)


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_token_that_does_not_work(threads: Server, token: str) -> None:
    with pytest.raises(AuthRevoked):
        ADAPTER.connect(threads.base_url, "", token)


def test_the_networks_own_address_sends_people_to_its_pages() -> None:
    started = ADAPTER.authorize("https://graph.threads.net", CALLBACK, "s", APP)

    assert started.authorize_url.startswith("https://threads.net/oauth/authorize?client_id=")


def test_the_doctor_of_a_healthy_account(threads: Server, office: Connection) -> None:
    threads.mode(quota_used=3, reply_quota_used=7)

    checks = [(one.code, one.ok, one.detail) for one in ADAPTER.doctor(office)]

    assert checks == [
        ("reachable", True, ""),
        ("token", True, "office"),
        ("rights", True, ""),
        ("limits", True, "3 / 250, 7 / 1000"),
        ("api_version", True, "v1.0"),
    ]


def test_the_doctor_names_what_is_wrong(threads: Server, office: Connection) -> None:
    threads.mode(reply_quota_used=1_000)
    used_up = {one.code: one.ok for one in ADAPTER.doctor(office)}
    threads.post("revoke", account="office")
    revoked = [(one.code, one.ok) for one in ADAPTER.doctor(office)]

    assert used_up["limits"] is False
    assert revoked == [("reachable", True), ("token", False)]


def test_how_many_follow(office: Connection) -> None:
    assert ADAPTER.audience(office) == Audience(followers=1_234)


def test_two_profiles_have_ids_of_their_own(threads: Server, office: Connection) -> None:
    assert connected(ADAPTER, threads, "token-other").remote_id != office.remote_id
