"""What works for an account right now."""

from __future__ import annotations

from collections.abc import Mapping

from socialhub.platforms import wire
from socialhub.platforms.base import Check, Connection
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    OutOfCredit,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.x import oauth, prices, refusals
from socialhub.platforms.x.client import DEFAULT_SERVER


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, token, rights (where the grant named them), limits.

    Raises AuthExpired for a token that can be renewed.
    """
    try:
        headers, me = _me(connection)
    except Unavailable as exc:
        return [Check("reachable", False, exc.message)]
    except AuthExpired as exc:
        if connection.secrets.get("refresh_token"):
            raise
        return [Check("reachable", True), Check("token", False, exc.message)]
    except (OutOfCredit, RateLimited) as exc:
        return [Check("reachable", True), Check("limits", False, exc.message)]
    except PlatformError as exc:
        return [Check("reachable", True), Check("token", False, exc.message)]
    prices.read_own_profile(connection)
    return [
        Check("reachable", True),
        Check("token", me.get("id") == connection.remote_id, me.get("username", "")),
        *_rights(connection),
        Check("limits", True, _left(headers)),
    ]


def _me(connection: Connection) -> tuple[Mapping[str, str], dict[str, str]]:
    token = connection.secrets.get("access_token", "")
    if not token:
        raise AuthRevoked("the account holds no access token")
    url = f"{(connection.server_url or DEFAULT_SERVER).rstrip('/')}/2/users/me"
    answer = wire.read("GET", url, headers={"Authorization": f"Bearer {token}"})
    if not 200 <= answer.status < 300:
        raise refusals.refusal(answer)
    data = refusals.problem(answer).get("data") or {}
    return answer.headers, {name: str(value) for name, value in data.items()}


def _rights(connection: Connection) -> list[Check]:
    """One line, or none for a token that was typed in: X does not say what it may do."""
    granted = connection.options.get("scopes")
    if not granted:
        return []
    missing = [scope for scope in oauth.SCOPES if scope not in granted]
    return [Check("rights", not missing, ", ".join(missing))]


def _left(headers: Mapping[str, str]) -> str:
    """Requests left in the window of this one: "74 / 75"."""
    return ", ".join(f"{left} / {limit}" for limit, left, _ in refusals.windows(headers))
