"""The closed vocabulary of what can go wrong between us and an Odoo.

The client raises only these. A caller decides from the class (or its `code`) whether to
repeat, park the item or pause the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_MESSAGE = 500


class OdooError(Exception):
    """Base class.

    `message`: what happened, for logs and attempts, may quote Odoo; never a key or a body.
    `safe_text`: one sentence of ours that quotes nothing, for anybody's eyes.
    `detail`: technical text of Odoo (its traceback holds server paths): restricted.
    """

    code = "odoo_error"
    sentence = "Something went wrong between SocialHub and Odoo."

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        safe_text: str = "",
        detail: str = "",
    ) -> None:
        self.message = message[:MAX_MESSAGE] or self.sentence
        super().__init__(self.message)
        self.status = status
        self.safe_text = safe_text or self.sentence
        self.detail = detail


class ConfigError(OdooError):
    """Address, TLS, redirect or database name: a person must correct the connection.

    `redirect_to` is the address the server sends us to ("" otherwise), to be offered.
    """

    code = "config"
    sentence = "The address or the database name of this connection is wrong."

    def __init__(self, message: str = "", *, redirect_to: str = "", **more: Any) -> None:
        super().__init__(message, **more)
        self.redirect_to = redirect_to


class AuthError(OdooError):
    """Odoo does not accept login and key. Pause at once, never repeat."""

    code = "auth"
    sentence = "Odoo does not accept the login or the key."


class AccessRefused(OdooError):
    """Logged in, but a right or a record rule forbids this."""

    code = "access"
    sentence = "The Odoo user of this connection may not do this."


class Unsupported(OdooError):
    """The version is too old, or the app, model or method is not there."""

    code = "unsupported"
    sentence = "This Odoo is too old or lacks the app needed for this."


class NotFound(OdooError):
    """The record does not exist (any more)."""

    code = "not_found"
    sentence = "Odoo does not have this record any more."


class NotVisible(OdooError):
    """The external id exists, its record cannot be seen by this user. Never create it again."""

    code = "not_visible"
    sentence = "The record exists in Odoo, but the user of this connection cannot see it."


class Moved(OdooError):
    """Somebody changed the record since `expected`; `record` is what Odoo holds now."""

    code = "moved"
    sentence = "Somebody has changed the record in Odoo in the meantime."

    def __init__(self, record: Mapping[str, Any], message: str = "", **more: Any) -> None:
        super().__init__(message, **more)
        self.record = record


class Invalid(OdooError):
    """Odoo will never take these values as they are: park the item."""

    code = "invalid"
    sentence = "Odoo does not take these values."


class Conflict(OdooError):
    """Two transactions met; nothing was changed by ours. Repeat later."""

    code = "conflict"
    sentence = "Odoo was busy with the same record."


class Throttled(OdooError):
    """Too many requests. `retry_after` in seconds, None when the server does not say."""

    code = "throttled"
    sentence = "Odoo asks us to send fewer requests."

    def __init__(self, message: str = "", *, retry_after: float | None = None, **more: Any) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after


class Unavailable(OdooError):
    """Odoo cannot be reached or is starting; nothing was changed. Repeat later."""

    code = "unavailable"
    sentence = "Odoo cannot be reached at the moment."


class UnknownOutcome(OdooError):
    """The request left and no usable answer came. Look before a change is sent again.

    After a read it only means: read again.
    """

    code = "unknown_outcome"
    sentence = "Odoo did not answer in time; what was asked may have been done."


class ServerBug(OdooError):
    """Odoo failed in a way that is no fault of ours: repeat twice, then park."""

    code = "server_bug"
    sentence = "Odoo reported an error of its own."
