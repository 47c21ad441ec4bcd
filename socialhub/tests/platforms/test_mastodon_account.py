"""Connecting an account, against the stand-in server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from socialhub.platforms.base import Connection
from socialhub.platforms.errors import (
    AuthRevoked,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.mastodon import MastodonAdapter, oauth
from socialhub.tests.support.mastodon import MastodonServer

ADAPTER = MastodonAdapter()
CALLBACK = "http://127.0.0.1:8000/accounts/callback/mastodon/"


def connection(server: MastodonServer, secret: str = "token-office") -> Connection:
    profile = ADAPTER.connect(server.base_url, "", secret)
    return Connection(
        "mastodon",
        server.base_url,
        remote_id=profile.remote_id,
        secrets=profile.secrets,
        options=profile.options,
    )


def test_a_token_says_who_it_is_and_what_the_server_allows(mastodon: MastodonServer) -> None:
    mastodon.mode(max_characters=1000)

    profile = ADAPTER.connect(mastodon.base_url + "/", "", " token-office ")

    host = urlsplit(mastodon.base_url).netloc
    assert (profile.handle, profile.display_name) == (f"office@{host}", "Office")
    assert profile.secrets == {"access_token": "token-office"}
    assert profile.options["max_characters"] == 1000
    assert profile.options["quotes_supported"] is True
    assert "token-office" not in repr(profile)


def test_servers_before_instance_v2_are_understood(mastodon: MastodonServer) -> None:
    mastodon.mode(v2=False, max_characters=777)

    profile = ADAPTER.connect(mastodon.base_url, "", "token-office")

    assert profile.options["max_characters"] == 777
    assert profile.handle.endswith(urlsplit(mastodon.base_url).netloc)


@pytest.mark.parametrize("secret", ["wrong", "", "token-gone"])
def test_a_wrong_token(mastodon: MastodonServer, secret: str) -> None:
    mastodon.revoke("gone")

    with pytest.raises(AuthRevoked) as caught:
        ADAPTER.connect(mastodon.base_url, "", secret)

    assert not secret or secret not in str(caught.value)


def test_a_token_without_the_right_to_read(mastodon: MastodonServer) -> None:
    token = mastodon.limited_token("office", "write:statuses")

    with pytest.raises(PermissionDenied, match="scopes"):
        ADAPTER.connect(mastodon.base_url, "", token)


@pytest.mark.parametrize("typed", ["", "ftp://mastodon.example", "https://"])
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(NotFound):
        ADAPTER.connect(typed, "", "token-office")


def test_something_else_at_the_address(mastodon: MastodonServer) -> None:
    mastodon.fault("instance", "reject", times=2)

    with pytest.raises(NotFound, match="Mastodon-compatible"):
        ADAPTER.connect(mastodon.base_url, "", "token-office")


@pytest.mark.parametrize(
    ("fault", "error"),
    [("500_before", Unavailable), ("reset_before", Unavailable), ("rate_limited", RateLimited)],
)
def test_a_server_in_trouble_is_not_called_wrong(
    mastodon: MastodonServer, fault: str, error: type[Exception]
) -> None:
    mastodon.fault("instance", fault)

    with pytest.raises(error):
        ADAPTER.connect(mastodon.base_url, "", "token-office")


def test_a_network_not_there() -> None:
    with pytest.raises(Unavailable):
        ADAPTER.connect("http://127.0.0.1:9", "", "token-office")


# -- OAuth -----------------------------------------------------------------------


def allowed(url: str) -> dict[str, str]:
    """Follow the person's browser to where the server sends it; the query of the callback."""
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    target = answer.headers["Location"]
    assert target.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def test_access_is_granted_through_the_browser(mastodon: MastodonServer) -> None:
    started = ADAPTER.authorize(mastodon.base_url, CALLBACK, "state-1")
    returned = allowed(started.authorize_url)

    profile = ADAPTER.exchange(mastodon.base_url, CALLBACK, returned["code"], started.secrets)

    assert returned["state"] == "state-1"
    assert profile.handle.startswith("office@")
    assert profile.secrets.keys() == {"access_token", "client_id", "client_secret"}
    assert profile.options["scopes"] == oauth.SCOPES
    assert started.secrets["client_secret"] not in repr(started) + started.authorize_url


def test_a_code_works_once(mastodon: MastodonServer) -> None:
    started = ADAPTER.authorize(mastodon.base_url, CALLBACK, "s")
    code = allowed(started.authorize_url)["code"]
    ADAPTER.exchange(mastodon.base_url, CALLBACK, code, started.secrets)

    with pytest.raises(AuthRevoked):
        ADAPTER.exchange(mastodon.base_url, CALLBACK, code, started.secrets)


def test_a_stolen_code_is_worth_nothing_without_the_verifier(mastodon: MastodonServer) -> None:
    started = ADAPTER.authorize(mastodon.base_url, CALLBACK, "s")
    code = allowed(started.authorize_url)["code"]

    with pytest.raises(AuthRevoked):
        ADAPTER.exchange(
            mastodon.base_url, CALLBACK, code, {**started.secrets, "code_verifier": "guess"}
        )


def test_a_callback_that_nobody_started(mastodon: MastodonServer) -> None:
    with pytest.raises(AuthRevoked, match="start again"):
        ADAPTER.exchange(mastodon.base_url, CALLBACK, "code", {})


# -- doctor ----------------------------------------------------------------------


def verdicts(server: MastodonServer, account: Connection) -> dict[str, bool]:
    return {check.code: check.ok for check in ADAPTER.doctor(account)}


def test_doctor_of_a_sound_account(mastodon: MastodonServer) -> None:
    assert verdicts(mastodon, connection(mastodon)) == {
        "reachable": True,
        "compatible": True,
        "token": True,
        "rights": True,
        "limits": True,
    }


def test_doctor_names_missing_scopes(mastodon: MastodonServer) -> None:
    token = mastodon.limited_token("office", "read write:media")

    checks = {check.code: check for check in ADAPTER.doctor(connection(mastodon, token))}

    assert (checks["rights"].ok, checks["rights"].detail) == (False, "write:statuses")


def test_doctor_of_a_revoked_token(mastodon: MastodonServer) -> None:
    account = connection(mastodon)
    mastodon.revoke("office")

    assert verdicts(mastodon, account) == {
        "reachable": True,
        "compatible": True,
        "token": False,
        "limits": True,
    }


def test_doctor_notices_a_limit_that_became_smaller(mastodon: MastodonServer) -> None:
    account = connection(mastodon)
    mastodon.mode(max_characters=300)

    assert verdicts(mastodon, account)["limits"] is False


def test_doctor_of_a_server_that_is_down() -> None:
    account = Connection("mastodon", "http://127.0.0.1:9", secrets={"access_token": "x"})

    assert [(c.code, c.ok) for c in ADAPTER.doctor(account)] == [("reachable", False)]


def test_doctor_of_a_server_that_has_had_enough_of_us(mastodon: MastodonServer) -> None:
    account = connection(mastodon)
    mastodon.fault("instance", "rate_limited")

    assert [(c.code, c.ok) for c in ADAPTER.doctor(account)] == [("reachable", False)]
