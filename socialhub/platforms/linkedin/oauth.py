"""The login, and the pages a member may publish as.

https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from socialhub.platforms import wire
from socialhub.platforms.base import JSON, App, Authorization, Connection, Profile
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    NotFound,
    PermissionDenied,
    PlatformError,
    Unavailable,
)
from socialhub.platforms.linkedin.client import Api, login_host, refusal, urns

# Publishing and commenting; reading both back (a look needs it); the list of pages and counters.
SCOPES = ("w_organization_social", "r_organization_social", "rw_organization_admin")
NEEDED = frozenset({"w_organization_social", "r_organization_social"})
# A page's roles that may publish as it.
ROLES = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN"})
# Refresh tokens live this long from the consent on, however often they are used.
CONSENT_DAYS = 365
PAGES = 100


def start(server_url: str, redirect_uri: str, state: str, app: App) -> Authorization:
    """Where to send the person. Apps with a secret get no PKCE from LinkedIn; state is kept."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": " ".join(SCOPES),
    }
    return Authorization(f"{login_host(server_url)}/oauth/v2/authorization?{urlencode(query)}")


def finish(server_url: str, redirect_uri: str, code: str, app: App) -> tuple[Profile, ...]:
    """Swap the code for a token and list the pages.

    Raises AuthRevoked for a code that does not work, PermissionDenied without the rights or pages.
    """
    said = _token(
        server_url,
        app,
        {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri},
    )
    scopes = granted(said.get("scope"))
    missing = sorted(NEEDED - scopes) if scopes else []
    if missing:
        raise PermissionDenied("not granted: " + ", ".join(missing))
    secrets = _secrets(said)
    secrets["ends_at"] = _end(said, secrets)
    api = Api(server_url, secrets["access_token"], str(app.options.get("api_version") or ""))
    return pages(api, secrets, {"scopes": " ".join(sorted(scopes))} if scopes else {})


def renew(connection: Connection) -> Mapping[str, str] | None:
    """New tokens; None where the app is not approved for refresh tokens.

    The end of the consent is not among them: renewing never prolongs it.
    """
    refresh = connection.secrets.get("refresh_token", "")
    if not refresh:
        return None
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh}
    return _secrets(_token(connection.server_url, connection.app, wanted))


def granted(scope: Any) -> frozenset[str]:
    """The scopes an answer names, with commas or spaces between them."""
    return frozenset(str(scope or "").replace(",", " ").split())


def _token(server_url: str, app: App, wanted: Mapping[str, str]) -> JSON:
    answer = wire.read(
        "POST",
        f"{login_host(server_url)}/oauth/v2/accessToken",
        data={**wanted, "client_id": app.client_id, "client_secret": app.client_secret},
    )
    if not 200 <= answer.status < 300:
        raise _token_refused(refusal(answer, "", renewable=False))
    said = wire.body(answer)
    if not isinstance(said, dict) or not said.get("access_token"):
        raise Unavailable("LinkedIn's answer has no access token")
    return said


def _token_refused(error: PlatformError) -> PlatformError:
    """A wrong app is the operator's mistake and must not cost the account its login."""
    if "invalid_client" in error.message:
        return PermissionDenied(
            "LinkedIn does not accept the app: check client id and secret",
            http_status=error.http_status,
        )
    if error.http_status in (400, 401):
        return AuthRevoked(error.message, http_status=error.http_status)
    return error


def _secrets(said: JSON) -> dict[str, str]:
    kept = {"access_token": str(said["access_token"])}
    if said.get("refresh_token"):
        kept["refresh_token"] = str(said["refresh_token"])
    seconds = said.get("expires_in")
    if isinstance(seconds, int):
        kept["expires_at"] = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    return kept


def _end(said: JSON, secrets: Mapping[str, str]) -> str:
    """When a person must have logged in again."""
    if "refresh_token" not in secrets:
        return secrets.get("expires_at", "")
    seconds = said.get("refresh_token_expires_in")
    longest = timedelta(days=CONSENT_DAYS)
    given = timedelta(seconds=seconds) if isinstance(seconds, int) else longest
    return (datetime.now(UTC) + min(given, longest)).isoformat()


# -- pages -------------------------------------------------------------------------


def roles(api: Api) -> dict[str, set[str]]:
    """URN of a page → the member's roles there."""
    found: dict[str, set[str]] = {}
    path = f"/rest/organizationAcls?q=roleAssignee&state=APPROVED&count={PAGES}"
    for entry in api.elements(path):
        # The name has changed between versions.
        page = str(entry.get("organization") or entry.get("organizationalTarget") or "")
        if page and entry.get("state", "APPROVED") == "APPROVED":
            found.setdefault(page, set()).add(str(entry.get("role")))
    return found


def pages(api: Api, secrets: Mapping[str, str], options: Mapping[str, Any]) -> tuple[Profile, ...]:
    """A profile for each page the member may publish as. PermissionDenied when there is none."""
    usable = [page for page, held in roles(api).items() if held & ROLES]
    if not usable:
        raise PermissionDenied(
            "there is no page where this member is an administrator or content administrator"
        )
    named = _names(api, usable)
    return tuple(
        Profile(
            remote_id=page,
            handle=str(named[page].get("vanityName") or named[page].get("localizedName") or page),
            display_name=str(named[page].get("localizedName") or ""),
            secrets=secrets,
            options=options,
            kind="organisation",
        )
        for page in usable
    )


def _names(api: Api, found: Sequence[str]) -> dict[str, JSON]:
    """What the network tells about pages; a page it does not tell about keeps its number."""
    ids = [page.rpartition(":")[2] for page in found]
    try:
        said = api.object(f"/rest/organizations?ids={urns(ids)}", "BATCH_GET").get("results")
    except (PermissionDenied, NotFound, InvalidContent):
        said = None
    results = said if isinstance(said, dict) else {}
    return {page: results.get(number) or {} for page, number in zip(found, ids, strict=True)}


def chosen(found: Sequence[Profile], typed: str) -> Profile:
    """The page a person named by name, short name or number; without a name the only one."""
    wanted = typed.strip().removeprefix("@").casefold()
    if wanted:
        named = [page for page in found if wanted in _words(page)]
    else:
        named = list(found)
    if len(named) == 1:
        return named[0]
    raise InvalidContent("choose a page: " + ", ".join(page.handle for page in found))


def _words(page: Profile) -> set[str]:
    number = page.remote_id.rpartition(":")[2]
    return {w.casefold() for w in (page.handle, page.display_name, page.remote_id, number) if w}
