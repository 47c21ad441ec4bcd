"""What happens behind the network's back."""

from __future__ import annotations

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Routes
from socialhub.tests.support.standins.linkedin import social
from socialhub.tests.support.standins.linkedin.state import LinkedIn, page_of

routes = Routes()


@routes("POST", r"/control/comments", "control")
def comment(call: Call) -> JSON:
    """Somebody comments: {"parent", "text", "author", "name"}."""
    state: LinkedIn = call.state
    author = f"urn:li:person:{call.given('author', 'ana')}"
    made = social.add(state, author, call.body["parent"], call.body["text"])
    made["name"] = call.given("name")
    return {"id": made["id"]}


@routes("POST", r"/control/revoke", "control")
def revoke(call: Call) -> JSON:
    call.state.oauth.revoked.add(call.given("account"))
    return {}


@routes("POST", r"/control/grant", "control")
def grant(call: Call) -> JSON:
    """The rights a person ticks from now on: {"scopes": [...] or null}."""
    scopes = call.body.get("scopes")
    call.state.oauth.granted = None if scopes is None else frozenset(scopes)
    return {}


@routes("POST", r"/control/expire", "control")
def expire(call: Call) -> JSON:
    """Every issued access token ends now."""
    for held in call.state.oauth.tokens.values():
        held.expires_at = call.state.now()
    return {}


@routes("POST", r"/control/token", "control")
def token(call: Call) -> JSON:
    """A token with some rights only: {"account", "scopes"}."""
    scopes = frozenset(call.body["scopes"])
    return {"token": call.state.oauth.issue(call.state, call.body["account"], scopes)}


@routes("POST", r"/control/roles", "control")
def roles(call: Call) -> JSON:
    """What a member may do: {"account", "pages": {name: role}}."""
    call.state.roles[call.body["account"]] = dict(call.body["pages"])
    for name in call.body["pages"]:
        call.state.page(name)
    return {name: page_of(name) for name in call.body["pages"]}


@routes("POST", r"/control/metrics", "control")
def metrics(call: Call) -> JSON:
    """Counters of a post or comment: {"id", "likes", "impressions", …}."""
    counters = {name: value for name, value in call.body.items() if name != "id"}
    if "likes" in counters:
        call.state.likes[call.body["id"]] = counters["likes"]
    call.state.statistics.setdefault(call.body["id"], {}).update(counters)
    return {}


@routes("POST", r"/control/delete", "control")
def delete(call: Call) -> JSON:
    """A post or comment goes, with what is under it."""
    state: LinkedIn = call.state
    gone = call.body["id"]
    if gone not in state.written and gone not in state.comments:
        raise Refusal(404, {"error": "no such post"})
    state.written.pop(gone, None)
    below = [c["id"] for c in state.comments.values() if gone in (c["id"], c["post"], c["parent"])]
    for one in below:
        state.comments.pop(one, None)
    return {}


@routes("POST", r"/control/touch", "control")
def touch(call: Call) -> JSON:
    """Somebody edits a post: it is the last modified now. {"id"}"""
    call.state.written[call.body["id"]]["lastModifiedAt"] = call.state.millis()
    return {}
