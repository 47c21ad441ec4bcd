"""What works for a page right now."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from socialhub.platforms.base import JSON, Check, Connection
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    NotFound,
    PermissionDenied,
    PlatformError,
)
from socialhub.platforms.facebook import login
from socialhub.platforms.meta import insights, usage, versions
from socialhub.platforms.meta.errors import LostRole
from socialhub.platforms.meta.graph import Graph
from socialhub.platforms.meta.login import split

# Facebook makes insights for pages from here on.
FEWEST_LIKES = 100


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, token, rights, page_role, insights, limits, api_version, metrics_off."""
    version = str(connection.options.get("api_version") or login.VERSION)
    checks = [Check("reachable", True)]
    try:
        graph = Graph.of(connection, login.VERSION)
        page = graph.get("me", fields="id,name,fan_count,followers_count")
    except (AuthExpired, AuthRevoked, PermissionDenied, NotFound) as exc:
        checks.append(Check("token", False, exc.message))
        if isinstance(exc, LostRole):
            checks.append(Check("page_role", False, exc.message))
        return [*checks, versions.check(version)]
    except PlatformError as exc:
        return [Check("reachable", False, exc.message)]
    is_it = str(page.get("id")) == connection.remote_id
    checks.append(Check("token", is_it, str(page.get("name") or "")))
    checks += [_rights(connection), _role(connection, graph), _insights(page)]
    left = "" if graph.used is None else f"{graph.used:.0f} %"
    checks.append(Check("limits", (graph.used or 0.0) < usage.SLOW_FROM, left))
    checks.append(versions.check(version))
    off = insights.switched_off(None, connection.options.get(insights.OPTION))
    return checks + ([Check("metrics_off", False, ", ".join(sorted(off)))] if off else [])


def _rights(connection: Connection) -> Check:
    """Scopes as Facebook tells the app, else as they were granted."""
    granted = split(connection.options.get("scopes"))
    app, token = connection.app, connection.secrets.get("access_token", "")
    if app.client_id and app.client_secret:
        as_app = replace(
            connection, secrets={"access_token": f"{app.client_id}|{app.client_secret}"}
        )
        # Refused for another app's token, for one: what was granted stays what we know.
        with suppress(PlatformError):
            granted = login.scopes_of(login.debugged(Graph.of(as_app, login.VERSION), token))
    if not granted:
        return Check("rights", True)
    missing = [scope for scope in login.SCOPES if scope not in granted]
    return Check("rights", not missing, " ".join(missing))


def _role(connection: Connection, graph: Graph) -> Check:
    """Does the page still let this login see its posts?"""
    try:
        graph.get(f"{connection.remote_id}/published_posts", fields="id", limit=1)
    except PlatformError as exc:
        return Check("page_role", False, exc.message)
    return Check("page_role", True)


def _insights(page: JSON) -> Check:
    likes = page.get("fan_count")
    if not isinstance(likes, int):
        return Check("insights", True)
    return Check("insights", likes >= FEWEST_LIKES, f"{likes} / {FEWEST_LIKES}")
