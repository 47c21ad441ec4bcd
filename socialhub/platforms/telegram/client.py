"""Requests as a bot, and what refusals mean: https://core.telegram.org/bots/api#making-requests

The token is part of the address, so no address may get into a message.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Connection
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)

API = "https://api.telegram.org"
# Words of refusals that come with status 400.
NO_PARENT = ("to be replied not found", "to reply not found", "replied message not found")
NO_CHAT = ("chat not found", "peer_id_invalid", "group chat was deactivated")
NO_RIGHT = (
    "not enough rights",
    "have no rights",
    "administrator rights",
    "_forbidden",
    "_required",
)
# The same with 403: a person has to let the bot in again.
OUTSIDE = ("kicked", "not a member", "deactivated", "blocked")


# As urllib3 notes every request below the level INFO.
IN_PATH = re.compile(r"/bot[^/]+/")


def _hide_token(record: logging.LogRecord) -> bool:
    """The note about a request without the token in its path."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            IN_PATH.sub("/bot[redacted]/", arg) if isinstance(arg, str) else arg
            for arg in record.args
        )
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_hide_token)


class ChatMoved(Unavailable):
    """A group became a supergroup and has another id from now on. Nothing is out."""

    def __init__(self, message: str, chat_id: str) -> None:
        super().__init__(message, http_status=400)
        self.chat_id = chat_id


class Bot:
    """One bot. Every method returns the "result" of a good answer."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = (url or API).rstrip("/"), token

    @classmethod
    def of(cls, connection: Connection) -> Bot:
        """Raises AuthRevoked when the account holds no token."""
        token = connection.secrets.get("access_token", "")
        if not token:
            raise AuthRevoked("the account holds no bot token")
        return cls(connection.server_url, token)

    def call(self, method: str, **fields: Any) -> Any:
        """What may be repeated."""
        return _result(self._ask(wire.read, method, json=fields), write=False)

    def object(self, method: str, **fields: Any) -> JSON:
        """As `call`. Raises Unavailable unless the result is an object."""
        said = self.call(method, **fields)
        if not isinstance(said, dict):
            raise Unavailable("Telegram's answer is not an object")
        return said

    def publish(self, method: str, guard: Callable[[], None] | None, **sent: Any) -> Any:
        """The call whose outcome can be unknown; `sent` is json=, or data= and files=."""
        return _result(self._ask(wire.send, method, guard=guard, **sent), write=True)

    def _ask(self, how: Callable[..., Answer], method: str, **sent: Any) -> Answer:
        address = f"{self._url}/bot{quote(self._token, safe=':')}/{method}"
        try:
            return how("POST", address, **sent)
        except PlatformError as exc:
            # Our own errors name the host only; what the library raised quotes the address.
            if exc.__cause__ is not None:
                exc.__cause__.__context__ = None
            raise


def _result(answer: Answer, *, write: bool) -> Any:
    if not 200 <= answer.status < 300:
        raise refusal(answer, datetime.now(UTC))
    said = wire.body(answer, write=write)
    if isinstance(said, dict) and said.get("ok") is True and "result" in said:
        return said["result"]
    error = OutcomeUnknown if write else Unavailable
    raise error("Telegram's answer has no result", http_status=answer.status)


def refusal(answer: Answer, now: datetime) -> PlatformError:
    """Body: {"ok": false, "error_code", "description", "parameters"}."""
    said = _said(answer)
    status, told = answer.status, str(said.get("description") or "")[:300]
    parameters = said.get("parameters")
    more: Mapping[str, Any] = parameters if isinstance(parameters, dict) else {}
    if more.get("migrate_to_chat_id"):
        return ChatMoved(told, str(more["migrate_to_chat_id"]))
    if status == 429 and isinstance(more.get("retry_after"), int):
        until = now + timedelta(seconds=more["retry_after"])
        return RateLimited(told, retry_at=until, http_status=429)
    # 404 is what a token gets that no bot could have.
    if status == 401 or (status == 404 and said.get("ok") is False):
        return AuthRevoked(told or "the bot token is not valid", http_status=status)
    if status == 409:
        return Unavailable(
            f"{told} (only one program may read the updates of a bot, and no webhook be set)",
            http_status=409,
        )
    if status in (400, 403):
        return _by_words(status, told)
    return wire.refusal(answer, told)


def _by_words(status: int, told: str) -> PlatformError:
    lower = told.lower()

    def says(words: tuple[str, ...]) -> bool:
        return any(word in lower for word in words)

    if status == 403:
        return (AuthRevoked if says(OUTSIDE) else PermissionDenied)(told, http_status=403)
    if says(NO_PARENT):
        return NotFound(told, http_status=400)
    if says(NO_CHAT):
        return PermissionDenied(
            f"{told}: check the channel's name, and that the bot is an administrator there",
            http_status=400,
        )
    return (PermissionDenied if says(NO_RIGHT) else InvalidContent)(told, http_status=400)


def _said(answer: Answer) -> JSON:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
