"""From the dialog to tokens of pages, and tokens that were pasted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from socialhub.platforms.base import App, Profile
from socialhub.platforms.errors import AuthRevoked, InvalidContent, PermissionDenied
from socialhub.platforms.facebook import login
from socialhub.tests.platforms.facebook.conftest import ADAPTER, APP, connected, draft
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standin.oauth import CLIENT_SECRET

BACK = "https://desk.example/accounts/callback/facebook/"
TWO = [{"name": "office"}, {"name": "shop"}]


def consented(facebook: Server) -> tuple[Profile, ...]:
    started = ADAPTER.authorize(facebook.base_url, BACK, "state-1", APP)
    answer = requests.get(
        f"{started.authorize_url}&decision=allow", allow_redirects=False, timeout=5
    )
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    return ADAPTER.exchange(facebook.base_url, BACK, code, started.secrets, APP)


def test_the_dialog_is_facebooks_own_and_asks_for_every_right() -> None:
    url = ADAPTER.authorize(ADAPTER.default_server, BACK, "state-1", APP).authorize_url

    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("www.facebook.com", "/v26.0/dialog/oauth")
    assert asked["scope"] == [",".join(login.SCOPES)]
    assert asked["state"] == ["state-1"]
    assert CLIENT_SECRET not in url


def test_an_app_may_ask_for_other_rights() -> None:
    app = App("id", "secret", {"scopes": "pages_manage_posts,business_management"})

    url = ADAPTER.authorize(ADAPTER.default_server, BACK, "state-1", app).authorize_url

    asked = parse_qs(urlsplit(url).query)
    assert asked["scope"] == ["business_management,pages_manage_posts"]


def test_each_page_gets_a_token_that_never_ends(facebook: Server) -> None:
    facebook.post("pages", pages=TWO)

    found = consented(facebook)

    assert [(p.handle, p.display_name, p.kind) for p in found] == [
        ("office", "Office", "page"),
        ("shop", "Shop", "page"),
    ]
    assert len({p.secrets["access_token"] for p in found}) == 2
    # Longer than the user's 60 days.
    facebook.mode(clock_offset=100 * 86_400)
    shop = connected(facebook, found[1])
    ADAPTER.commit(shop, ADAPTER.prepare(shop, draft("Hola")))
    assert [one["text"] for one in facebook.posts(shop.remote_id)] == ["Hola"]
    assert all("ends_at" not in p.secrets and "expires_at" not in p.secrets for p in found)


def test_a_page_without_the_right_to_publish_is_left_out(facebook: Server) -> None:
    facebook.post("pages", pages=[{"name": "office"}, {"name": "shop", "tasks": ["ANALYZE"]}])

    assert [p.handle for p in consented(facebook)] == ["office"]


def test_only_such_pages_are_refused_by_name(facebook: Server) -> None:
    facebook.post("pages", pages=[{"name": "shop", "tasks": ["ANALYZE"]}])

    with pytest.raises(PermissionDenied, match=r"CREATE_CONTENT.*Shop"):
        consented(facebook)


def test_nobody_without_a_page(facebook: Server) -> None:
    facebook.post("pages", pages=[])

    with pytest.raises(PermissionDenied, match="no Facebook page"):
        consented(facebook)


def test_a_declined_right_to_publish_is_named(facebook: Server) -> None:
    facebook.post("consent", scopes=[s for s in login.SCOPES if s != "pages_manage_posts"])

    with pytest.raises(PermissionDenied, match="pages_manage_posts"):
        consented(facebook)


def test_a_declined_right_to_read_is_for_the_doctor(facebook: Server) -> None:
    facebook.post("consent", scopes=[s for s in login.SCOPES if s != "read_insights"])

    (profile,) = consented(facebook)

    checks = {check.code: check for check in ADAPTER.doctor(connected(facebook, profile))}
    assert not checks["rights"].ok
    assert checks["rights"].detail == "read_insights"


def test_a_code_works_once(facebook: Server) -> None:
    with pytest.raises(AuthRevoked):
        ADAPTER.exchange(facebook.base_url, BACK, "used-before", {}, APP)


def test_without_an_app_there_is_no_dialog() -> None:
    with pytest.raises(PermissionDenied, match="developer app"):
        ADAPTER.authorize(ADAPTER.default_server, BACK, "state-1", None)


@pytest.mark.parametrize("typed", ["shop", "@Shop", "ID"])
def test_a_persons_token_with_the_page_named(facebook: Server, typed: str) -> None:
    facebook.post("pages", pages=TWO)
    shop = consented(facebook)[1]
    handle = shop.remote_id if typed == "ID" else typed

    found = ADAPTER.connect(facebook.base_url, handle, "token-user:maria")

    assert (found.remote_id, found.kind) == (shop.remote_id, "page")
    assert found.secrets["access_token"] != "token-user:maria"


@pytest.mark.parametrize("typed", ["", "elsewhere"])
def test_several_pages_and_none_of_them_named(facebook: Server, typed: str) -> None:
    facebook.post("pages", pages=TWO)

    with pytest.raises(InvalidContent, match=r"Office \(\d+\), Shop \(\d+\)"):
        ADAPTER.connect(facebook.base_url, typed, "token-user:maria")


def test_a_token_of_a_short_login_says_when_it_ends(facebook: Server) -> None:
    started = ADAPTER.authorize(facebook.base_url, BACK, "state-1", APP)
    answer = requests.get(
        f"{started.authorize_url}&decision=allow", allow_redirects=False, timeout=5
    )
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    sent = {
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
        "redirect_uri": BACK,
        "code": code,
    }
    short = facebook.call("POST", "/v26.0/oauth/access_token", data=sent)["access_token"]

    found = ADAPTER.connect(facebook.base_url, "", short)

    left = datetime.fromisoformat(found.secrets["ends_at"]) - datetime.now(UTC)
    assert timedelta(minutes=55) < left < timedelta(minutes=61)


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_wrong_token(facebook: Server, secret: str) -> None:
    with pytest.raises(AuthRevoked):
        ADAPTER.connect(facebook.base_url, "", secret)
