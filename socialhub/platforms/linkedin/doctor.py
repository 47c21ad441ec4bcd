"""What works for a page right now."""

from __future__ import annotations

from datetime import UTC, date, datetime

from socialhub.platforms.base import Check, Connection
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.linkedin import oauth
from socialhub.platforms.linkedin.client import VERSION_SETTING, Api

# A version may be switched off a year after its month.
OLD_MONTHS = 9


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, token, page_role, rights, limits, api_version.

    Raises AuthExpired, so that the login is renewed and asked again.
    """
    version = api_version(Api.of(connection).version, datetime.now(UTC).date())
    try:
        roles = oauth.roles(Api.of(connection))
    except AuthExpired:
        raise
    except Unavailable as exc:
        return [Check("reachable", False, exc.message)]
    except PlatformError as exc:
        return [Check("reachable", True), *_refused(exc, version)]
    held = roles.get(connection.remote_id, set())
    return [
        Check("reachable", True),
        Check("token", True),
        Check("page_role", bool(held & oauth.ROLES), ", ".join(sorted(held))),
        *_rights(connection),
        # No header tells what is left; a limit that is used up shows as 429.
        Check("limits", True),
        version,
    ]


def _refused(error: PlatformError, version: Check) -> list[Check]:
    if isinstance(error, AuthRevoked):
        return [Check("token", False, error.message), version]
    if isinstance(error, RateLimited):
        until = error.retry_at.isoformat(timespec="minutes") if error.retry_at else ""
        return [Check("token", True), Check("limits", False, until), version]
    if error.http_status == 426:
        return [Check("api_version", False, error.message)]
    code = "rights" if isinstance(error, PermissionDenied) else "token"
    return [Check(code, False, error.message), version]


def _rights(connection: Connection) -> list[Check]:
    """What was granted; a token that was typed in does not tell."""
    granted = oauth.granted(connection.options.get("scopes"))
    missing = [scope for scope in oauth.SCOPES if scope not in granted]
    return [Check("rights", not missing, ", ".join(missing))] if granted else []


def api_version(version: str, today: date) -> Check:
    """Old enough to be switched off soon? The name of a version is its month."""
    if not (len(version) == 6 and version.isdigit() and 1 <= int(version[4:]) <= 12):
        return Check("api_version", False, f"{VERSION_SETTING} is a month such as 202610")
    months = (today.year - int(version[:4])) * 12 + today.month - int(version[4:])
    return Check("api_version", months < OLD_MONTHS, f"{version}: {months} months old")
