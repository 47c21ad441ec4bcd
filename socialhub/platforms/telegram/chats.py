"""The channel: which one it is, what the bot may do there, and what works right now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socialhub.platforms.base import JSON, Check, Connection, Profile
from socialhub.platforms.errors import (
    AuthRevoked,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.telegram.client import Bot, ChatMoved

# Addresses of a channel as people copy them.
PREFIXES = ("https://", "http://", "t.me/", "telegram.me/", "s/", "@")


def connect(server_url: str, typed: str, token: str) -> Profile:
    """Raises AuthRevoked for a wrong token, PermissionDenied without the right to post."""
    if not token:
        raise AuthRevoked("the bot token is empty")
    bot = Bot(server_url, token)
    me = bot.object("getMe")
    try:
        chat = bot.object("getChat", chat_id=chat_id(typed))
    except ChatMoved as moved:
        chat = bot.object("getChat", chat_id=_number(moved.chat_id))
    if chat.get("type") != "channel":
        raise PermissionDenied("this is not a channel; groups and people cannot be connected")
    _require_post(bot, chat, me)
    username = str(chat.get("username") or "")
    return Profile(
        remote_id=str(chat["id"]),
        handle=f"@{username}" if username else str(chat.get("title") or chat["id"]),
        display_name=str(chat.get("title") or ""),
        secrets={"access_token": token},
        options={"bot_id": str(me.get("id") or ""), **known(chat)},
        kind="channel",
    )


def chat_id(typed: str) -> int | str:
    """ "t.me/name", "name" or "@name" → "@name"; "-100…" → the number."""
    name = typed.strip()
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    name = name.strip("/")
    if not name:
        raise PermissionDenied("enter the channel: @name, or its number (-100…)")
    return _number(name) if name.lstrip("-").isdigit() else f"@{name}"


def own(connection: Connection) -> str:
    """The channel's id now; it changes when a chat is moved."""
    return str(connection.options.get("chat_id") or connection.remote_id)


def known(chat: Mapping[str, Any]) -> dict[str, str]:
    """What links and comments need: the public name and the discussion group."""
    return {
        "username": str(chat.get("username") or ""),
        "linked_chat_id": str(chat.get("linked_chat_id") or ""),
    }


def refreshed(connection: Connection) -> str:
    """The channel's id, asked for; what has changed about it is kept."""
    bot, here = Bot.of(connection), own(connection)
    try:
        chat = bot.object("getChat", chat_id=_number(here))
    except ChatMoved as moved:
        here = moved.chat_id
        connection.findings.learned["chat_id"] = here
        chat = bot.object("getChat", chat_id=_number(here))
    for name, value in known(chat).items():
        if connection.options.get(name, "") != value:
            connection.findings.learned[name] = value
    return here


def _number(value: str) -> int | str:
    """Ids are numbers in JSON; what is none is left to Telegram to refuse."""
    return int(value) if value.lstrip("-").isdigit() else value


def _member(bot: Bot, chat: str, bot_id: str) -> JSON:
    return bot.object("getChatMember", chat_id=_number(chat), user_id=_number(bot_id))


def _require_post(bot: Bot, chat: JSON, me: JSON) -> None:
    if not may_post(_member(bot, str(chat["id"]), str(me["id"]))):
        raise PermissionDenied(
            "the bot may not post here: make it an administrator with the right to post messages"
        )


def may_post(member: Mapping[str, Any]) -> bool:
    """https://core.telegram.org/bots/api#chatmemberadministrator"""
    status = member.get("status")
    return status == "creator" or (
        status == "administrator" and member.get("can_post_messages") is True
    )


# -- doctor -----------------------------------------------------------------------------


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, token, bot_rights, updates, discussion (where there is a group)."""
    bot = Bot.of(connection)
    try:
        me = bot.object("getMe")
    except Unavailable as exc:
        return [Check("reachable", False, exc.message)]
    except RateLimited as exc:
        return [Check("reachable", True), Check("limits", False, exc.message)]
    except PlatformError as exc:
        return [Check("reachable", True), Check("token", False, exc.message)]
    bot_id = str(me.get("id") or "")
    return [
        Check("reachable", True),
        Check("token", True),
        _rights(bot, connection, bot_id),
        _updates(bot),
        *_discussion(bot, connection, bot_id),
    ]


def _rights(bot: Bot, connection: Connection, bot_id: str) -> Check:
    try:
        member = _member(bot, own(connection), bot_id)
    except PlatformError as exc:
        return Check("bot_rights", False, exc.message)
    return Check("bot_rights", may_post(member), str(member.get("status") or ""))


def _updates(bot: Bot) -> Check:
    """Reactions and comments arrive only where nobody else fetches them."""
    try:
        # Without an offset nothing is taken away.
        bot.call("getUpdates", limit=1, timeout=0)
    except PlatformError as exc:
        return Check("updates", False, exc.message)
    return Check("updates", True)


def _discussion(bot: Bot, connection: Connection, bot_id: str) -> list[Check]:
    """Comments are written in the linked group; the bot sees them as a member of it."""
    try:
        group = known(bot.object("getChat", chat_id=_number(own(connection))))["linked_chat_id"]
        if not group:
            return []
        status = str(_member(bot, group, bot_id).get("status") or "")
    except PlatformError as exc:
        return [Check("discussion", False, exc.message)]
    return [Check("discussion", status not in ("left", "kicked", ""), status)]
