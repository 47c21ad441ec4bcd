"""The OAuth code flow as networks do it: a consent page, codes that work once, rotation.

https://www.rfc-editor.org/rfc/rfc6749 and https://www.rfc-editor.org/rfc/rfc7636 (PKCE).
A network's stand-in registers its own addresses and calls these. Everything is noted in the log:
{"kind": "authorize", "state", "challenge", "method", "scopes", "redirect_uri", "client_id"},
{"kind": "granted" | "denied", "state"}, {"kind": "token", "verifier_ok", "client_ok", "code_ok"},
{"kind": "refresh", "old", "new"} (numbers of the refresh tokens, in the order they were made).
"""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, State

CLIENT_ID, CLIENT_SECRET = "app-id", "app-secret-not-to-be-shown"


@dataclass
class Grant:
    """What one access token stands for."""

    account: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    # "user", "page", …, as the network tells kinds of tokens apart.
    kind: str = "user"


@dataclass
class OAuth:
    """Codes and tokens of one network. `granted` are the scopes the person ticks: None = all."""

    needs_pkce: bool = False
    account: str = "office"
    granted: frozenset[str] | None = None
    codes: dict[str, JSON] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    # refresh token → {"account", "scopes", "number", "used"}
    refresh: dict[str, JSON] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)

    # -- the person ---------------------------------------------------------------
    def consent(self, call: Call, separator: str = " ") -> Reply:
        """The page a person sees; with ?decision= where it leads. GET."""
        asked = call.query
        state = call.state
        if not asked.get("decision"):
            state.note(
                "authorize",
                state=asked.get("state", ""),
                challenge=asked.get("code_challenge", ""),
                method=asked.get("code_challenge_method", ""),
                scopes=sorted(asked.get("scope", "").split(separator)),
                redirect_uri=asked.get("redirect_uri", ""),
                client_id=asked.get("client_id", ""),
            )
            problem = self._problem(asked)
            if problem:
                raise Refusal(400, {"error": problem})
            return _page(asked)
        back = str(asked.get("redirect_uri", ""))
        if asked["decision"] == "deny":
            state.note("denied", state=asked.get("state", ""))
            query = {"error": "access_denied", "state": asked.get("state", "")}
        else:
            state.note("granted", state=asked.get("state", ""))
            query = {"code": self._code(asked, separator), "state": asked.get("state", "")}
        glue = "&" if "?" in back else "?"
        return Reply(b"", 302, {"Location": f"{back}{glue}{urlencode(query)}"})

    def _problem(self, asked: JSON) -> str:
        if asked.get("client_id") != CLIENT_ID:
            return "invalid_client"
        if asked.get("response_type") != "code" or not asked.get("redirect_uri"):
            return "invalid_request"
        if not asked.get("state"):
            return "state_missing"
        if self.needs_pkce and asked.get("code_challenge_method") != "S256":
            return "code_challenge_missing"
        return ""

    def _code(self, asked: JSON, separator: str) -> str:
        scopes = frozenset(str(asked.get("scope", "")).split(separator))
        code = f"code-{secrets.token_urlsafe(8)}"
        self.codes[code] = {
            "account": self.account,
            "scopes": scopes if self.granted is None else scopes & self.granted,
            "challenge": asked.get("code_challenge", ""),
            "redirect_uri": asked.get("redirect_uri", ""),
        }
        return code

    # -- the application ----------------------------------------------------------
    def take_code(self, call: Call, *, client_ok: bool) -> JSON:
        """The grant behind a code; it works once. Raises Refusal(400, invalid_grant)."""
        found = self.codes.pop(call.given("code"), None)
        challenge = str((found or {}).get("challenge", ""))
        verifier_ok = not challenge or _challenge(call.given("code_verifier")) == challenge
        uri_ok = found is not None and call.given("redirect_uri") == found["redirect_uri"]
        call.state.note(
            "token",
            verifier_ok=verifier_ok,
            has_verifier=bool(call.given("code_verifier")),
            client_ok=client_ok,
            code_ok=found is not None,
            redirect_ok=uri_ok,
        )
        if not client_ok:
            raise Refusal(401, {"error": "invalid_client"})
        if found is None or not verifier_ok or not uri_ok:
            raise Refusal(400, {"error": "invalid_grant"})
        return found

    def client_in_body(self, call: Call) -> bool:
        return (call.given("client_id"), call.given("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def client_in_header(self, call: Call) -> bool:
        """HTTP Basic, as X wants it of confidential clients."""
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return call.headers.get("authorization", "") == f"Basic {wanted}"

    def issue(
        self,
        state: State,
        account: str,
        scopes: frozenset[str],
        *,
        seconds: float | None = None,
        kind: str = "user",
    ) -> str:
        """A new access token."""
        token = f"access-{secrets.token_urlsafe(12)}"
        end = None if seconds is None else state.now() + timedelta(seconds=seconds)
        self.tokens[token] = Grant(account, scopes, end, kind)
        return token

    def issue_refresh(self, account: str, scopes: frozenset[str]) -> str:
        token = f"refresh-{secrets.token_urlsafe(12)}"
        self.refresh[token] = {
            "account": account,
            "scopes": scopes,
            "number": len(self.refresh) + 1,
            "used": False,
        }
        return token

    def rotate(self, state: State, old: str) -> tuple[str, JSON]:
        """A new refresh token for an old one, which works once. Raises Refusal(400)."""
        known = self.refresh.get(old)
        if known is None or known["used"] or known["account"] in self.revoked:
            state.note("refresh", old=(known or {}).get("number"), new=None)
            raise Refusal(400, {"error": "invalid_grant"})
        known["used"] = True
        new = self.issue_refresh(known["account"], known["scopes"])
        state.note("refresh", old=known["number"], new=self.refresh[new]["number"])
        return new, known

    # -- tokens -------------------------------------------------------------------
    def holder(self, state: State, token: str) -> Grant | None:
        """Whose token it is, None when it is unknown, has ended or was revoked.

        Tokens "token-NAME" exist without being issued: all rights of the account NAME.
        """
        grant = self.tokens.get(token)
        if grant is None and token.startswith("token-"):
            grant = Grant(token.removeprefix("token-"), frozenset({"*"}))
        if grant is None or grant.account in self.revoked:
            return None
        if grant.expires_at is not None and grant.expires_at <= state.now():
            return None
        return grant


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _page(asked: JSON) -> Reply:
    def link(decision: str) -> str:
        return "?" + html.escape(urlencode({**asked, "decision": decision}))

    scopes = html.escape(str(asked.get("scope", "")))
    body = (
        "<!doctype html><title>Stand-in: grant access</title>"
        f"<h1>SocialHub wants to use your account</h1><p>{scopes}</p>"
        f'<p><a id="allow" href="{link("allow")}">Allow</a> '
        f'<a id="deny" href="{link("deny")}">Cancel</a></p>'
    )
    return Reply(body.encode(), content_type="text/html; charset=utf-8")


def as_dict(grant: Any) -> JSON:
    """A grant for the log: no token in it."""
    return {"account": grant.account, "scopes": sorted(grant.scopes), "kind": grant.kind}
