"""The API: https://docs.joinmastodon.org/methods/"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from socialhub.tests.support.mastodon_standin import store as data
from socialhub.tests.support.mastodon_standin.store import Refusal, Store

ALL_SCOPES = "read write follow push"


@dataclass
class Call:
    """One request, parsed. `query` and `body` hold lists under names without "[]"."""

    store: Store
    method: str
    base: str
    query: dict[str, Any]
    body: dict[str, Any]
    headers: dict[str, str]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    def account(self, scope: str) -> str:
        """Who asks. Refuses without a valid token that has `scope`."""
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        grant = self.store.tokens.get(token)
        if grant is None and token.startswith("token-"):
            grant = {"account": token.removeprefix("token-"), "scopes": ALL_SCOPES}
        if grant is None or grant["account"] in self.store.revoked:
            raise Refusal(401, "The access token is invalid")
        held = grant["scopes"].split()
        if scope not in held and scope.partition(":")[0] not in held:
            raise Refusal(403, "This action is outside the authorized scopes")
        return str(grant["account"])

    def grant(self) -> dict[str, Any]:
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        return self.store.tokens.get(token) or {"scopes": ALL_SCOPES}


@dataclass
class Reply:
    """A 2xx or redirect answer."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    operation: str
    run: Callable[[Call], Any]


ROUTES: list[Route] = []


def route(method: str, pattern: str, operation: str) -> Callable[[Callable], Callable]:
    """Register a function for a path; groups become `Call.parts`."""

    def register(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
        ROUTES.append(Route(method, re.compile(pattern), operation, run))
        return run

    return register


# -- instance and sign-in ----------------------------------------------------------


@route("GET", r"/api/v2/instance", "instance")
def instance(call: Call) -> Any:
    if not call.store.mode.v2:
        raise Refusal(404, "Not found")
    return call.store.instance_json(call.headers.get("host", ""))


@route("GET", r"/api/v1/instance", "instance")
def instance_v1(call: Call) -> Any:
    said = call.store.instance_json(call.headers.get("host", ""))
    return {"uri": said.pop("domain"), **said}


@route("POST", r"/api/v1/apps", "apps")
def create_app(call: Call) -> Any:
    app = {
        "client_id": f"client-{call.store.new_id()}",
        "client_secret": f"hush-{call.store.new_id()}",
        "redirect_uri": call.body["redirect_uris"],
        "scopes": call.body.get("scopes") or "read",
    }
    call.store.apps[app["client_id"]] = app
    return {"id": app["client_id"], "name": call.body["client_name"], **app}


@route("GET", r"/oauth/authorize", "authorize")
def authorize(call: Call) -> Any:
    """Approves at once, for the account "office" or the one named by `account`."""
    asked = call.query
    app = call.store.apps.get(asked.get("client_id", ""))
    if app is None or asked.get("response_type") != "code":
        raise Refusal(401, "invalid_client")
    if asked.get("redirect_uri") != app["redirect_uri"]:
        raise Refusal(400, "invalid_redirect_uri")
    scopes = asked.get("scope") or "read"
    if not set(scopes.split()) <= set(app["scopes"].split()):
        raise Refusal(400, "invalid_scope")
    code = f"code-{call.store.new_id()}"
    call.store.codes[code] = {
        "client_id": app["client_id"],
        "account": asked.get("account") or "office",
        "scopes": scopes,
        "challenge": asked.get("code_challenge") or "",
    }
    query = urlencode({"code": code, "state": asked.get("state", "")})
    return Reply({}, 302, {"Location": f"{app['redirect_uri']}?{query}"})


@route("POST", r"/oauth/token", "token")
def token(call: Call) -> Any:
    sent = call.body
    app = call.store.apps.get(sent.get("client_id", ""))
    if app is None or sent.get("client_secret") != app["client_secret"]:
        raise Refusal(401, "invalid_client")
    # A code works once.
    grant = call.store.codes.pop(sent.get("code", ""), None)
    if grant is None or grant["client_id"] != app["client_id"]:
        raise Refusal(400, "invalid_grant")
    if sent.get("redirect_uri") != app["redirect_uri"] or not _proves(grant, sent):
        raise Refusal(400, "invalid_grant")
    access = f"granted-{call.store.new_id()}"
    call.store.tokens[access] = {"account": grant["account"], "scopes": grant["scopes"]}
    created = int(call.store.now().timestamp())
    return {
        "access_token": access,
        "token_type": "Bearer",
        "scope": grant["scopes"],
        "created_at": created,
    }


def _proves(grant: dict[str, Any], sent: dict[str, Any]) -> bool:
    """PKCE: the verifier must hash to the challenge."""
    if not grant["challenge"]:
        return True
    digest = hashlib.sha256(str(sent.get("code_verifier") or "").encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == grant["challenge"]


@route("GET", r"/api/v1/apps/verify_credentials", "session")
def app_scopes(call: Call) -> Any:
    call.account("read")
    return {"name": "SocialHub", "scopes": call.grant()["scopes"].split()}


@route("GET", r"/api/v1/accounts/verify_credentials", "session")
def me(call: Call) -> Any:
    return call.store.own_json(call.account("read:accounts"), call.base)


# -- media -------------------------------------------------------------------------


@route("POST", r"/api/v2/media", "media")
def upload(call: Call) -> Any:
    account = call.account("write:media")
    mime, content = call.files["file"]
    found = call.store.attach(account, content, mime, call.body.get("description", ""))
    return Reply(data.media_json(found, call.base), 202 if found.pending else 200)


@route("GET", r"/api/v1/media/(\w+)", "media")
def media(call: Call) -> Any:
    account = call.account("write:media")
    found = call.store.media.get(call.parts[0])
    if found is None or found.account != account:
        raise Refusal(404, "Record not found")
    found.pending = max(found.pending - 1, 0)
    return Reply(data.media_json(found, call.base), 206 if found.pending else 200)


# -- statuses ------------------------------------------------------------------------


@route("POST", r"/api/v1/statuses", "publish")
def publish(call: Call) -> Any:
    account = call.account("write:statuses")
    key = call.headers.get("idempotency-key", "")
    return call.store.status_json(call.store.create(account, call.body, key), call.base)


@route("GET", r"/api/v1/statuses", "metrics")
def many(call: Call) -> Any:
    call.account("read:statuses")
    if not call.store.mode.bulk:
        raise Refusal(405, "Method Not Allowed")
    ids = call.query.get("id") or []
    if len(set(ids)) > data.MAX_BULK:
        raise Refusal(422, "Validation failed")
    # No promise about the order: newest first here, whatever was asked.
    found = sorted(set(ids) & call.store.statuses.keys(), reverse=True)
    return [call.store.status_json(call.store.statuses[i], call.base) for i in found]


@route("GET", r"/api/v1/statuses/(\w+)", "metrics")
def one(call: Call) -> Any:
    call.account("read:statuses")
    return call.store.status_json(call.store.find(call.parts[0]), call.base)


@route("DELETE", r"/api/v1/statuses/(\w+)", "delete")
def delete(call: Call) -> Any:
    account = call.account("write:statuses")
    status = call.store.find(call.parts[0])
    if status.account != account:
        raise Refusal(404, "Record not found")
    shown = call.store.status_json(status, call.base)
    call.store.remove(status.id)
    return shown


@route("GET", r"/api/v1/statuses/(\w+)/context", "context")
def context(call: Call) -> Any:
    above, below = call.store.around(call.store.find(call.parts[0]))
    return {
        "ancestors": [call.store.status_json(s, call.base) for s in above],
        "descendants": [call.store.status_json(s, call.base) for s in below],
    }


@route("POST", r"/api/v1/statuses/(\w+)/(favourite|reblog)", "react")
def react(call: Call) -> Any:
    account = call.account("write:favourites")
    status = call.store.find(call.parts[0])
    (status.favourites if call.parts[1] == "favourite" else status.reblogs).add(account)
    return call.store.status_json(status, call.base)


@route("GET", r"/api/v1/accounts/(\w+)/statuses", "look")
def own(call: Call) -> Any:
    call.account("read:statuses")
    number = call.parts[0]
    found = [s for s in call.store.statuses.values() if data.account_id(s.account) == number]
    page = paged([(s.id, s) for s in found], call.query)
    return [call.store.status_json(status, call.base) for status in page]


# -- notifications -------------------------------------------------------------------


@route("GET", r"/api/v1/notifications", "notifications")
def notifications(call: Call) -> Any:
    account = call.account("read:notifications")
    kinds = call.query.get("types") or ["mention", "quote"]
    found = [
        n
        for n in call.store.notifications
        if n["to"] == account and n["type"] in kinds and n["status"] in call.store.statuses
    ]
    page = paged([(n["id"], n) for n in found], call.query)
    return [_notification(call, n) for n in page]


def _notification(call: Call, kept: dict[str, Any]) -> dict[str, Any]:
    status = call.store.statuses[kept["status"]]
    shown = call.store.status_json(status, call.base)
    return {
        "id": kept["id"],
        "type": kept["type"],
        "created_at": shown["created_at"],
        "account": shown["account"],
        "status": shown,
    }


def paged(rows: list[tuple[str, Any]], query: dict[str, Any]) -> list[Any]:
    """Newest first. min_id: the page right after it; since_id: the newest page after it.

    https://docs.joinmastodon.org/api/guidelines/#pagination
    """
    limit = min(int(query.get("limit") or 20), 40)
    rows = sorted(rows, key=lambda row: int(row[0]))
    if query.get("max_id"):
        rows = [row for row in rows if int(row[0]) < int(query["max_id"])]
    after = query.get("min_id") or query.get("since_id")
    if after:
        rows = [row for row in rows if int(row[0]) > int(after)]
    rows = rows[:limit] if query.get("min_id") else rows[-limit:]
    return [value for _, value in reversed(rows)]
