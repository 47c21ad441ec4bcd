"""What X's refusals mean: https://docs.x.com/x-api/fundamentals/response-codes-and-errors

Problem JSON {"title", "detail", "type", "status"}, sometimes with or only {"errors": [{"message",
"parameters"}]}. Status and type come first; sentences only where X says no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON
from socialhub.platforms.errors import (
    AuthExpired,
    Duplicate,
    NotFound,
    OutOfCredit,
    PermissionDenied,
    PlatformError,
    RateLimited,
)

NOT_FOUND = "/resource-not-found"
USAGE_CAPPED = "/usage-capped"
# The windows that X counts in, as they are named in the headers of an answer.
WINDOWS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
REPLY_RULE = (
    "X allows an answer through its API only when the author of the post answered has mentioned "
    "this account or quoted one of its posts"
)


def refusal(answer: Answer, *, replying: bool = False) -> PlatformError:
    """The error an answer 4xx means; `replying`: to the request for an answer to a post."""
    said = problem(answer)
    status, text = answer.status, sentence(said)
    known = _by_status(answer, said, text)
    if known is not None:
        return known
    lower = text.lower()
    if status in (400, 403) and _parent_is_gone(said, lower):
        return NotFound(text, http_status=status)
    if status == 403:
        return _forbidden(text, lower, replying)
    return wire.refusal(answer, text)


def _by_status(answer: Answer, said: JSON, text: str) -> PlatformError | None:
    status = answer.status
    if status == 401:
        # X says the same of a token that ran out and of one taken back: renewing tells.
        return AuthExpired(text or "the access token is not accepted", http_status=401)
    if status == 402:
        return OutOfCredit(text or "the credits are used up", http_status=402)
    if status == 429 and str(said.get("type") or "").endswith(USAGE_CAPPED):
        # Waiting would last until the month ends; a person can raise the limit today.
        return OutOfCredit(f"{text}; it starts anew next month", http_status=429)
    if status == 429:
        until = retry_at(answer.headers)
        return RateLimited(text or "too many requests", retry_at=until, http_status=429)
    return None


def _forbidden(text: str, lower: str, replying: bool) -> PlatformError:
    if "duplicate" in lower:
        return Duplicate(text, http_status=403)
    if "suspended" in lower or "locked" in lower:
        return PermissionDenied(f"X has locked or suspended the account: {text}", http_status=403)
    if replying:
        return PermissionDenied(f"{REPLY_RULE}. {text}".strip(), http_status=403)
    return PermissionDenied(text, http_status=403)


def _parent_is_gone(said: JSON, lower: str) -> bool:
    """The post to answer was deleted or is hidden from us."""
    named = any(
        "in_reply_to_tweet_id" in str(name)
        for one in listed(said, "errors")
        for name in (one.get("parameters") or {})
    )
    return named or "deleted or not visible" in lower


def problem(answer: Answer) -> JSON:
    """The problem of an answer, {} when there is none to read."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def sentence(said: JSON) -> str:
    """What X says, at most 300 characters: title, detail and the messages of its errors."""
    parts = [str(said.get("title") or ""), str(said.get("detail") or said.get("error") or "")]
    parts += [str(one.get("message") or one.get("detail") or "") for one in listed(said, "errors")]
    # "Unauthorized: Unauthorized" says no more than once.
    return ": ".join(dict.fromkeys(part for part in parts if part))[:300]


def listed(said: Mapping[str, Any], name: str) -> list[JSON]:
    """The objects of a list in an answer; [] where there is none."""
    found = said.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


# -- windows -----------------------------------------------------------------------


def windows(headers: Mapping[str, str]) -> Iterator[tuple[int, int, datetime]]:
    """(requests allowed, requests left, when it starts anew) of each window told."""
    for name in WINDOWS:
        told = [headers.get(f"{name}-{part}", "") for part in ("limit", "remaining", "reset")]
        if all(one.strip().isdigit() for one in told):
            limit, left, reset = (int(one) for one in told)
            yield limit, left, datetime.fromtimestamp(reset, UTC)


def retry_at(headers: Mapping[str, str]) -> datetime | None:
    """When the last of the windows that are used up starts anew."""
    used_up = [reset for _, left, reset in windows(headers) if left == 0]
    return max(used_up, default=None) or wire.retry_at(headers, datetime.now(UTC))
