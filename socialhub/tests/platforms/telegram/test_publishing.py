"""Texts, photos, albums, series and answers; the truth is in the stand-in's own list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialhub import http
from socialhub.platforms.base import Connection, LinkCard, RemoteRef
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.tests.platforms.telegram.conftest import (
    ADAPTER,
    again,
    connection,
    draft,
    picture,
    publish,
    ref,
)
from socialhub.tests.support.standin.client import Server

FAMILY = "👨‍👩‍👧‍👦"
TEXT = "Novedades <b>hoy</b> & *mañana* _ya_ [ver](x) 👋\n\nhttps://www.example.com/a_b?x=1"


# -- messages -----------------------------------------------------------------------------


def test_a_text_is_out_as_written(telegram: Server, channel: Connection) -> None:
    receipt = publish(channel, TEXT)

    [post] = telegram.posts(channel.remote_id)
    assert (post["id"], post["text"]) == (receipt.remote_id, TEXT)
    assert receipt.permalink == "https://t.me/office/1"
    assert receipt.published_at is not None
    assert abs(receipt.published_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert telegram.posts("@office") == telegram.posts("office") == telegram.posts()


def test_a_channel_without_a_name_has_links_for_members(
    telegram: Server, channel: Connection
) -> None:
    telegram.post("chat", channel="office", username=None)

    receipt = publish(channel)

    number = channel.remote_id.removeprefix("-100")
    assert receipt.permalink == f"https://t.me/c/{number}/1"


def test_the_preview_shows_the_counted_link(telegram: Server, channel: Connection) -> None:
    text = "Uno https://example.com/x y https://go.example.com/7"

    publish(channel, text, card=LinkCard("https://www.example.com/largo"))
    publish(channel, text, card=LinkCard("https://example.com/x"))

    assert [post["preview"] for post in telegram.posts()] == [
        {"url": "https://go.example.com/7"},
        {"url": "https://example.com/x"},
    ]


@pytest.mark.parametrize("mime", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_photo_with_its_caption(telegram: Server, channel: Connection, mime: str) -> None:
    publish(channel, "[Mesa] {nueva}", media=(picture(mime=mime),))

    [post] = telegram.posts()
    assert post["text"] == "[Mesa] {nueva}"
    assert post["media"] == [{"width": 64, "height": 48}]


def test_a_large_photo_is_made_smaller(telegram: Server, channel: Connection) -> None:
    payload = ADAPTER.prepare(channel, draft("", media=(picture((3_000, 2_500)),)))

    ADAPTER.commit(channel, payload)

    [post] = telegram.posts()
    assert post["text"] == ""
    assert post["media"] == [{"width": 2_560, "height": 2_133}]


def test_an_album_is_one_call_and_its_first_message_stands_for_it(
    telegram: Server, channel: Connection
) -> None:
    receipt = publish(channel, "Tres mesas", media=(picture(), picture((30, 40)), picture()))

    posts = telegram.posts()
    assert [post["text"] for post in posts] == ["Tres mesas", "", ""]
    assert len({post["album"] for post in posts}) == 1
    assert receipt.remote_id == "1"
    assert receipt.data["message_ids"] == [1, 2, 3]
    assert telegram.requests("publish") == 1


@pytest.mark.parametrize(
    "made",
    [
        draft("a" * 4_097),
        draft(FAMILY * 373),
        draft("a" * 1_025, media=(picture(),)),
        draft(" "),
        draft("x", media=(picture(),) * 11),
        draft("x", media=(picture((2_100, 100)),)),
    ],
    ids=["too long", "too many units", "caption too long", "empty", "too many images", "too wide"],
)
def test_what_does_not_fit_is_refused_before_sending(
    telegram: Server, channel: Connection, made: Any
) -> None:
    before = telegram.requests()

    with pytest.raises(InvalidContent):
        ADAPTER.prepare(channel, made)

    assert telegram.requests() == before


@pytest.mark.parametrize(
    ("text", "media"),
    [("a" * 4_096, ()), (FAMILY * 372, ()), ("é" * 1_024, (picture(),))],
    ids=["letters", "families", "caption"],
)
def test_our_limit_is_the_network_s(
    telegram: Server, channel: Connection, text: str, media: Any
) -> None:
    publish(channel, text, media=media)

    assert telegram.posts()[0]["text"] == text


# -- series and answers ---------------------------------------------------------------------


def test_a_series_is_a_chain_of_replies(telegram: Server, channel: Connection) -> None:
    first = publish(channel, "Uno", media=(picture(), picture()))
    second = publish(channel, "Dos", parent=ref(first), root=ref(first))
    third = publish(channel, "Tres", parent=ref(second), root=ref(first), media=(picture(),))

    posts = [post for post in telegram.posts() if post["text"]]
    assert [post["parent_id"] for post in posts] == ["", first.remote_id, second.remote_id]
    assert [post["id"] for post in posts] == [first.remote_id, second.remote_id, third.remote_id]
    assert not second.data.get("parent_lost")


def test_a_parent_that_is_gone(telegram: Server, channel: Connection) -> None:
    first = publish(channel)
    telegram.post("delete", channel="office", id=first.remote_id)

    with pytest.raises(NotFound):
        publish(channel, "Dos", parent=ref(first))

    assert telegram.posts() == []


def test_a_parent_that_got_lost_is_noticed(telegram: Server, channel: Connection) -> None:
    first = publish(channel)
    telegram.mode(drops_parents=True)

    assert publish(channel, "Dos", parent=ref(first)).data["parent_lost"] is True


def test_after_a_post_that_a_person_confirmed(telegram: Server, channel: Connection) -> None:
    first, confirmed = ref(publish(channel)), RemoteRef("confirmed-by-person-7")

    publish(channel, "Tres", parent=confirmed, root=first)
    with pytest.raises(NotFound, match="number"):
        publish(channel, "Dos", parent=confirmed, root=confirmed)

    assert [post["parent_id"] for post in telegram.posts()] == ["", first.remote_id]


@pytest.mark.parametrize(
    ("link", "number"),
    [
        ("https://t.me/office/12", "12"),
        (" t.me/Office/12?single", "12"),
        ("https://t.me/c/1234567890/12", "12"),
        ("https://t.me/c/1234567891/12", ""),
        ("https://t.me/shop/12", ""),
        ("https://t.me/office/12?comment=40", ""),
        ("https://t.me/office", ""),
        ("https://example.com/office/12", ""),
    ],
)
def test_the_number_in_a_link(link: str, number: str) -> None:
    assert ADAPTER.remote_id_of(link, "-1001234567890", "@office") == number


def test_an_answer_goes_to_the_group(telegram: Server, channel: Connection) -> None:
    group = telegram.post("group", channel="office")
    first = publish(channel)
    asked = telegram.post("comments", channel="office", post=first.remote_id, text="¿Precio?")
    [item] = ADAPTER.interactions(channel, "").items

    receipt = publish(channel, "Cien", parent=RemoteRef(item.remote_id, item.data), root=ref(first))

    [_, answer] = telegram.posts(channel.remote_id)
    assert (answer["id"], answer["parent_id"]) == (receipt.remote_id, asked["remote_id"])
    assert receipt.remote_id.startswith(f"{group['id']}:")
    # The next part of an answer stays there.
    second = publish(channel, "Más", parent=ref(receipt), root=ref(first))
    assert second.remote_id.startswith(f"{group['id']}:")


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("500_before", OutcomeUnknown),
        ("500_after_accept", OutcomeUnknown),
        ("502_after_accept", OutcomeUnknown),
        ("408_after_accept", OutcomeUnknown),
        ("reset_before", OutcomeUnknown),
        ("reset_after_accept", OutcomeUnknown),
        ("timeout_after_accept", OutcomeUnknown),
        ("unreadable_200", OutcomeUnknown),
        ("rate_limited", RateLimited),
        ("reject", InvalidContent),
    ],
)
@pytest.mark.parametrize("photos", [0, 1, 2])
def test_faults(
    telegram: Server,
    channel: Connection,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    error: type[Exception],
    photos: int,
) -> None:
    payload = ADAPTER.prepare(channel, draft("palabra", media=(picture(),) * photos))
    telegram.fault("publish", fault, contains="palabra")
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.5)

    with pytest.raises(error) as caught:
        ADAPTER.commit(channel, payload)

    assert "token-office" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert telegram.requests("publish") == 1
    look = ADAPTER.look(channel, payload, since_id="", since=datetime.now(UTC), taken=())
    assert look.verdict == "cannot_look"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("kicked", AuthRevoked),
        ("left", AuthRevoked),
        ("restricted", PermissionDenied),
        ("member", PermissionDenied),
    ],
)
def test_a_bot_that_was_put_out(
    telegram: Server, channel: Connection, status: str, error: type[Exception]
) -> None:
    payload = ADAPTER.prepare(channel, draft())
    telegram.post("status", bot="office", status=status)

    with pytest.raises(error):
        ADAPTER.commit(channel, payload)

    assert telegram.posts() == []


def test_a_token_that_was_replaced(telegram: Server, channel: Connection) -> None:
    payload = ADAPTER.prepare(channel, draft())
    telegram.post("revoke", account="office")

    for call in (lambda: ADAPTER.commit(channel, payload), lambda: publish(channel)):
        with pytest.raises(AuthRevoked):
            call()


def test_a_chat_that_moves_in_between_is_tried_again(telegram: Server, channel: Connection) -> None:
    payload = ADAPTER.prepare(channel, draft())
    new = telegram.post("migrate", channel="office")["id"]

    with pytest.raises(Unavailable):
        ADAPTER.commit(channel, payload)

    assert telegram.posts() == []
    assert channel.findings.learned == {"chat_id": str(new)}
    receipt = ADAPTER.commit(again(channel), payload)
    assert [post["id"] for post in telegram.posts(channel.remote_id)] == [receipt.remote_id]


def test_twenty_a_minute(telegram: Server, channel: Connection) -> None:
    for number in range(20):
        publish(channel, f"Texto {number}")
    other = connection(telegram, "shop")

    with pytest.raises(RateLimited) as caught:
        publish(channel, "Uno más")

    assert caught.value.retry_at is not None
    wait = (caught.value.retry_at - datetime.now(UTC)).total_seconds()
    assert 30 < wait <= 61
    publish(other)
    telegram.mode(clock_offset=61)
    publish(channel, "Uno más")
    assert len(telegram.posts("office")) == 21


def test_a_blocked_answer_of_another_server_is_no_revoked_token(
    telegram: Server, channel: Connection
) -> None:
    payload = ADAPTER.prepare(channel, draft())
    elsewhere = Connection(
        "telegram",
        f"{telegram.base_url}/elsewhere",
        channel.remote_id,
        secrets=channel.secrets,
    )

    with pytest.raises(NotFound):
        ADAPTER.commit(elsewhere, payload)
