"""The code flow of Instagram and Threads: an hour, then sixty days, then sixty more.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
https://developers.facebook.com/docs/threads/get-started/get-access-tokens-and-permissions
Neither has PKCE; `state` ties the answer to the person who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from socialhub.platforms.base import App, Authorization, Check, Connection
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    PermissionDenied,
    PlatformError,
    Unavailable,
)
from socialhub.platforms.meta import insights, tokens
from socialhub.platforms.meta.graph import Graph


@dataclass(frozen=True, slots=True)
class Login:
    """Where one network's pages are, and which rights we ask for."""

    api: str
    pages_host: str
    code_host: str
    # "ig" or "th": grant types begin with it.
    prefix: str
    scopes: tuple[str, ...]
    # Without these nothing can be published.
    needed: tuple[str, ...]

    def start(
        self, server_url: str, redirect_uri: str, state: str, app: App | None
    ) -> Authorization:
        """Where to send the person. Raises PermissionDenied without an app."""
        app = with_app(app)
        query = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(self._asked(app)),
            "state": state,
        }
        host = tokens.login_host(server_url, self.api, self.pages_host)
        return Authorization(f"{host}/oauth/authorize?{urlencode(query)}")

    def _asked(self, app: App) -> list[str]:
        """The option "scopes" of an app wins: names of rights change, and some need a review."""
        return split(app.options.get("scopes")) or list(self.scopes)

    def finish(
        self, server_url: str, redirect_uri: str, code: str, app: App | None
    ) -> tuple[dict[str, str], list[str]]:
        """Secrets with a token of 60 days, and the rights granted ([] when they do not say).

        Raises AuthRevoked for a code that does not work, PermissionDenied without a right that
        publishing needs.
        """
        app = with_app(app)
        host = tokens.login_host(server_url, self.api, self.code_host)
        try:
            said = tokens.by_code(
                # Instagram adds "#_" to the address it sends the person back to.
                Graph(host, ""),
                "oauth/access_token",
                app,
                redirect_uri,
                code.removesuffix("#_"),
            )
        except InvalidContent as exc:
            raise AuthRevoked(exc.message, http_status=exc.http_status) from None
        # Documented as {"data": [{…}]}, also seen without.
        inner = said.get("data")
        answer = inner[0] if isinstance(inner, list) and inner else said
        granted = split(answer.get("permissions"))
        self.refuse_missing(granted)
        short = tokens.kept(answer)["access_token"]
        grant = f"{self.prefix}_exchange_token"
        return tokens.long_lived(server_url, grant, app, short), granted

    def typed(self, server_url: str, token: str) -> dict[str, str]:
        """Secrets for a token that somebody has already: renewed, so that its end is known."""
        try:
            new = tokens.renewed(
                server_url, f"{self.prefix}_refresh_token", {"access_token": token}
            )
            return dict(new or {})
        except InvalidContent:
            # Only a token younger than a day cannot be renewed, or one of an hour, which ends
            # before anybody could.
            left = tokens.LIFE - tokens.YOUNGEST
        except PlatformError:
            # The next run renews it.
            left = tokens.YOUNGEST
        return {"access_token": token, "expires_at": (datetime.now(UTC) + left).isoformat()}

    def refuse_missing(self, granted: Collection[str]) -> None:
        """Raise PermissionDenied naming what publishing lacks; nothing when nothing is known."""
        missing = [scope for scope in self.needed if scope not in granted]
        if granted and missing:
            raise PermissionDenied("not granted: " + ", ".join(missing))

    def refresh(self, connection: Connection) -> Mapping[str, str] | None:
        """Sixty days more; None while the token is younger than a day."""
        grant = f"{self.prefix}_refresh_token"
        if not connection.secrets.get("access_token"):
            raise AuthRevoked("the account holds no access token")
        try:
            return tokens.renewed(connection.server_url, grant, connection.secrets)
        except InvalidContent as exc:
            # A token younger than a day, whose age we do not know: it still works.
            raise Unavailable(exc.message, http_status=exc.http_status) from None


def with_app(app: App | None) -> App:
    if app is None or not app.client_id:
        raise PermissionDenied("there is no developer app for this network yet")
    return app


def split(value: Any) -> list[str]:
    """Rights, as a list or as text with commas."""
    found = value if isinstance(value, list) else str(value or "").replace(" ", ",").split(",")
    return sorted({str(one).strip() for one in found} - {""})


# -- for the doctors ------------------------------------------------------------------


def rights(
    asked: Login, connection: Connection, probes: Mapping[str, Callable[[], object]]
) -> list[Check]:
    """One line when the rights are known, by the grant or by trying a read that needs them."""
    granted = split(connection.options.get("scopes"))
    missing = [scope for scope in asked.scopes if scope not in granted] if granted else []
    for scope, probe in probes.items():
        try:
            probe()
        except PermissionDenied:
            missing.append(scope)
        except PlatformError:
            # Something else is wrong, and has a line of its own.
            continue
    if not granted and not probes:
        return []
    return [Check("rights", not missing, " ".join(sorted(set(missing))))]


def dead_metrics(connection: Connection) -> list[Check]:
    """The metrics that were switched off because Meta does not know their names any more."""
    dead = insights.switched_off(connection.findings, connection.options.get(insights.OPTION))
    return [Check("metrics_off", False, ", ".join(sorted(dead)))] if dead else []


def of_total(used: int | None, total: int | None) -> str:
    """ "3 / 100", with "–" for what the network does not say."""
    return " / ".join("–" if number is None else str(number) for number in (used, total))
