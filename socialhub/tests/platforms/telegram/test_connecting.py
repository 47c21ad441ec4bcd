"""Which channel, what the bot may do there, and the doctor."""

from __future__ import annotations

import logging

import pytest

from socialhub.platforms.base import Audience, Connection
from socialhub.platforms.errors import AuthRevoked, PermissionDenied, PlatformError, RateLimited
from socialhub.tests.platforms.telegram.conftest import ADAPTER, again, connection, draft, publish
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standins.telegram.state import chat_of

TOKEN = "123456789:AAE-do_not_show_this"


def codes(channel: Connection) -> dict[str, bool]:
    return {check.code: check.ok for check in ADAPTER.doctor(channel)}


# -- connecting ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["@office", "office", "https://t.me/office", "t.me/s/office/", str(chat_of("office"))]
)
def test_a_channel_by_name_link_or_number(telegram: Server, typed: str) -> None:
    telegram.post("status", bot="office", status="administrator")

    profile = ADAPTER.connect(telegram.base_url, typed, " token-office ")

    assert (profile.remote_id, profile.handle) == (str(chat_of("office")), "@office")
    assert (profile.display_name, profile.kind) == ("Office", "channel")
    assert profile.secrets == {"access_token": "token-office"}
    assert "token-office" not in repr(profile)


def test_a_channel_without_a_public_name(telegram: Server) -> None:
    telegram.post("status", bot="office", status="administrator")
    telegram.post("chat", channel="office", username=None)

    profile = ADAPTER.connect(telegram.base_url, str(chat_of("office")), "token-office")

    assert profile.handle == "Office"


@pytest.mark.parametrize("secret", ["", "token-gone", "nonsense", "../getMe?x="])
def test_a_wrong_token(telegram: Server, secret: str) -> None:
    telegram.post("revoke", account="gone")

    with pytest.raises(AuthRevoked) as caught:
        ADAPTER.connect(telegram.base_url, "@office", secret)

    assert not secret or secret not in repr(caught.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("left", "member list"),
        ("member", "may not post"),
        ("restricted", "may not post"),
    ],
)
def test_a_bot_that_may_not_post(telegram: Server, status: str, words: str) -> None:
    telegram.post("status", bot="office", status=status)

    with pytest.raises((PermissionDenied, PlatformError), match=words):
        ADAPTER.connect(telegram.base_url, "@office", "token-office")


@pytest.mark.parametrize("typed", ["@nobody", "", "@"])
def test_a_channel_that_is_not_there(telegram: Server, typed: str) -> None:
    with pytest.raises(PermissionDenied, match="channel"):
        ADAPTER.connect(telegram.base_url, typed, "token-office")


def test_a_group_is_no_channel(telegram: Server) -> None:
    group = telegram.post("group", channel="office")

    with pytest.raises(PermissionDenied, match="not a channel"):
        ADAPTER.connect(telegram.base_url, str(group["id"]), "token-office")


def test_how_many_follow(channel: Connection) -> None:
    assert ADAPTER.audience(channel) == Audience(followers=120)


# -- the token is part of the address -------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    ["500_before", "reset_before", "unreadable_200", "rate_limited", None],
)
def test_no_message_shows_the_token(
    telegram: Server,
    channel: Connection,
    fault: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    here = Connection(
        "telegram", channel.server_url, channel.remote_id, secrets={"access_token": TOKEN}
    )
    payload = ADAPTER.prepare(channel, draft())
    calls = (
        lambda: ADAPTER.commit(here, payload),
        lambda: ADAPTER.prepare(here, draft()),
        lambda: ADAPTER.interactions(here, ""),
        lambda: ADAPTER.audience(here),
        lambda: ADAPTER.connect(here.server_url, "@office", TOKEN),
    )

    for call in calls:
        if fault:
            telegram.fault("*", fault)
        with pytest.raises(PlatformError) as caught:
            call()
        error: BaseException | None = caught.value
        while error is not None:
            assert TOKEN not in f"{error!r} {error}"
            error = error.__cause__ or error.__context__
    written = [record.getMessage() for record in caplog.records]
    assert any("/bot[redacted]/" in message for message in written) or fault == "reset_before"
    assert not any(TOKEN in message for message in written)


# -- doctor -------------------------------------------------------------------------------


def test_the_doctor_of_a_healthy_channel(telegram: Server, channel: Connection) -> None:
    assert codes(channel) == dict.fromkeys(["reachable", "token", "bot_rights", "updates"], True)

    telegram.post("group", channel="office")
    assert codes(channel)["discussion"] is True


@pytest.mark.parametrize("mode", ["webhook", "poller"])
def test_the_doctor_finds_who_else_reads_the_updates(
    telegram: Server, channel: Connection, mode: str
) -> None:
    telegram.mode(**{mode: True})

    [found] = [check for check in ADAPTER.doctor(channel) if not check.ok]

    assert found.code == "updates"
    assert "only one program" in found.detail


def test_the_doctor_finds_lost_rights(telegram: Server, channel: Connection) -> None:
    telegram.post("group", channel="office", bot="left")
    telegram.post("status", bot="office", status="restricted")

    found = codes(channel)

    assert (found["bot_rights"], found["discussion"]) == (False, False)


def test_the_doctor_of_a_kicked_bot_and_of_a_revoked_token(
    telegram: Server, channel: Connection
) -> None:
    telegram.post("status", bot="office", status="kicked")
    assert codes(channel)["bot_rights"] is False

    telegram.post("revoke", account="office")
    assert codes(channel) == {"reachable": True, "token": False}


def test_the_doctor_looks_without_taking_updates_away(
    telegram: Server, channel: Connection
) -> None:
    telegram.post("group", channel="office")
    publish(channel)
    telegram.post("comments", channel="office", post=1, text="Hola")

    ADAPTER.doctor(channel)

    assert [item.text for item in ADAPTER.interactions(channel, "").items] == ["Hola"]


def test_a_limit_says_when_it_ends(telegram: Server, channel: Connection) -> None:
    telegram.fault("me", "rate_limited", retry_after=30)
    assert codes(channel) == {"reachable": True, "limits": False}

    telegram.fault("audience", "rate_limited", retry_after=30)
    with pytest.raises(RateLimited) as caught:
        ADAPTER.audience(channel)
    assert caught.value.retry_at is not None


# -- a chat with a new id -------------------------------------------------------------------


def test_a_channel_that_has_moved_before_a_post(telegram: Server, channel: Connection) -> None:
    new = telegram.post("migrate", channel="office")["id"]

    payload = ADAPTER.prepare(channel, draft())

    assert channel.findings.learned["chat_id"] == str(new)
    receipt = ADAPTER.commit(again(channel), payload)
    assert receipt.remote_id == "1"
    assert [post["text"] for post in telegram.posts(channel.remote_id)] == ["Hola"]


def test_the_same_channel_twice_with_one_bot(telegram: Server) -> None:
    telegram.post("status", bot="office", channel="shop", status="administrator")

    shop = connection(telegram, "shop", bot="office")

    assert shop.remote_id == str(chat_of("shop"))
    assert publish(shop).permalink == "https://t.me/shop/1"
