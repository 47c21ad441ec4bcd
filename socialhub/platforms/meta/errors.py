"""What Meta's refusals mean.

https://developers.facebook.com/docs/graph-api/guides/error-handling
{"error": {"message", "type", "code", "error_subcode", "is_transient", "fbtrace_id"}}; the status
says little: a token that has ended and a wrong parameter are both 400.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    Duplicate,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.meta import usage

EXPIRED, LOST_ROLE, NO_SUCH_OBJECT, POSTS_OF_A_DAY = 463, 492, 33, 2207042
LIMITS = frozenset({4, 17, 32, 341, 613, *range(80001, 80015)})
# Something broke on their side; -1 and -2 are Instagram's.
TRANSIENT = frozenset({-2, -1, 1, 2})
# A container that Instagram or Threads is still working on: nothing has been published.
NOT_READY = 9007
KINDS: dict[int, type[PlatformError]] = {
    3: PermissionDenied,
    10: PermissionDenied,
    24: NotFound,
    25: PermissionDenied,
    100: InvalidContent,
    102: AuthRevoked,
    368: PermissionDenied,
    506: Duplicate,
    803: NotFound,
    1609005: InvalidContent,
    # Instagram could not fetch or does not take a picture.
    9004: InvalidContent,
    36000: InvalidContent,
    36001: InvalidContent,
    36003: InvalidContent,
    36004: InvalidContent,
    **dict.fromkeys(range(200, 300), PermissionDenied),
}
ADDRESS = re.compile(r"(https?://[^\s/?#]+)[/?#]\S*")
LONG_WORD = re.compile(r"[\w|%+=~-]{40,}")
LINK_LIMIT = "THREADS_API__LINK_LIMIT_EXCEEDED"


class LostRole(AuthRevoked):
    """The person behind the token has no role on the page any more."""


def refusal(answer: Answer, *, write: bool = False, now: datetime | None = None) -> PlatformError:
    """The error a 4xx answer means. `write`: it answers a call whose outcome can be unknown."""
    said = error_of(answer)
    code, subcode = _whole(said.get("code")), _whole(said.get("error_subcode"))
    if code is None:
        return wire.refusal(answer, quotable(str(said.get("message") or "")), now)
    message, status = _sentence(said, code, subcode), answer.status
    if code in LIMITS or subcode == POSTS_OF_A_DAY:
        until = usage.regain_at(answer.headers, now or datetime.now(UTC))
        return RateLimited(message, retry_at=until, http_status=status)
    if code == 190:
        return _token(subcode)(message, http_status=status)
    if code == 100 and subcode == NO_SUCH_OBJECT:
        return NotFound(message, http_status=status)
    if LINK_LIMIT in str(said):
        return InvalidContent(message, http_status=status)
    if code == NOT_READY:
        return Unavailable(message, http_status=status)
    if code in TRANSIENT or said.get("is_transient") is True:
        # They ask to try again, and do not say whether the first try was carried out.
        return (OutcomeUnknown if write else Unavailable)(message, http_status=status)
    return KINDS.get(code, wire.REFUSALS.get(status, PermissionDenied))(message, http_status=status)


def _token(subcode: int | None) -> type[PlatformError]:
    if subcode == EXPIRED:
        return AuthExpired
    return LostRole if subcode == LOST_ROLE else AuthRevoked


def error_of(answer: Answer) -> JSON:
    """The error object of an answer, {} where it has none."""
    try:
        body: Any = answer.json()
    except ValueError:
        return {}
    found = body.get("error") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def _sentence(said: JSON, code: int, subcode: int | None) -> str:
    """What Meta says, the sentence for people first where there is one."""
    spoken = quotable(str(said.get("error_user_msg") or said.get("message") or ""))
    number = f"code {code}" if subcode is None else f"code {code}, subcode {subcode}"
    return f"{spoken} ({number})" if spoken else number


def quotable(said: str) -> str:
    """At most 300 characters without what Meta likes to repeat: tokens ("Malformed access token
    EAAB…") and addresses, which may be signed."""
    return LONG_WORD.sub("…", ADDRESS.sub(r"\1/…", said))[:300]


def _whole(value: Any) -> int | None:
    """A number, also where it comes as text (Threads)."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
