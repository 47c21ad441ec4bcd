"""What works for an account right now."""

from __future__ import annotations

from socialhub.platforms.base import Check, Connection
from socialhub.platforms.errors import NotFound, PlatformError
from socialhub.platforms.mastodon import limits, oauth
from socialhub.platforms.mastodon.client import Server


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, compatible, token, rights (where the server tells), limits."""
    try:
        options = limits.learn(Server(connection.server_url))
    except NotFound as exc:
        return [Check("reachable", True), Check("compatible", False, exc.message)]
    except PlatformError as exc:
        return [Check("reachable", False, exc.message)]
    checks = [
        Check("reachable", True),
        Check("compatible", True, options["version"]),
        _token(connection),
    ]
    if checks[-1].ok:
        checks += _scopes(connection)
    caps = limits.capabilities({**options, **connection.options})
    found = limits.capabilities({**connection.options, **options})
    # A lower limit than the one we plan with would refuse posts that look right.
    fits = caps.text_limit <= found.text_limit and caps.max_images <= found.max_images
    checks.append(Check("limits", fits, f"{found.text_limit} / {found.max_images}"))
    return checks


def _token(connection: Connection) -> Check:
    try:
        me = Server.of(connection).object("/api/v1/accounts/verify_credentials")
    except PlatformError as exc:
        return Check("token", False, exc.message)
    return Check("token", str(me["id"]) == connection.remote_id, str(me.get("acct") or ""))


def _scopes(connection: Connection) -> list[Check]:
    """One line, or none where neither the server (4.3 on) nor the grant names the scopes."""
    granted = str(connection.options.get("scopes") or "").split()
    try:
        said = Server.of(connection).json("/api/v1/apps/verify_credentials")
        granted = list(said.get("scopes") or granted) if isinstance(said, dict) else granted
    except PlatformError:
        pass
    if not granted:
        return []
    missing = [
        scope
        for scope in oauth.SCOPES.split()
        if scope not in granted and scope.partition(":")[0] not in granted
    ]
    return [Check("rights", not missing, " ".join(missing))]
