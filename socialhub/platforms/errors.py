"""The closed vocabulary of what can go wrong between us and a network.

Adapters raise only these. Each says what is certain about the request, because the
publishing engine decides from the class alone whether a post may be sent again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

# Anything shorter is no secret, and stands in ordinary words.
SHORTEST_SECRET = 8


class PlatformError(Exception):
    """Base class. `message` is for logs and attempts; it never holds a secret.

    `certainly_not_out` is True when the network certainly did not carry out the request.
    """

    code = "platform_error"
    certainly_not_out = True

    def __init__(self, message: str = "", *, http_status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status

    def hide(self, secrets: Iterable[object]) -> None:
        """Take these out of the message: some networks repeat what they were sent."""
        for secret in secrets:
            if isinstance(secret, str) and len(secret) >= SHORTEST_SECRET:
                self.message = self.message.replace(secret, "…")
        self.args = (self.message,)


class AuthExpired(PlatformError):
    """The access token ran out; refreshing it may help."""

    code = "auth_expired"


class AuthRevoked(PlatformError):
    """The network does not accept our credentials any more; a person must reconnect."""

    code = "auth_revoked"


class PermissionDenied(PlatformError):
    """Logged in, but not allowed to do this."""

    code = "permission"


class RateLimited(PlatformError):
    """Too many requests. `retry_at` is aware, or None when the network does not say."""

    code = "rate_limited"

    def __init__(
        self, message: str = "", *, retry_at: datetime | None = None, http_status: int | None = None
    ) -> None:
        super().__init__(message, http_status=http_status)
        self.retry_at = retry_at


class Duplicate(PlatformError):
    """Refused as a copy of an earlier post. On a repeated attempt: look, it probably worked."""

    code = "duplicate"


class InvalidContent(PlatformError):
    """The network will never take this content as it is."""

    code = "invalid_content"


class NotFound(PlatformError):
    """The thing we refer to (the parent, the post asked about) is not there."""

    code = "not_found"


class OutOfCredit(PlatformError):
    """A paid network without credit left."""

    code = "out_of_credit"


class OverCap(OutOfCredit):
    """Our own cap: the account may not spend more this month."""

    code = "over_cap"


class Unavailable(PlatformError):
    """No byte of the request left us (DNS, connection refused), or a read failed: try later."""

    code = "unavailable"


class OutcomeUnknown(PlatformError):
    """The request left and no usable answer came. Never send again before a look."""

    code = "outcome_unknown"
    certainly_not_out = False
