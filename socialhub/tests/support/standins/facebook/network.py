"""The addresses: login, publishing, reading."""

from __future__ import annotations

import json
import re
from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, Routes
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET
from socialhub.tests.support.standin.server import StandIn
from socialhub.tests.support.standins import graph
from socialhub.tests.support.standins import meta_containers as meta
from socialhub.tests.support.standins.facebook.shown import listed, page, shown
from socialhub.tests.support.standins.facebook.state import TASKS, State
from socialhub.tests.support.standins.meta_containers import (
    HOUR,
    SIXTY_DAYS,
    error,
    nonexisting,
)

# Facebook has no addresses without a version that we use.
V, ID = r"/v\d+\.\d+", r"([A-Za-z0-9_.:-]+)"
PUBLISH, READ = "pages_manage_posts", "pages_read_engagement"
COMMENT, PEOPLE = "pages_manage_engagement", "pages_read_user_content"
TEXT, COMMENT_TEXT, PHOTO_BYTES = 63_206, 8_000, 10_000_000

routes, control = Routes(), Routes()

# -- logins --------------------------------------------------------------------------


@routes("GET", V + "/dialog/oauth", "authorize")
def dialog(call: Call) -> Reply:
    return call.state.oauth.consent(call, ",")


@routes("POST", V + "/oauth/access_token", "token")
def token(call: Call) -> JSON:
    state: State = call.state
    if call.given("grant_type") == "fb_exchange_token":
        return _long_lived(call)
    try:
        found = state.oauth.take_code(call, client_ok=state.oauth.client_in_body(call))
    except Refusal:
        raise error(400, 190, "This authorization code has been used or has expired.") from None
    made = state.oauth.issue(state, found["account"], found["scopes"], seconds=HOUR, kind="short")
    return {"access_token": made, "token_type": "bearer", "expires_in": int(HOUR)}


def _long_lived(call: Call) -> JSON:
    state: State = call.state
    if not state.oauth.client_in_body(call):
        raise error(400, 101, "Error validating application.")
    grant = state.grant(call, call.given("fb_exchange_token"))
    made = state.oauth.issue(state, grant.account, grant.scopes, seconds=SIXTY_DAYS, kind="long")
    state.note("long_lived", account=grant.account)
    return {"access_token": made, "token_type": "bearer", "expires_in": int(SIXTY_DAYS)}


@routes("GET", V + "/me/permissions", "me")
def permissions(call: Call) -> JSON:
    grant = call.state.grant(call)
    if not call.state.is_person(grant):
        raise nonexisting("permissions", "Page")
    asked = {PUBLISH, READ, COMMENT, PEOPLE, "read_insights", "pages_show_list"}
    ticked = asked if "*" in grant.scopes else grant.scopes
    return {
        "data": [
            {"permission": one, "status": "granted" if one in ticked else "declined"}
            for one in sorted(asked)
        ]
    }


@routes("GET", V + "/me/accounts", "me")
def accounts(call: Call) -> JSON:
    state: State = call.state
    grant = state.grant(call)
    if not state.is_person(grant):
        raise nonexisting("accounts", "Page")
    own = [{"name": grant.account.removeprefix("user:"), "tasks": TASKS}]
    rows = []
    for one in own if state.pages is None else state.pages:
        name = one["name"]
        # A page's token ends with a short-lived token, and never with a long-lived one.
        seconds = HOUR if grant.kind == "short" else None
        issued = state.oauth.issue(state, name, grant.scopes, seconds=seconds, kind="page")
        rows.append(
            {
                "id": state.id_of(name),
                "name": name.title(),
                "username": name,
                "access_token": issued,
                "tasks": one.get("tasks", TASKS),
                "category": "Office supplies",
            }
        )
    return page(rows, call.query)


@routes("POST", V + "/debug_token", "me")
def debug(call: Call) -> JSON:
    """A GET in disguise, so that the token inspected stands in no address."""
    if call.given("method") != "get":
        raise error(400, 100, "Unsupported post request.")
    state: State = call.state
    inspected = call.given("input_token")
    if call.bearer not in (inspected, f"{CLIENT_ID}|{CLIENT_SECRET}"):
        raise error(400, 100, "(#100) You must provide an app access token")
    grant = state.grant(call, inspected)
    every = [PUBLISH, READ, COMMENT, PEOPLE, "read_insights", "pages_show_list"]
    scopes = every if "*" in grant.scopes else sorted(grant.scopes)
    end = int(grant.expires_at.timestamp()) if grant.expires_at else 0
    return {"data": {"is_valid": True, "expires_at": end, "scopes": scopes}}


@routes("GET", V + "/me", "me")
def me(call: Call) -> JSON:
    state: State = call.state
    grant = state.grant(call)
    held: JSON = {"id": state.id_of(grant.account), "name": grant.account.title()}
    if not state.is_person(grant):
        fans = state.mode["fans"]
        held |= {"username": grant.account, "fan_count": fans, "followers_count": fans + 3}
    wanted = graph.parsed(call.given("fields", "id,name"))
    for name in wanted:
        if name not in held:
            raise nonexisting(name, "User" if state.is_person(grant) else "Page")
    return {name: held[name] for name in {"id", *wanted}}


# -- publishing ----------------------------------------------------------------------


@routes("POST", f"{V}/{ID}/photos", "upload")
def photos(call: Call) -> JSON:
    state: State = call.state
    name = state.own_page(call, PUBLISH)
    mime, content = call.files.get("source", ("", b""))
    if not mime.startswith("image/") or not 0 < len(content) <= PHOTO_BYTES:
        raise error(400, 324, "(#324) Missing or invalid image file")
    if call.given("published") != "false":
        raise error(400, 100, "(#100) This stand-in takes unpublished photos only")
    made = state.new_id()
    alt = call.given("alt_text_custom")
    state.photos[made] = {"id": made, "account": name, "mime": mime, "alt_text": alt}
    return {"id": made}


@routes("POST", f"{V}/{ID}/feed", "publish")
def feed(call: Call) -> JSON:
    state: State = call.state
    name = state.own_page(call, PUBLISH, READ)
    ids = [
        json.loads(value)["media_fbid"]
        for key, value in sorted(call.body.items())
        if re.fullmatch(r"attached_media\[\d+\]", key)
    ]
    text, link = call.given("message"), call.given("link")
    if not text and not link and not ids:
        raise error(400, 100, "(#100) Missing message or attachment")
    if link and (ids or not link.startswith("http")):
        raise error(400, 100, "(#100) link must be an address, without attached_media")
    _acceptable(
        state, text, TEXT, [one["text"] for one in state.published if one["account"] == name]
    )
    return _answered(state, state.publish(name, text, media=_taken(state, name, ids), link=link))


@routes("POST", f"{V}/{ID}/comments", "publish")
def comment(call: Call) -> JSON:
    state: State = call.state
    name = state.page(call, COMMENT)
    above = state.find(call.parts[0])
    if state.depth(above) > 1:
        raise error(400, 100, "(#100) A reply to a reply cannot be commented on")
    ids = [call.given("attachment_id")] if call.given("attachment_id") else []
    text = call.given("message")
    if not text and not ids:
        raise error(400, 100, "(#100) Missing message or attachment")
    _acceptable(state, text, COMMENT_TEXT, [one["text"] for one in state.under(above)])
    return _answered(state, state.publish(name, text, above, media=_taken(state, name, ids)))


def _acceptable(state: State, text: str, limit: int, earlier: list[str]) -> None:
    if state.mode["blocked"]:
        raise error(400, 368, "The action attempted has been deemed abusive or is disallowed.")
    if state.mode["duplicates"] and text in earlier:
        raise error(400, 506, "Duplicate status message")
    if len(text) > limit:
        raise error(400, 100, "(#100) The message is too long")


def _taken(state: State, name: str, ids: list[str]) -> list[JSON]:
    """Photos that hang on a post from now on; each belongs to one post."""
    found = [state.photos.get(one) for one in ids]
    if any(one is None or one["account"] != name or one.get("used") for one in found):
        raise error(400, 100, "(#100) Invalid parameter: no such unpublished photo")
    media = [one for one in found if one]
    for one in media:
        one["used"] = True
    return media


def _answered(state: State, made: JSON) -> JSON:
    if state.mode["transient"]:
        raise error(400, 2, "An unexpected error has occurred. Retry later.", is_transient=True)
    return {"id": made["id"]}


# -- reading -------------------------------------------------------------------------


@routes("GET", f"{V}/{ID}/published_posts", "look")
def published(call: Call) -> JSON:
    return _posts(call, call.state.own_page(call, READ))


@routes("GET", f"{V}/{ID}/feed", "interactions")
def timeline(call: Call) -> JSON:
    return _posts(call, call.state.own_page(call, READ, PEOPLE))


def _posts(call: Call, name: str) -> JSON:
    state: State = call.state
    fields = graph.parsed(call.given("fields", "id,message,created_time"))
    rows = [
        shown(state, one, fields)
        for one in reversed(state.published)
        if one["account"] == name and not one["parent_id"] and not one.get("tags")
    ]
    return page(rows, call.query)


@routes("GET", f"{V}/{ID}/tagged", "interactions")
def tagged(call: Call) -> JSON:
    state: State = call.state
    name = state.own_page(call, READ, PEOPLE)
    fields = graph.parsed(call.given("fields", "id,message,created_time"))
    return page(
        [shown(state, one, fields) for one in reversed(state.published) if one.get("tags") == name],
        call.query,
    )


@routes("GET", f"{V}/{ID}/comments", "look")
def comments(call: Call) -> JSON:
    state: State = call.state
    state.page(call, READ)
    one = state.find(call.parts[0])
    fields = graph.parsed(call.given("fields", "id,message,created_time"))
    return page([shown(state, row, fields) for row in listed(state, one, call.query)], call.query)


@routes("GET", f"{V}/{ID}/insights", "metrics")
def insights(call: Call) -> JSON:
    state: State = call.state
    state.page(call, READ, "read_insights")
    one = state.find(call.parts[0])
    field = graph.Field(modifiers={"metric": call.given("metric")})
    return shown(state, one, {"insights": field})["insights"]


@routes("GET", V + "/?", "metrics")
def many(call: Call) -> JSON:
    """?ids=…: one that is not there fails the whole call."""
    ids = call.given("ids").split(",")
    if not 1 <= len(ids) <= 50:
        raise error(400, 100, "(#100) Too many ids")
    return {one: _one(call, one) for one in ids}


@routes("GET", f"{V}/{ID}", "metrics")
def single(call: Call) -> JSON:
    return _one(call, call.parts[0])


def _one(call: Call, remote_id: str) -> JSON:
    state: State = call.state
    fields = graph.parsed(call.given("fields", "id"))
    state.page(call, READ, *(["read_insights"] if "insights" in fields else []))
    return shown(state, state.find(remote_id), fields)


# -- behind the network's back ---------------------------------------------------------


@control("POST", "/control/comments", "")
def people_comment(call: Call) -> JSON:
    state: State = call.state
    hidden = bool(call.body.get("hidden_author"))
    author, above = call.given("author", "ana"), state.find(call.given("parent"))
    text = call.given("text")
    return {"id": state.publish(author, text, above, person=True, hidden_author=hidden)["id"]}


@control("POST", "/control/tags", "")
def people_tag(call: Call) -> JSON:
    """A post of somebody that names the page."""
    state: State = call.state
    name = state.name_of(call.given("account"))
    author, text = call.given("author", "ana"), call.given("text")
    return {"id": state.publish(author, text, person=True, tags=name)["id"]}


@control("POST", "/control/revoke", "")
def revoke(call: Call) -> JSON:
    state: State = call.state
    name = state.name_of(call.given("account"))
    state.oauth.revoked.add(name)
    state.subcodes[name] = int(call.given("subcode", "458"))
    return {}


@control("POST", "/control/pages", "")
def set_pages(call: Call) -> JSON:
    call.state.pages = call.body["pages"]
    return {}


@control("POST", "/control/mine", "")
def mine(call: Call) -> JSON:
    """A post made on Facebook itself."""
    state: State = call.state
    return {"id": state.publish(state.name_of(call.given("account")), call.given("text"))["id"]}


meta.controls(control)


def _broken(exc: Exception) -> Reply:
    refused = error(400, 100, f"(#100) Invalid parameter: {exc!r}")
    return Reply(refused.body, refused.status)


APP: Any = StandIn(
    State(), routes, control=control, limited=meta.limited, headers=meta.usage, broken=_broken
)
