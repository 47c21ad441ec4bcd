"""What a test does behind X's back."""

from __future__ import annotations

from datetime import timedelta

from socialhub.tests.support.standin.kit import JSON, Call, Routes
from socialhub.tests.support.standins.x.state import FIRST_MS, XState

routes = Routes()


@routes("POST", "/control/comments", "")
def comment(call: Call) -> JSON:
    """{"text", "author", "parent": id or "", "quoted": id or ""}: somebody writes."""
    given, state = call.body, call.state
    author = str(given.get("author", "ana"))
    quoted = str(given.get("quoted", ""))
    post = state.write(author, str(given["text"]), str(given.get("parent", "")), quoted=quoted)
    return {"id": post["id"]}


@routes("POST", "/control/write", "")
def write(call: Call) -> JSON:
    """{"account", "text", "days_ago"}: a post of ours from another program, or an old one."""
    state: XState = call.state
    made = state.now() - timedelta(days=float(call.body.get("days_ago", 0)))
    post_id = str((int(made.timestamp() * 1000) - FIRST_MS) << 22)
    more = {"id": post_id, "created_at": made} if call.body.get("days_ago") else {}
    post = state.write(str(call.body["account"]), str(call.body["text"]), **more)
    return {"id": post["id"]}


@routes("POST", "/control/metrics", "")
def metrics(call: Call) -> JSON:
    """{"id", "like_count": 3, "url_link_clicks": 2, …}"""
    post = call.state.post(str(call.body["id"]))
    assert post is not None
    post["counters"] |= {name: n for name, n in call.body.items() if name != "id"}
    return {}


@routes("POST", "/control/delete", "")
def delete(call: Call) -> JSON:
    state: XState = call.state
    state.written = [post for post in state.written if post["id"] != call.body["id"]]
    return {}


@routes("POST", "/control/revoke", "")
def revoke(call: Call) -> JSON:
    """{"account"}: they took our rights away. {"account", "back": true}: and gave them back."""
    change = "discard" if call.body.get("back") else "add"
    getattr(call.state.oauth.revoked, change)(str(call.body["account"]))
    return {}


@routes("POST", "/control/grants", "")
def grants(call: Call) -> JSON:
    """{"scopes": [...] or null, "account"}: what the person ticks, and who they are."""
    oauth = call.state.oauth
    if "scopes" in call.body:
        scopes = call.body["scopes"]
        oauth.granted = None if scopes is None else frozenset(scopes)
    oauth.account = str(call.body.get("account", oauth.account))
    return {}


@routes("GET", "/control/charged", "")
def charged(call: Call) -> JSON:
    """What X charged so far, and what it comes to."""
    return {**call.state.charged, "usd": str(call.state.spent())}


@routes("GET", "/control/media", "")
def media(call: Call) -> JSON:
    return call.state.media
