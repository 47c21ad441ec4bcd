"""Reactions and comments, as they arrive in the one stream of a bot."""

from __future__ import annotations

from typing import Any

import pytest

from socialhub.platforms.base import SWITCHES, Connection, InteractionPage, Metrics, RemoteRef
from socialhub.platforms.errors import RateLimited, Unavailable
from socialhub.platforms.telegram import updates
from socialhub.tests.platforms.telegram.conftest import (
    ADAPTER,
    again,
    connection,
    picture,
    publish,
    ref,
)
from socialhub.tests.support.standin.client import Server


@pytest.fixture
def group(telegram: Server, channel: Connection) -> str:
    """The channel's discussion group, with the bot in it; it is read once already."""
    made = telegram.post("group", channel="office")
    ADAPTER.interactions(channel, "")
    return str(made["id"])


def comment(telegram: Server, text: str, **more: Any) -> dict[str, Any]:
    return telegram.post("comments", **{"channel": "office", "text": text, **more})


def texts(page: InteractionPage) -> list[str]:
    return [item.text for item in page.items]


# -- reactions ----------------------------------------------------------------------------


def test_reactions_arrive_by_themselves(telegram: Server, channel: Connection, group: str) -> None:
    posts = [publish(channel, f"Texto {number}") for number in range(2)]
    telegram.post("metrics", channel="office", id=posts[0].remote_id, likes=2)
    telegram.post("metrics", channel="office", id=posts[0].remote_id, likes=5)
    telegram.post("metrics", channel="office", id=posts[1].remote_id, likes=0)

    page = ADAPTER.interactions(channel, "")

    assert page.counters == {channel.remote_id: {"1": Metrics(likes=5), "2": Metrics(likes=0)}}
    assert ADAPTER.metrics(channel, ["1"]) == {}


def test_updates_of_another_channel_of_the_same_bot(
    telegram: Server, channel: Connection, group: str
) -> None:
    telegram.post("status", bot="office", channel="shop", status="administrator")
    shop = connection(telegram, "shop", bot="office")
    publish(shop)
    publish(channel)
    telegram.post("metrics", channel="shop", id=1, likes=3)
    comment(telegram, "Hola", post=1)

    page = ADAPTER.interactions(shop, "")

    assert page.counters == {shop.remote_id: {"1": Metrics(likes=3)}}
    [item] = page.items
    assert (item.account_id, item.parent_id) == (channel.remote_id, "1")
    assert ADAPTER.interactions(channel, "").items[0].account_id == ""


# -- comments -----------------------------------------------------------------------------


def test_a_comment_and_an_answer_to_it(telegram: Server, channel: Connection, group: str) -> None:
    post = publish(channel)
    first = comment(telegram, "¿Precio?", post=post.remote_id, author="ana gil")
    comment(telegram, "Eso", to=first["id"], author="luis")

    one, two = ADAPTER.interactions(channel, "").items

    assert (one.kind, one.text, one.author_name) == ("comment", "¿Precio?", "Ana Gil")
    assert one.remote_id == first["remote_id"]
    assert one.data == {"chat_id": group, "message_id": first["id"]}
    assert one.permalink == f"https://t.me/c/{group.removeprefix('-100')}/{first['id']}?thread=1"
    assert (two.author_handle, two.text) == ("luis", "Eso")
    assert {(item.parent_id, item.root_id) for item in (one, two)} == {
        (post.remote_id, post.remote_id)
    }


def test_a_discussion_is_remembered_from_call_to_call(
    telegram: Server, channel: Connection, group: str
) -> None:
    post = publish(channel)
    first = comment(telegram, "Uno", post=post.remote_id)
    page = ADAPTER.interactions(channel, "")
    comment(telegram, "Dos", to=first["id"])

    later = again(channel)
    second = ADAPTER.interactions(later, page.cursor)

    assert (texts(page), texts(second)) == (["Uno"], ["Dos"])
    assert second.items[0].root_id == post.remote_id
    # Nothing new about it to write down, and never under the name of a person's switch.
    assert later.findings.learned == {}
    assert not set(SWITCHES) & set(later.options)


def test_an_answer_to_our_answer_is_for_that_one(
    telegram: Server, channel: Connection, group: str
) -> None:
    post = publish(channel)
    comment(telegram, "¿Precio?", post=post.remote_id)
    page = ADAPTER.interactions(channel, "")
    [item] = page.items
    answer = publish(channel, "Cien", parent=RemoteRef(item.remote_id, item.data), root=ref(post))
    comment(telegram, "Gracias", to=answer.data["message_id"])

    [thanks] = ADAPTER.interactions(again(channel), page.cursor).items

    assert (thanks.parent_id, thanks.root_id) == (answer.remote_id, post.remote_id)


def test_what_is_no_comment_of_others(telegram: Server, channel: Connection, group: str) -> None:
    post = publish(channel, "Uno", media=(picture(),))
    chat = comment(telegram, "Buenos días a todos")
    comment(telegram, "Hola", to=chat["id"])
    comment(telegram, "Nosotros", post=post.remote_id, as_channel=True)

    assert ADAPTER.interactions(channel, "").items == ()


def test_only_so_many_discussions_are_remembered(
    telegram: Server, channel: Connection, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "MAX_DISCUSSIONS", 2)
    for number in range(3):
        publish(channel, f"Texto {number}")

    ADAPTER.interactions(channel, "")

    assert channel.findings.learned["discussions"] == {
        f"{group}:2": f"{channel.remote_id}:2",
        f"{group}:3": f"{channel.remote_id}:3",
    }


# -- the stream ---------------------------------------------------------------------------


def test_a_page_is_kept_until_the_next_one_is_asked_for(
    telegram: Server, channel: Connection, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "PAGE", 3)
    post = publish(channel)
    for number in range(4):
        comment(telegram, f"C{number}", post=post.remote_id)

    first = ADAPTER.interactions(channel, "")
    # As after a crash before it was stored.
    repeated = ADAPTER.interactions(channel, "")
    second = ADAPTER.interactions(channel, first.cursor)
    third = ADAPTER.interactions(channel, second.cursor)

    assert texts(first) == texts(repeated) == ["C0", "C1"]
    assert texts(second) == ["C2", "C3"]
    assert (third.items, third.cursor) == ((), second.cursor)
    assert len(second.cursor) <= 300


@pytest.mark.parametrize("mode", ["webhook", "poller"])
def test_somebody_else_reads_the_updates(telegram: Server, channel: Connection, mode: str) -> None:
    telegram.mode(**{mode: True})

    with pytest.raises(Unavailable, match="only one program"):
        ADAPTER.interactions(channel, "")


def test_a_limit_and_a_failure(telegram: Server, channel: Connection) -> None:
    for fault, error in (("rate_limited", RateLimited), ("unreadable_200", Unavailable)):
        telegram.fault("interactions", fault)
        with pytest.raises(error):
            ADAPTER.interactions(channel, "")


def test_a_bot_outside_the_group_hears_no_comments(telegram: Server, channel: Connection) -> None:
    telegram.post("group", channel="office", bot="left")
    ADAPTER.interactions(channel, "")
    comment(telegram, "Hola", post=publish(channel).remote_id)

    assert ADAPTER.interactions(channel, "").items == ()
