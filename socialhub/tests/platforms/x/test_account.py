"""Connecting, renewing and examining an account on X."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from socialhub.platforms.base import App, Connection, Profile
from socialhub.platforms.errors import AuthExpired, AuthRevoked, PermissionDenied, Unavailable
from socialhub.platforms.x.oauth import SCOPES
from socialhub.tests.platforms.x.conftest import ADAPTER, APP, fresh, publish
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standin.oauth import CLIENT_ID

BACK = "https://desk.example/oauth/callback/"
PUBLIC = App(CLIENT_ID)


def granted(server: Server, app: App = APP) -> Profile:
    """What a person does in the browser, and the way back."""
    started = ADAPTER.authorize(server.base_url, BACK, "state-1", app)
    requests.get(started.authorize_url, timeout=5)
    answer = requests.get(
        f"{started.authorize_url}&decision=allow", timeout=5, allow_redirects=False
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["state-1"]
    return ADAPTER.exchange(server.base_url, BACK, query["code"][0], started.secrets, app)


def connected(server: Server, profile: Profile, app: App = APP) -> Connection:
    return Connection(
        "x",
        server.base_url,
        profile.remote_id,
        profile.handle,
        profile.secrets,
        profile.options,
        app,
    )


def test_the_login_has_state_and_a_verifier(server: Server) -> None:
    profile = granted(server)

    (asked,) = server.log("authorize")
    (token,) = server.log("token")
    assert (asked["state"], asked["method"]) == ("state-1", "S256")
    assert asked["scopes"] == sorted(SCOPES)
    assert token["verifier_ok"]
    assert token["has_verifier"]
    assert token["client_ok"]
    assert (profile.handle, profile.display_name) == ("office", "Office")
    assert set(profile.options["scopes"]) == set(SCOPES)
    left = datetime.fromisoformat(profile.secrets["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=119) < left <= timedelta(hours=2)
    assert publish(connected(server, profile), "From the new account")


def test_people_log_in_on_another_host_than_the_api() -> None:
    started = ADAPTER.authorize("https://api.x.com", BACK, "s", APP)

    assert started.authorize_url.startswith("https://x.com/i/oauth2/authorize?")


def test_an_app_without_a_secret_names_itself_in_the_body(server: Server) -> None:
    server.mode(public_client=True)

    profile = granted(server, PUBLIC)
    renewed = ADAPTER.refresh(connected(server, profile, PUBLIC))

    assert renewed is not None
    assert renewed["access_token"] != profile.secrets["access_token"]


@pytest.mark.parametrize("missing", ["media.write", "offline.access"])
def test_a_right_that_was_not_granted_is_named(server: Server, missing: str) -> None:
    server.post("grants", scopes=[scope for scope in SCOPES if scope != missing])

    with pytest.raises(PermissionDenied, match=missing):
        granted(server)


def test_a_code_works_once_and_only_with_its_verifier(server: Server) -> None:
    started = ADAPTER.authorize(server.base_url, BACK, "s", APP)
    page = requests.get(f"{started.authorize_url}&decision=allow", timeout=5, allow_redirects=False)
    code = parse_qs(urlsplit(page.headers["Location"]).query)["code"][0]

    for verifier in ("wrong", started.secrets["code_verifier"]):
        with pytest.raises(AuthRevoked):
            ADAPTER.exchange(server.base_url, BACK, code, {"code_verifier": verifier}, APP)


def test_without_an_app_nothing_starts() -> None:
    with pytest.raises(PermissionDenied, match="developer app"):
        ADAPTER.authorize("https://api.x.com", BACK, "s", None)


# -- renewing --------------------------------------------------------------------


def test_a_refresh_token_is_replaced_each_time(server: Server) -> None:
    here = connected(server, granted(server))

    first = dict(ADAPTER.refresh(here) or {})
    second = dict(ADAPTER.refresh(replace(here, secrets=first)) or {})

    assert [(n["old"], n["new"]) for n in server.log("refresh")] == [(1, 2), (2, 3)]
    assert (
        len({here.secrets["refresh_token"], first["refresh_token"], second["refresh_token"]}) == 3
    )
    assert publish(replace(here, secrets=second), "After two renewals")
    with pytest.raises(AuthRevoked):
        ADAPTER.refresh(here)


def test_a_token_that_ran_out_is_expired_and_a_new_one_works(server: Server) -> None:
    here = connected(server, granted(server))
    server.mode(clock_offset=7_300)

    with pytest.raises(AuthExpired):
        publish(here, "Too late")
    renewed = ADAPTER.refresh(here)
    assert renewed is not None

    assert publish(replace(here, secrets=renewed), "In time")
    assert [post["text"] for post in server.posts("office")] == ["In time"]


def test_an_app_that_was_removed_needs_a_person(server: Server) -> None:
    here = connected(server, granted(server))
    server.post("revoke", account="office")

    with pytest.raises(AuthExpired):
        ADAPTER.newest_own_id(here)
    with pytest.raises(AuthRevoked):
        ADAPTER.refresh(here)


@pytest.mark.parametrize("fault", ["500_before", "timeout_after_accept", "reset_before"])
def test_a_refresh_without_an_answer_loses_no_account(
    server: Server, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from socialhub.platforms import wire

    monkeypatch.setitem(wire.read.__kwdefaults__, "timeout", 0.4)
    here = connected(server, granted(server))
    server.fault("refresh", fault)

    with pytest.raises(Unavailable):
        ADAPTER.refresh(here)


def test_a_wrong_secret_of_the_app_is_not_the_fault_of_the_account(server: Server) -> None:
    here = connected(server, granted(server))

    with pytest.raises(PermissionDenied, match="developer app") as caught:
        ADAPTER.refresh(replace(here, app=App(CLIENT_ID, "another-secret")))
    assert "another-secret" not in str(caught.value)
    assert ADAPTER.refresh(here)


def test_a_typed_token_cannot_be_renewed_unless_its_partner_was_typed(server: Server) -> None:
    alone = ADAPTER.connect(server.base_url, "", server.token("office"))
    pair = ADAPTER.connect(server.base_url, "", f"{server.token('office')} refresh-1")

    assert ADAPTER.refresh(connected(server, alone)) is None
    assert pair.secrets["refresh_token"] == "refresh-1"


@pytest.mark.parametrize("typed", ["", "wrong"])
def test_a_wrong_token_is_refused(server: Server, typed: str) -> None:
    with pytest.raises(AuthRevoked):
        ADAPTER.connect(server.base_url, "", typed)


# -- doctor ----------------------------------------------------------------------


def checks(connection: Connection) -> dict[str, tuple[bool, str]]:
    return {check.code: (check.ok, check.detail) for check in ADAPTER.doctor(connection)}


def test_the_doctor_finds_a_healthy_account(server: Server) -> None:
    found = checks(connected(server, granted(server)))

    assert found["reachable"] == (True, "")
    assert found["token"] == (True, "office")
    assert found["rights"] == (True, "")
    assert found["limits"] == (True, "73 / 75")


@pytest.mark.parametrize(
    ("mode", "code", "said"),
    [
        ({"credit": 0}, "limits", "credits"),
        ({"capped": True}, "limits", "cap"),
        ({"limits": {"me": 0}}, "limits", "Too Many"),
    ],
)
def test_the_doctor_says_what_is_used_up(
    here: Connection, server: Server, mode: dict[str, Any], code: str, said: str
) -> None:
    server.mode(**mode)

    ok, detail = checks(here)[code]

    assert not ok
    assert said in detail


def test_the_doctor_names_missing_rights_and_a_dead_token(here: Connection, server: Server) -> None:
    lacking = checks(fresh(here, scopes=["tweet.read", "users.read"]))
    server.post("revoke", account="office")

    assert lacking["rights"] == (False, "tweet.write, media.write, offline.access")
    assert not checks(here)["token"][0]
    with pytest.raises(AuthExpired):
        ADAPTER.doctor(replace(here, secrets={**here.secrets, "refresh_token": "refresh-1"}))
