"""From a person's login to tokens of their pages.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
https://developers.facebook.com/docs/graph-api/reference/user/accounts/
A page token made with a long-lived user token has no end, and cannot be renewed either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from socialhub.platforms.base import JSON, App, Authorization, Profile
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.meta import tokens
from socialhub.platforms.meta.graph import Graph, entries
from socialhub.platforms.meta.login import split

API = "https://graph.facebook.com"
DIALOG = "https://www.facebook.com"
VERSION = "v26.0"
# Listing the page's posts comes before each attempt, so publishing needs reading.
TO_PUBLISH = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")
FOR_COMMENTS = ("pages_manage_engagement", "pages_read_user_content")
SCOPES = (*TO_PUBLISH, *FOR_COMMENTS, "read_insights")
# What a person must be allowed on the page.
TASK = "CREATE_CONTENT"
PAGE_FIELDS = "id,name,username,access_token,tasks,category"
# 100 pages each.
MAX_LISTS = 5


def start(server_url: str, redirect_uri: str, state: str, app: App) -> Authorization:
    """Where a person grants access."""
    query = {
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "response_type": "code",
        "scope": ",".join(split(app.options.get("scopes")) or SCOPES),
        # Asks once more for what was declined before.
        "auth_type": "rerequest",
    }
    host = tokens.login_host(server_url, API, DIALOG)
    return Authorization(f"{host}/{version_of(app)}/dialog/oauth?{urlencode(query)}")


def finish(server_url: str, redirect_uri: str, code: str, app: App) -> tuple[Profile, ...]:
    """Every page the person may publish on."""
    version = version_of(app)
    nobody = Graph(server_url, "", version)
    short = tokens.by_code(nobody, "oauth/access_token", app, redirect_uri, code)
    long = tokens.facebook_long_lived(nobody, app, tokens.kept(short)["access_token"])
    person = Graph(server_url, long["access_token"], version)
    granted = _granted(person)
    return _profiles(_pages(person), granted)


def by_token(server_url: str, handle: str, secret: str) -> Profile:
    """The page behind a pasted token: a page's own, or a person's with `handle` saying which."""
    token = secret.strip()
    if not token:
        raise AuthRevoked("the access token is empty")
    graph = Graph(server_url, token, VERSION)
    try:
        granted = _granted(graph)
    except InvalidContent:
        # Only people have those: "nonexisting field (permissions) on node type (Page)".
        page = graph.get("me", fields="id,name,username")
        found = _profile({**page, "access_token": token}, ())
    else:
        found = _picked(_profiles(_pages(graph), granted), handle)
    return _inspected(server_url, found)


def version_of(app: App) -> str:
    return str(app.options.get("api_version") or VERSION)


def _granted(person: Graph) -> list[str]:
    """Scopes the person ticked. Raises PermissionDenied naming the needed ones they did not."""
    said = entries(person.get("me/permissions"))
    granted = [str(one.get("permission")) for one in said if one.get("status") == "granted"]
    _refuse_without(granted, TO_PUBLISH)
    return granted


def _refuse_without(granted: Sequence[str], needed: Sequence[str]) -> None:
    missing = [scope for scope in needed if scope not in granted]
    if missing:
        raise PermissionDenied("not granted: " + ", ".join(missing))


def _pages(person: Graph) -> list[JSON]:
    lists = person.pages("me/accounts", MAX_LISTS, fields=PAGE_FIELDS, limit=100)
    return [page for found in lists for page in found]


def _profiles(pages: Iterable[JSON], scopes: Sequence[str]) -> tuple[Profile, ...]:
    """A profile per page the person may publish on. Raises PermissionDenied for none."""
    found, refused = [], []
    for page in pages:
        tasks = page.get("tasks")
        if isinstance(tasks, list) and TASK not in tasks:
            refused.append(str(page.get("name") or page.get("id")))
        elif page.get("id") and page.get("access_token"):
            found.append(_profile(page, scopes))
    if found:
        return tuple(found)
    if refused:
        raise PermissionDenied(f"no right to publish ({TASK}) on: " + ", ".join(refused))
    raise PermissionDenied("this login has no Facebook page, or none was ticked")


def _profile(page: JSON, scopes: Sequence[str]) -> Profile:
    name = str(page.get("name") or page["id"])
    return Profile(
        remote_id=str(page["id"]),
        handle=str(page.get("username") or name),
        display_name=name,
        secrets={"access_token": str(page["access_token"])},
        options={"scopes": list(scopes)} if scopes else {},
        kind="page",
    )


def _picked(found: tuple[Profile, ...], handle: str) -> Profile:
    """The page a person named by id, handle or name. Raises InvalidContent naming the choices."""
    wanted = handle.strip().lstrip("@").casefold()
    names = [{p.remote_id, p.handle.casefold(), p.display_name.casefold()} for p in found]
    named = [p for p, own in zip(found, names, strict=True) if wanted in own]
    if len(named) == 1:
        return named[0]
    if len(found) == 1 and not wanted:
        return found[0]
    choices = ", ".join(f"{p.display_name} ({p.remote_id})" for p in found)
    raise InvalidContent(f"say which page: {choices}")


def _inspected(server_url: str, found: Profile) -> Profile:
    """With the scopes and the end of the page's token, as far as Facebook tells its holder."""
    token = found.secrets["access_token"]
    try:
        said = debugged(Graph(server_url, token, VERSION), token)
    except (Unavailable, RateLimited):
        raise
    except PlatformError:
        return found
    scopes, ends_at = scopes_of(said), end_of(said)
    _refuse_without(scopes or TO_PUBLISH, TO_PUBLISH[1:])
    return replace(
        found,
        secrets={**found.secrets, **({"ends_at": ends_at} if ends_at else {})},
        options={**found.options, **({"scopes": scopes} if scopes else {})},
    )


def debugged(graph: Graph, token: str) -> JSON:
    """https://developers.facebook.com/docs/graph-api/reference/debug_token/

    A GET sent as a POST (Graph's "method"), so that the token stands in no address.
    """
    said = graph.post("debug_token", data={"method": "get", "input_token": token}).get("data")
    return said if isinstance(said, dict) else {}


def scopes_of(said: JSON) -> list[str]:
    found: Any = said.get("scopes")
    return [str(scope) for scope in found] if isinstance(found, list) else []


def end_of(said: JSON) -> str:
    """ISO time at which the token ends, "" for never (0) or not told."""
    end = said.get("expires_at")
    return datetime.fromtimestamp(end, UTC).isoformat() if isinstance(end, int) and end else ""
