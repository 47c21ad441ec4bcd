"""How Instagram and Threads hand out tokens: an hour, sixty days, sixty more.

https://developers.facebook.com/docs/instagram-platform/reference/access_token
https://developers.facebook.com/docs/threads/get-started/long-lived-tokens
"""

from __future__ import annotations

from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal
from socialhub.tests.support.standin.oauth import CLIENT_SECRET
from socialhub.tests.support.standins.meta_containers import (
    HOUR,
    LIFE,
    SIXTY_DAYS,
    MetaState,
    error,
)


def short_token(call: Call) -> JSON:
    """A code for a token of one hour: POST /oauth/access_token."""
    state: MetaState = call.state
    try:
        grant = state.oauth.take_code(call, client_ok=state.oauth.client_in_body(call))
    except Refusal as refusal:
        said = {"error_type": "OAuthException", "code": 400, "error_message": "Invalid code"}
        raise Refusal(refusal.status, said) from None
    token = state.oauth.issue(state, grant["account"], grant["scopes"], seconds=HOUR)
    state.issued[token] = state.now()
    return {
        "access_token": token,
        "user_id": state.id_of(grant["account"]),
        "permissions": sorted(grant["scopes"]),
    }


def long_token(call: Call) -> JSON:
    """A token of one hour for one of sixty days: GET /access_token."""
    state: MetaState = call.state
    if call.given("grant_type") != f"{state.prefix}_exchange_token":
        raise error(400, 100, "Unsupported grant type")
    if call.given("client_secret") != CLIENT_SECRET:
        raise error(400, 101, "Error validating application.")
    grant = _grant(call)
    return _sixty_days(state, grant, "long_lived")


def refreshed(call: Call) -> JSON:
    """Sixty days more, for a token of at least one day: GET /refresh_access_token."""
    state: MetaState = call.state
    if call.given("grant_type") != f"{state.prefix}_refresh_token":
        raise error(400, 100, "Unsupported grant type")
    grant = _grant(call)
    since = state.issued.get(call.given("access_token") or call.bearer)
    if since is not None and state.now() - since < LIFE:
        raise error(400, 100, "The access token must be at least 24 hours old to be refreshed")
    return _sixty_days(state, grant, "refresh")


def _grant(call: Call) -> Any:
    state: MetaState = call.state
    token = call.given("access_token") or call.bearer
    grant = state.oauth.holder(state, token)
    if grant is None:
        raise state._dead(token)
    return grant


def _sixty_days(state: MetaState, grant: Any, kind: str) -> JSON:
    token = state.oauth.issue(state, grant.account, grant.scopes, seconds=SIXTY_DAYS, kind="long")
    state.issued[token] = state.now()
    state.long_lived.append(token)
    state.note(kind, account=grant.account, new=len(state.long_lived))
    return {"access_token": token, "token_type": "bearer", "expires_in": int(SIXTY_DAYS)}
