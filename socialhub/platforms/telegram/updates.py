"""What happens around the posts: reactions, and comments in the linked discussion group.

https://core.telegram.org/bots/api#getupdates
A bot has one stream of updates for all its channels. Asking with an offset throws away what is
before it, so a call reads one page only: what it returns is stored before the next one asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from socialhub.platforms.base import (
    JSON,
    Connection,
    InteractionPage,
    Metrics,
    RemoteInteraction,
)
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.telegram import chats, messages
from socialhub.platforms.telegram.client import Bot

PAGE = 100
# Reactions are sent only to those who name them.
KINDS = ["message", "message_reaction_count"]
# Discussions remembered: message of the group that starts one → post of the channel.
MAX_DISCUSSIONS = 100


def page(connection: Connection, cursor: str) -> InteractionPage:
    """Everything since `cursor`, of all channels of the bot."""
    asked: JSON = {"limit": PAGE, "timeout": 0, "allowed_updates": KINDS}
    if cursor.isdigit():
        asked["offset"] = int(cursor)
    found = Bot.of(connection).call("getUpdates", **asked)
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and isinstance(one.get("update_id"), int) for one in found
    ):
        raise Unavailable("Telegram's answer is not a list of updates")
    reading = _Reading(connection)
    for update in found:
        reading.take(update)
    reading.remember()
    newest = max((one["update_id"] for one in found), default=None)
    counters = {account: dict(posts) for account, posts in reading.counters.items()}
    return InteractionPage(
        tuple(reading.items), cursor if newest is None else str(newest + 1), counters
    )


class _Reading:
    """One page of updates being read."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        known = connection.options.get("discussions")
        self.before: dict[str, str] = dict(known) if isinstance(known, dict) else {}
        self.discussions = dict(self.before)
        self.items: list[RemoteInteraction] = []
        self.counters: dict[str, dict[str, Metrics]] = {}

    def take(self, update: JSON) -> None:
        message, counted = update.get("message"), update.get("message_reaction_count")
        if isinstance(counted, dict):
            self._count(counted)
        elif isinstance(message, dict):
            self._read(message)

    def remember(self) -> None:
        if self.discussions != self.before:
            newest = list(self.discussions.items())[-MAX_DISCUSSIONS:]
            self.connection.findings.learned["discussions"] = dict(newest)

    def _account(self, chat: str) -> str:
        """Remote id of the account of a channel, which may have moved since."""
        return self.connection.remote_id if chat == chats.own(self.connection) else chat

    def _count(self, counted: JSON) -> None:
        """https://core.telegram.org/bots/api#messagereactioncountupdated"""
        chat, number = _chat(counted), counted.get("message_id")
        kinds = counted.get("reactions") or []
        total = sum(int(kind.get("total_count") or 0) for kind in kinds if isinstance(kind, dict))
        posts = self.counters.setdefault(self._account(chat), {})
        posts[str(number)] = Metrics(likes=total)

    def _read(self, message: JSON) -> None:
        group = _chat(message)
        above = message.get("reply_to_message")
        replied: JSON = above if isinstance(above, dict) else {}
        # The post itself arrives in the group, and with every comment directly under it.
        for start in (message, replied):
            post = _forwarded(start)
            if post:
                self._note(f"{group}:{start.get('message_id')}", post)
        if _forwarded(message):
            return
        started = _forwarded(replied) or self.discussions.get(
            f"{group}:{message.get('message_thread_id')}", ""
        )
        channel, _, post = started.rpartition(":")
        if post and not self._is_own(message, channel):
            self.items.append(self._item(message, replied, group, channel, post))

    def _note(self, thread: str, post: str) -> None:
        # The last one used is forgotten last.
        self.discussions.pop(thread, None)
        self.discussions[thread] = post

    def _is_own(self, message: JSON, channel: str) -> bool:
        """Written as the channel, or by the bot."""
        as_chat, author = message.get("sender_chat"), message.get("from")
        if isinstance(as_chat, dict) and str(as_chat.get("id")) == channel:
            return True
        return self._is_bot(author)

    def _is_bot(self, author: Any) -> bool:
        bot_id = str(self.connection.options.get("bot_id") or "")
        return isinstance(author, dict) and bool(bot_id) and str(author.get("id")) == bot_id

    def _item(
        self, message: JSON, replied: JSON, group: str, channel: str, post: str
    ) -> RemoteInteraction:
        number = int(message.get("message_id") or 0)
        account = self._account(channel)
        handle, name = _author(message)
        # An answer to an answer of ours is for that one.
        to_us = self._is_bot(replied.get("from"))
        return RemoteInteraction(
            remote_id=f"{group}:{number}",
            kind="comment",
            author_handle=handle,
            author_name=name,
            text=str(message.get("text") or message.get("caption") or ""),
            created_at=messages.moment(message.get("date")) or datetime.now(UTC),
            permalink=_permalink(message, group, number),
            parent_id=f"{group}:{replied['message_id']}" if to_us else post,
            root_id=post,
            data={"chat_id": group, "message_id": number},
            account_id="" if account == self.connection.remote_id else account,
        )


def _chat(message: Mapping[str, Any]) -> str:
    chat = message.get("chat")
    return str(chat.get("id") or "") if isinstance(chat, dict) else ""


def _forwarded(message: JSON) -> str:
    """ "channel:number" of the post that a message of the group is the copy of, else ""."""
    if not message.get("is_automatic_forward"):
        return ""
    origin = message.get("forward_origin")
    if isinstance(origin, dict) and origin.get("type") == "channel":
        return f"{_chat(origin)}:{origin.get('message_id')}"
    # Before Bot API 7.0.
    chat, number = message.get("forward_from_chat"), message.get("forward_from_message_id")
    return f"{chat.get('id')}:{number}" if isinstance(chat, dict) and number else ""


def _author(message: JSON) -> tuple[str, str]:
    """Handle and name of the person, or of the chat they write as."""
    as_chat = message.get("sender_chat")
    author = message.get("from")
    person: JSON = as_chat if isinstance(as_chat, dict) else {}
    person = person or (author if isinstance(author, dict) else {})
    parts = (person.get("first_name"), person.get("last_name"))
    name = str(person.get("title") or " ".join(str(part) for part in parts if part))
    return str(person.get("username") or person.get("id") or ""), name


def _permalink(message: JSON, group: str, number: int) -> str:
    chat = message.get("chat")
    username = str(chat.get("username") or "") if isinstance(chat, dict) else ""
    thread = message.get("message_thread_id")
    link = messages.permalink(group, username, number)
    return f"{link}?thread={thread}" if thread else link
