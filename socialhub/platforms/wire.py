"""From HTTP answers to the closed vocabulary of errors, the same for every adapter.

Two kinds of call: `send` for the one request whose outcome can be unknown, `read` for
everything that may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from socialhub import http
from socialhub.platforms.errors import (
    AuthRevoked,
    Duplicate,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    OutOfCredit,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)

READ_SECONDS = 30.0
# When the limit ends, best source first. GitHub-style names are used by Mastodon and X
# (https://docs.joinmastodon.org/api/rate-limits/), `ratelimit-reset` by Bluesky.
RESET_HEADERS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
# Smaller numbers are seconds to wait, larger ones seconds since 1970.
FIRST_EPOCH = 1_000_000_000

REFUSALS: dict[int, type[PlatformError]] = {
    400: InvalidContent,
    401: AuthRevoked,
    402: OutOfCredit,
    403: PermissionDenied,
    404: NotFound,
    409: Duplicate,
    410: NotFound,
    413: InvalidContent,
    415: InvalidContent,
    422: InvalidContent,
}


def send(
    method: str,
    url: str,
    *,
    guard: Callable[[], None] | None = None,
    timeout: float | None = None,
    **kwargs: Any,
) -> http.Answer:
    """Send what must not be sent twice. `timeout` in seconds, by default the longest allowed.

    `guard` runs before the first byte leaves; what it raises must be an http.RequestNotSent.
    Raises Unavailable when nothing left us, OutcomeUnknown when it may have been carried out
    (no answer, 5xx, 408, or a redirect, which says nothing about it); answers 2xx and other
    4xx are returned.
    """
    limit = http.DEADLINE_SECONDS if timeout is None else timeout
    try:
        answer = http.request(method, url, guard=guard, timeout=limit, **kwargs)
    except http.RequestNotSent as exc:
        raise Unavailable(str(exc)) from exc
    except http.AnswerLost as exc:
        raise OutcomeUnknown(str(exc)) from exc
    if _says_nothing(answer.status):
        raise OutcomeUnknown(f"HTTP {answer.status}", http_status=answer.status)
    return answer


def read(method: str, url: str, *, timeout: float = READ_SECONDS, **kwargs: Any) -> http.Answer:
    """Send what may be repeated. Raises Unavailable when no usable answer came."""
    try:
        answer = http.request(method, url, timeout=timeout, **kwargs)
    except (http.RequestNotSent, http.AnswerLost) as exc:
        raise Unavailable(str(exc)) from exc
    if _says_nothing(answer.status):
        raise Unavailable(f"HTTP {answer.status}", http_status=answer.status)
    return answer


def _says_nothing(status: int) -> bool:
    return status < 200 or 300 <= status < 400 or status >= 500 or status == 408


def body(answer: http.Answer, *, write: bool = False) -> Any:
    """The JSON object or list of an answer.

    Anything else raises OutcomeUnknown after a `send` (write=True), Unavailable after a `read`.
    """
    try:
        parsed = answer.json()
    except ValueError:
        parsed = None
    if isinstance(parsed, dict | list):
        return parsed
    error = OutcomeUnknown if write else Unavailable
    raise error(f"HTTP {answer.status} with an unreadable body", http_status=answer.status)


def refusal(answer: http.Answer, message: str = "", now: datetime | None = None) -> PlatformError:
    """The usual error for a 4xx answer; `message` is what the network said, without secrets.

    A status without a usual meaning is PermissionDenied: refused, and a repeat will not help.
    """
    said = f"HTTP {answer.status}: {message}" if message else f"HTTP {answer.status}"
    if answer.status == 429:
        until = retry_at(answer.headers, now or datetime.now(UTC))
        return RateLimited(said, retry_at=until, http_status=429)
    return REFUSALS.get(answer.status, PermissionDenied)(said, http_status=answer.status)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a limited network takes requests again (aware), None when it does not say.

    Understands Retry-After (seconds or HTTP date) and reset headers (epoch, ISO or seconds).
    """
    after = headers.get("retry-after", "").strip()
    found = _moment(after, now) or _http_date(after)
    for name in RESET_HEADERS:
        found = found or _moment(headers.get(name, "").strip(), now)
    return found


def _moment(value: str, now: datetime) -> datetime | None:
    """A number of seconds, an epoch or an ISO time as an aware datetime."""
    try:
        seconds = float(value)
    except ValueError:
        return _iso(value)
    try:
        if seconds < FIRST_EPOCH:
            return now + timedelta(seconds=max(seconds, 0.0))
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def clock_skew(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds the server's Date is ahead of `now`; 0.0 when it sends none."""
    date = _http_date(headers.get("date", ""))
    return (date - now).total_seconds() if date else 0.0
