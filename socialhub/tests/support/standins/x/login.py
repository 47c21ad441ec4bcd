"""Logging in, and the profile behind a token."""

from __future__ import annotations

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply
from socialhub.tests.support.standin.oauth import CLIENT_ID, Grant
from socialhub.tests.support.standins.x.state import XState, guarded, invalid, routes

TOKEN_SECONDS = 7_200
USER_FIELDS = {
    "created_at",
    "description",
    "most_recent_tweet_id",
    "most_recent_post_id",
    "name",
    "profile_image_url",
    "public_metrics",
    "username",
    "verified_type",
}


@routes("GET", "/i/oauth2/authorize", "authorize")
def authorize(call: Call) -> Reply:
    return call.state.oauth.consent(call)


@routes("POST", "/2/oauth2/token", "token")
@routes("POST", "/2/oauth2/token", "refresh")
def token(call: Call) -> JSON:
    """A confidential client says who it is in the header, a public one in the body."""
    state: XState = call.state
    oauth = state.oauth
    if state.mode["public_client"]:
        client_ok = call.given("client_id") == CLIENT_ID and "authorization" not in call.headers
    else:
        client_ok = oauth.client_in_header(call) and not call.given("client_id")
    if call.given("grant_type") == "authorization_code":
        found = oauth.take_code(call, client_ok=client_ok)
        refresh = ""
        if "offline.access" in found["scopes"]:
            refresh = oauth.issue_refresh(found["account"], found["scopes"])
    elif call.given("grant_type") == "refresh_token":
        if not client_ok:
            raise Refusal(401, {"error": "unauthorized_client"})
        refresh, found = oauth.rotate(state, call.given("refresh_token"))
    else:
        raise Refusal(400, {"error": "unsupported_grant_type"})
    access = oauth.issue(state, found["account"], found["scopes"], seconds=TOKEN_SECONDS)
    answer = {"token_type": "bearer", "expires_in": TOKEN_SECONDS, "access_token": access}
    answer["scope"] = " ".join(sorted(found["scopes"]))
    return {**answer, "refresh_token": refresh} if refresh else answer


@routes("GET", "/2/users/me", "me")
@guarded("me", "users.read", "tweet.read")
def me(call: Call, grant: Grant) -> JSON:
    state: XState = call.state
    asked = set(filter(None, str(call.query.get("user.fields", "")).split(",")))
    for name in asked - USER_FIELDS:
        raise invalid("user.fields", f"[{name}] is not one of the fields", name)
    account_id = state.id_of(grant.account)
    state.charge("user_read", account_id)
    return {"data": user(state, account_id, asked)}


def user(state: XState, account_id: str, asked: set[str]) -> JSON:
    name = state.names[account_id]
    own = [post["id"] for post in state.written if post["name"] == name]
    found = {"id": account_id, "name": name.title(), "username": name}
    if "profile_image_url" in asked:
        found["profile_image_url"] = f"https://pbs.twimg.com/profile_images/{account_id}.jpg"
    newest = asked & {"most_recent_tweet_id", "most_recent_post_id"}
    if newest and own:
        found[newest.pop()] = own[-1]
    if "public_metrics" in asked:
        counted = {"followers_count": 1234, "following_count": 56, "listed_count": 7}
        found["public_metrics"] = {**counted, f"{state.mode['words']}_count": len(own)}
    return found
