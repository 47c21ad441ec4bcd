"""From what Odoo answers to the closed vocabulary: docs/odoo-api.md sections 3, 5 and 8.

Texts are translated with the user's language, so only codes, class names and stable fragments
are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from crm.odoo import errors
from crm.odoo.urls import clean_url
from socialhub.http import Answer

MAX_DETAIL = 8_000
# Calls that change nothing: whatever happens to their answer, they may be sent again.
READS = frozenset(
    {
        "authenticate",
        "check_access_rights",
        "check_object_reference",
        "context_get",
        "fields_get",
        "has_access",
        "name_search",
        "read",
        "search",
        "search_count",
        "search_read",
        "version",
    }
)
# XML-RPC cannot carry None: Odoo commits the change, then stumbles over its own answer.
NONE_RESULT = "TypeError: cannot marshal None unless allow_none is enabled"
NO_DATABASE = "No database is selected"
UNKNOWN_DATABASE = re.compile(r'database "[^"]*" does not exist')
# A stored user id that is gone: the record Odoo misses is the user who asks.
LOST_USER = re.compile(r"\(Record: res\.users\((\d+),\), User: \1\)")
XMLID_ABSENT = "External ID not found in the system"
XMLID_INDEX = "ir_model_data_module_name_uniq_index"
BUSY = ("could not serialize access", "deadlock detected", "could not obtain lock", XMLID_INDEX)
FORBIDDEN = ("you are not allowed to", "top-secret records", "due to security restrictions")
# The line of a traceback that names the exception; its text may go on over several lines.
NAMED_ERROR = re.compile(
    r"^((?:[a-z_]\w*\.)+[A-Z]\w*|[A-Z]\w*(?:Error|Exception|Warning))(?=:|$)", re.MULTILINE
)
DATA_ERRORS = (
    "CheckViolation",
    "ForeignKeyViolation",
    "NotNullViolation",
    "NumericValueOutOfRange",
    "StringDataRightTruncation",
    "UniqueViolation",
)
CONFLICTS = ("SerializationFailure", "DeadlockDetected", "LockNotAvailable")
BY_NAME: dict[str, type[errors.OdooError]] = {
    "odoo.exceptions.AccessDenied": errors.AuthError,
    "werkzeug.exceptions.Unauthorized": errors.AuthError,
    "odoo.exceptions.AccessError": errors.AccessRefused,
    "werkzeug.exceptions.Forbidden": errors.AccessRefused,
    "odoo.exceptions.MissingError": errors.NotFound,
    # A model or a method this server does not have.
    "werkzeug.exceptions.NotFound": errors.Unsupported,
    "odoo.exceptions.RedirectWarning": errors.Invalid,
    "odoo.exceptions.UserError": errors.Invalid,
    "odoo.exceptions.ValidationError": errors.Invalid,
    "werkzeug.exceptions.BadRequest": errors.Invalid,
    "werkzeug.exceptions.UnprocessableEntity": errors.Invalid,
    "xml.parsers.expat.ExpatError": errors.Invalid,
    # Unknown field, bad selection, a zone in a time: the same every time, though HTTP 500.
    "TypeError": errors.Invalid,
    "ValueError": errors.Invalid,
    **{f"psycopg2.errors.{name}": errors.Invalid for name in DATA_ERRORS},
    **{f"psycopg2.errors.{name}": errors.Conflict for name in CONFLICTS},
}


def named_error(
    name: str, text: str, *, changes: bool, status: int | None = None, detail: str = ""
) -> errors.OdooError:
    """The error for an exception of Odoo's, by the full name of its class."""
    name = name.removeprefix("builtins.")
    more: dict[str, Any] = {"status": status, "detail": detail[-MAX_DETAIL:]}
    message = f"{name}: {_one_line(text)}"
    if name == "psycopg2.OperationalError":
        if UNKNOWN_DATABASE.search(text):
            return errors.ConfigError("Odoo has no database of this name", **more)
        return (errors.UnknownOutcome if changes else errors.Unavailable)(message, **more)
    return _kind(name, text)(message, **more)


def _kind(name: str, text: str) -> type[errors.OdooError]:
    if _busy(text):
        return errors.Conflict
    if XMLID_ABSENT in text:
        return errors.NotFound
    if LOST_USER.search(text):
        return errors.AuthError
    if name == "AttributeError" and "The method '" in text:
        return errors.Unsupported
    return BY_NAME.get(name, errors.ServerBug)


def _busy(text: str) -> bool:
    return any(fragment in text for fragment in BUSY)


def _one_line(text: str) -> str:
    return " ".join(text[:MAX_DETAIL].split())


# -- XML-RPC faults -------------------------------------------------------------------


def is_none_result(code: Any, text: str, *, changes: bool) -> bool:
    """Did the call succeed with None? Reads never return None."""
    return changes and code == 1 and text.rstrip().splitlines()[-1:] == [NONE_RESULT]


def from_fault(code: Any, text: str, *, changes: bool) -> errors.OdooError:
    """The error for an XML-RPC fault; all of them come with HTTP 200."""
    if code == 1:
        name, said = last_error(text)
        return named_error(name, said, changes=changes, status=200, detail=text)
    more: dict[str, Any] = {"status": 200, "detail": text[-MAX_DETAIL:]}
    message = f"Fault {code}: {_one_line(text)}"
    if code == 3:
        return errors.AuthError(message, **more)
    if code == 4:
        return errors.AccessRefused(message, **more)
    if code == 2:
        return _user_error(text)(message, **more)
    return errors.ServerBug(message, **more)


def _user_error(text: str) -> type[errors.OdooError]:
    """UserError, ValidationError and MissingError share fault code 2."""
    if LOST_USER.search(text):
        return errors.AuthError
    if text.startswith("Object ") and "doesn't exist" in text:
        return errors.Unsupported
    if text.startswith("Record does not exist") or "\n(Record: " in text:
        return errors.NotFound
    return errors.Conflict if _busy(text) else errors.Invalid


def last_error(traceback: str) -> tuple[str, str]:
    """Class name and text of the exception a traceback ends with."""
    text = traceback.rstrip()
    last = None
    for match in NAMED_ERROR.finditer(text):
        last = match
    if last is None:
        return "Error", text.rpartition("\n")[2]
    return last[1], text[last.end() :].removeprefix(":").lstrip()


# -- HTTP answers ---------------------------------------------------------------------


def from_json(answer: Answer, redact: Callable[[str], str], *, changes: bool) -> errors.OdooError:
    """The error for a JSON-2 answer that is not 200."""
    try:
        body = json.loads(redact(answer.text))
    except ValueError:
        body = None
    if not isinstance(body, Mapping) or not body.get("name") or answer.status in (401, 429):
        return from_status(answer, changes=changes)
    return named_error(
        str(body["name"]),
        str(body.get("message") or ""),
        changes=changes,
        status=answer.status,
        detail=str(body.get("debug") or ""),
    )


def from_status(answer: Answer, *, changes: bool) -> errors.OdooError:
    """The error for an answer whose body says nothing: a page of Odoo or of a proxy."""
    status = answer.status
    said = f"HTTP {status}"
    if 300 <= status < 400:
        return errors.ConfigError(
            f"{said}: the server sends us elsewhere",
            redirect_to=redirect_target(answer),
            status=status,
        )
    if status == 401:
        return errors.AuthError(f"{said}: login or key not accepted", status=status)
    if status == 403:
        return errors.AccessRefused(f"{said}: refused before Odoo looked at it", status=status)
    if status == 404 and NO_DATABASE in answer.text:
        return errors.ConfigError("Odoo has no database of this name", status=status)
    if status == 413:
        return errors.Invalid(
            f"{said}: too large for the server in front of Odoo",
            safe_text="The text is too large for the server in front of Odoo.",
            status=status,
        )
    if status == 400:
        return errors.Invalid(f"{said}: the request was not understood", status=status)
    if status == 429:
        after = retry_after(answer.headers, datetime.now(UTC))
        return errors.Throttled(said, retry_after=after, status=status)
    if status in (408, 504, 524):
        return errors.UnknownOutcome(f"{said}: no answer in time", status=status)
    if status < 500:
        return errors.ConfigError(f"{said}: there is no Odoo at this address", status=status)
    if changes:
        # A proxy's page does not tell what became of the request behind it.
        return errors.UnknownOutcome(f"{said} in answer to a change", status=status)
    return (errors.ServerBug if status == 500 else errors.Unavailable)(said, status=status)


def unreadable(answer: Answer, *, changes: bool) -> errors.OdooError:
    """The error for a 200 that cannot be read."""
    kind = errors.UnknownOutcome if changes else errors.Unavailable
    return kind(f"HTTP {answer.status} with an unreadable body", status=answer.status)


def redirect_target(answer: Answer) -> str:
    """scheme://host[:port] a redirect leads to, "" when it stays on this server."""
    location = answer.headers.get("location", "")
    if not location.startswith(("http://", "https://")):
        return ""
    try:
        return clean_url(location)
    except ValueError:
        return ""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait from Retry-After, a number or an HTTP date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


# -- answers of load ------------------------------------------------------------------


def from_messages(messages: Iterable[Mapping[str, Any]]) -> errors.OdooError:
    """The error for `load` with ids False: it came as a success, its messages tell."""
    texts = [_one_line(str(entry.get("message") or "")) for entry in messages]
    text = " · ".join(part for part in texts if part)
    if not text:
        return errors.ServerBug("load took nothing and does not say why", status=200)
    if _busy(text):
        return errors.Conflict(text, status=200)
    if any(fragment in text.lower() for fragment in FORBIDDEN):
        return errors.AccessRefused(text, status=200)
    return errors.Invalid(text, status=200)
