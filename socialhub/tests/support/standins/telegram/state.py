"""Bots, chats, messages and updates."""

from __future__ import annotations

import zlib
from collections import Counter
from typing import Any

from socialhub.tests.support.standin.kit import JSON, Refusal, State

WINDOW_SECONDS = 60


def number_of(name: str) -> int:
    return 1_000_000_000 + zlib.crc32(name.encode()) % 900_000_000


def chat_of(name: str) -> int:
    """The id of the channel @NAME."""
    return -1_000_000_000_000 - number_of(name)


def group_of(name: str) -> int:
    """The id of its discussion group."""
    return chat_of(f"{name}-group")


def said(code: int, description: str, **parameters: Any) -> JSON:
    """The body of a refusal."""
    body: JSON = {"ok": False, "error_code": code, "description": description}
    return {**body, "parameters": parameters} if parameters else body


def refuse(code: int, description: str, **parameters: Any) -> Refusal:
    return Refusal(code, said(code, description, **parameters))


class Telegram(State):
    """Chats by id; a message is kept as the Bot API shows it."""

    def reset(self) -> None:
        super().reset()
        self.chats: dict[int, JSON] = {}
        # Name of a bot → chat id → "can_post_messages", or the status it has there.
        self.bots: dict[str, dict[int, str]] = {}
        self.messages: list[JSON] = []
        self.numbers: Counter[int] = Counter()
        self.updates: list[JSON] = []
        # Bot → kinds of updates it asked for, and whom they are kept for.
        self.allowed: dict[str, list[str]] = {}
        self.confirmed: dict[str, int] = {}
        self.moved: dict[int, int] = {}
        self.revoked: set[str] = set()
        self.mode = {
            "per_minute": 20,
            # Somebody else's address gets the updates, or somebody else asks for them.
            "webhook": False,
            "poller": False,
            # The network forgets what a message answers.
            "drops_parents": False,
        }

    # -- chats ----------------------------------------------------------------------
    def bot(self, token: str) -> str:
        """Name of the bot; it and its channel exist from its first use. Refuses as Telegram."""
        if not token.startswith("token-"):
            raise refuse(404, "Not Found")
        name = token.removeprefix("token-")
        if name in self.revoked:
            raise refuse(401, "Unauthorized")
        if name not in self.bots:
            self.bots[name] = {}
            self.channel(name)
            self.bots[name][chat_of(name)] = "administrator"
        return name

    def channel(self, name: str) -> JSON:
        return self.chats.setdefault(
            chat_of(name),
            {
                "id": chat_of(name),
                "type": "channel",
                "title": name.replace("_", " ").title(),
                "username": name,
                "members": 120,
            },
        )

    def chat(self, wanted: Any) -> JSON:
        """By id or @name. Refuses what is not there or was moved."""
        text = str(wanted or "")
        if not text:
            raise refuse(400, "Bad Request: chat_id is empty")
        for chat in self.chats.values():
            if text in (str(chat["id"]), f"@{chat.get('username')}"):
                if chat["id"] in self.moved:
                    raise refuse(
                        400,
                        "Bad Request: group chat was upgraded to a supergroup chat",
                        migrate_to_chat_id=self.moved[chat["id"]],
                    )
                return chat
        raise refuse(400, "Bad Request: chat not found")

    def status(self, bot: str, chat: JSON) -> str:
        """What a bot is in a chat: "administrator", "member", "restricted", "kicked", "left"."""
        return self.bots[bot].get(chat["id"], "left")

    # -- messages --------------------------------------------------------------------
    def limit(self, chat: JSON, amount: int) -> None:
        """Twenty a minute in a channel; photos of an album count one by one."""
        since = self.now().timestamp() - WINDOW_SECONDS
        recent = [m for m in self.messages if m["chat"]["id"] == chat["id"] and m["at"] > since]
        ours = [m for m in recent if m["by_bot"]]
        if len(ours) + amount > self.mode["per_minute"]:
            wait = int(min(m["at"] for m in ours) - since) + 1 if ours else WINDOW_SECONDS
            raise refuse(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    def add(self, chat: JSON, fields: JSON, *, by_bot: bool = False) -> JSON:
        """A message in a chat. `reply_to` is the number of another one there."""
        self.numbers[chat["id"]] += 1
        shown = ("id", "type", "title", "username")
        message = {
            "message_id": self.numbers[chat["id"]],
            "date": int(self.now().timestamp()),
            "chat": {name: chat[name] for name in shown if chat.get(name)},
            "at": self.now().timestamp(),
            "by_bot": by_bot,
            **fields,
        }
        self.messages.append(message)
        return message

    def find(self, chat_id: int, number: int) -> JSON | None:
        for message in self.messages:
            if message["chat"]["id"] == chat_id and message["message_id"] == number:
                return message
        return None

    def public(self, message: JSON, depth: int = 1) -> JSON:
        """As the Bot API shows it: a message answered is shown without what that one answers."""
        hidden = {"at", "by_bot", "reply_to"}
        entry = {name: value for name, value in message.items() if name not in hidden}
        above = self.find(message["chat"]["id"], message.get("reply_to", 0))
        if above is not None and depth and not self.mode["drops_parents"]:
            entry["reply_to_message"] = self.public(above, 0)
        return entry

    def forward(self, message: JSON) -> None:
        """A post of a channel arrives in its discussion group and starts a thread there."""
        group = self.chats.get(self.chats[message["chat"]["id"]].get("linked_chat_id", 0))
        if group is None:
            return
        channel = message["chat"]
        copy = self.add(
            group,
            {
                "text": message.get("text", message.get("caption", "")),
                "sender_chat": channel,
                "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
                "is_automatic_forward": True,
                "forward_origin": {
                    "type": "channel",
                    "chat": channel,
                    "message_id": message["message_id"],
                    "date": message["date"],
                },
            },
        )
        self.tell(group, "message", self.public(copy))

    # -- updates ---------------------------------------------------------------------
    def tell(self, chat: JSON, kind: str, content: JSON) -> None:
        """To every bot in the chat that asked for this kind."""
        for bot, places in self.bots.items():
            inside = places.get(chat["id"]) in ("administrator", "member")
            if inside and kind in self.allowed.get(bot, ["message"]):
                number = int(self.new_id()) % 10**9
                self.updates.append({"bot": bot, "update_id": number, kind: content})

    # -- the truth -------------------------------------------------------------------
    def posts(self, account: str | None) -> list[JSON]:
        """What bots have written; an account is a channel's id, @name or name."""
        wanted = None
        if account is not None:
            wanted = {account, str(chat_of(account.removeprefix("@")))}
            # A channel that was moved is the same one.
            wanted |= {str(new) for old, new in self.moved.items() if str(old) in wanted}
        ours = [message for message in self.messages if message["by_bot"]]
        return [self._truth(m) for m in ours if wanted is None or str(m["channel"]) in wanted]

    def _truth(self, message: JSON) -> JSON:
        chat, number = message["chat"], message["message_id"]
        in_channel = chat["id"] == message["channel"]
        above = message.get("reply_to") or ""
        return {
            "id": str(number) if in_channel else f"{chat['id']}:{number}",
            "account": str(message["channel"]),
            "text": message.get("text", message.get("caption", "")),
            "parent_id": str(above) if in_channel or not above else f"{chat['id']}:{above}",
            "created_at": message["at"],
            "media": message.get("photo", []),
            "permalink": f"https://t.me/{chat.get('username') or 'c'}/{number}",
            "preview": message.get("link_preview_options"),
            "album": message.get("media_group_id", ""),
        }
