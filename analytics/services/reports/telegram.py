"""Sending messages with a Telegram bot. https://core.telegram.org/bots/api#sendmessage

Not through Apprise: it neither waits as long as Telegram asks nor counts as Telegram counts.
Addresses are Apprise's: tgram://TOKEN/CHAT/CHAT?topic=5&silent=yes&preview=yes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from django.conf import settings
from django.utils.translation import gettext as _

from socialhub import http
from socialhub.logs import redact

SCHEME = "tgram"
SECONDS = 20
ADDRESS = re.compile(
    r"tgram://(?:bot)?(?P<token>\d+:[A-Za-z0-9_-]+)/+(?P<chats>[^?]+)(?:\?(?P<query>.*))?",
    re.IGNORECASE,
)
CHAT = re.compile(r"(?P<chat>-?\d+|@?[A-Za-z]\w+)(?::(?P<topic>\d+))?")
YES = ("yes", "true", "1", "on")


class Refused(Exception):
    """Telegram will never take this message; the text says in plain words why."""


class Later(Exception):
    """Telegram asks to wait `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(_("Telegram asked to wait %(count)s s.") % {"count": seconds})
        self.seconds = seconds


class NotSent(Exception):
    """Telegram did not take the message this time, for certain."""


class Lost(Exception):
    """No usable answer: the message may have arrived. A bot cannot look."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bot and the chats it writes to, each with a topic or None."""

    token: str = field(repr=False)
    chats: Sequence[tuple[str, int | None]] = ()
    silent: bool = False
    preview: bool = False


def parse(url: str) -> Place | None:
    """What a tgram:// address names; None when it is none."""
    found = ADDRESS.fullmatch(unquote(url.strip()))
    if found is None:
        return None
    query = {name: values[0].lower() for name, values in parse_qs(found["query"] or "").items()}
    topic = query.get("topic") or query.get("thread") or ""
    chats: list[tuple[str, int | None]] = []
    for name in filter(None, found["chats"].split("/")):
        chat = CHAT.fullmatch(name)
        if chat is None:
            return None
        number = chat["topic"] or (topic if topic.isdigit() else "")
        chats.append((_named(chat["chat"]), int(number) if number else None))
    if not chats:
        return None
    return Place(
        found["token"], tuple(chats), query.get("silent") in YES, query.get("preview") in YES
    )


def _named(chat: str) -> str:
    """A channel's name begins with @."""
    return chat if chat.startswith("@") or chat.lstrip("-").isdigit() else f"@{chat}"


def send(place: Place, messages: Sequence[str], sent: int, arrived: Callable[[int], None]) -> None:
    """Every message to every chat, from the `sent`-th on; `arrived` hears of each.

    Messages are HTML, at most 4,096 units. Raises Refused, Later, NotSent or Lost.
    """
    steps = [(chat, text) for chat in place.chats for text in messages]
    for number, ((chat, topic), text) in enumerate(steps[sent:], sent + 1):
        _send_one(place, chat, topic, text)
        arrived(number)


def _send_one(place: Place, chat: str, topic: int | None, text: str) -> None:
    body: dict[str, Any] = {
        "chat_id": chat,
        "text": text,
        "parse_mode": "HTML",
        "disable_notification": place.silent,
        "link_preview_options": {"is_disabled": not place.preview},
    }
    if topic is not None:
        body["message_thread_id"] = topic
    answer, said = _call(place, body)
    if said.get("ok") is True:
        return
    parameters = said.get("parameters") or {}
    if moved := parameters.get("migrate_to_chat_id"):
        # The group became a supergroup; its old id takes nothing any more.
        answer, said = _call(place, {**body, "chat_id": moved})
        if said.get("ok") is True:
            return
    raise _reason(answer.status, said)


def _call(place: Place, body: dict[str, Any]) -> tuple[http.Answer, dict[str, Any]]:
    url = f"{settings.TELEGRAM_API_BASE}/bot{place.token}/sendMessage"
    try:
        answer = http.request("POST", url, json=body, timeout=SECONDS)
    except http.AddressRefused as exc:
        raise Refused(str(exc)) from None
    except http.RequestNotSent as exc:
        raise NotSent(str(exc)) from None
    except http.AnswerLost:
        raise Lost(_lost()) from None
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict) or "ok" not in said:
        # Not the Bot API that speaks, but something in between.
        raise Lost(_lost())
    return answer, said


def _lost() -> str:
    return _(
        "Telegram did not answer, so the report may have arrived. Look into the chat before you "
        "send it again."
    )


def _reason(status: int, said: dict[str, Any]) -> Exception:
    code = said.get("error_code") or status
    description = redact(str(said.get("description", "")))[:150]
    wait = (said.get("parameters") or {}).get("retry_after")
    if code == 429:
        return Later(int(wait) if isinstance(wait, int | float) and wait > 0 else 60)
    if code in (401, 404):
        return Refused(
            _("Telegram does not know the bot's token any more. Enter the address anew.")
        )
    if code == 403:
        return Refused(
            _("The bot may not write to this chat: it was blocked or removed, or may not post.")
        )
    if "chat not found" in description.lower():
        return Refused(_("There is no such chat, or the bot is not in it."))
    if code >= 500:
        return NotSent(_("Telegram has a fault (%(code)s).") % {"code": code})
    return Refused(_("Telegram refused the message: %(why)s") % {"why": description or code})
