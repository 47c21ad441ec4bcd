"""A stand-in for Meta's Threads, written from its documentation.

https://developers.facebook.com/docs/threads (graph.threads.net, v1.0)
Control of its own: POST /control/replies {"parent", "text", "author"},
/control/mentions {"account", "text", "author"}, /control/metrics {"id", metric: number},
/control/revoke {"account"}, /control/delete {"id"}, /control/mine {"account", "text"},
/control/consent {"account", "scopes"}.
"""

from __future__ import annotations

import re
from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, Routes
from socialhub.tests.support.standins import meta_containers as meta
from socialhub.tests.support.standins.meta_containers import ID, Container, V, error
from socialhub.tests.support.standins.meta_logins import long_token, refreshed, short_token
from socialhub.tests.support.standins.meta_pictures import picture

QUOTA, REPLY_QUOTA = 250, 1_000
LIMIT, LINKS, CAROUSEL = 500, 5, 20
BASIC, PUBLISH = "threads_basic", "threads_content_publish"
MANAGE, READ = "threads_manage_replies", "threads_read_replies"
INSIGHTS = "threads_manage_insights"
METRICS = {"views", "likes", "replies", "reposts", "quotes", "shares"}
ON_POST = {
    "id",
    "text",
    "username",
    "timestamp",
    "permalink",
    "media_type",
    "has_replies",
    "replied_to",
    "root_post",
    "is_reply",
    "is_reply_owned_by_me",
    "hide_status",
}
# Code points that are emoji or hold emoji together: joiner, variant, keycap, tags, skin, flags.
EMOJI = re.compile(
    "[\u200d\ufe0f\u20e3\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)


class State(meta.MetaState):
    prefix, digits = "th", "2784"


routes, control = Routes(), Routes()

# -- logins --------------------------------------------------------------------------


@routes("GET", "/oauth/authorize", "authorize")
def authorize(call: Call) -> Reply:
    return call.state.oauth.consent(call, ",")


@routes("POST", "/oauth/access_token", "token")
def token(call: Call) -> JSON:
    """Does not say what was granted."""
    said = short_token(call)
    return {name: said[name] for name in ("access_token", "user_id")}


@routes("GET", "/access_token", "token")
def long_lived(call: Call) -> JSON:
    return long_token(call)


@routes("GET", "/refresh_access_token", "refresh")
def refresh(call: Call) -> JSON:
    return refreshed(call)


@routes("GET", V + "/me", "me")
def me(call: Call) -> JSON:
    state: State = call.state
    name = state.caller(call, BASIC)
    known = {
        "id": state.id_of(name),
        "username": name,
        "name": name.title(),
        "threads_profile_picture_url": f"{call.base}/{name}.jpg",
    }
    return {key: known[key] for key in meta.asked(call, set(known), "ThreadsUser")}


# -- publishing ----------------------------------------------------------------------


@routes("POST", f"{V}/{ID}/threads", "upload")
def create(call: Call) -> JSON:
    state: State = call.state
    name = state.owner(call, PUBLISH)
    check_text(call.given("text"))
    parent_id = call.given("reply_to_id")
    if parent_id:
        state.caller(call, MANAGE)
        if not any(one["id"] == parent_id for one in state.published):
            raise error(400, 24, "The requested resource does not exist", 4279009)
    kind = call.given("media_type")
    made = state.container(
        call,
        name,
        call.given("text"),
        parent_id=parent_id,
        child=call.given("is_carousel_item") == "true",
    )
    try:
        made.media = media_of(call, kind, made)
    except Refusal:
        del state.containers[made.id]
        raise
    return {"id": made.id}


def check_text(text: str) -> None:
    counted = sum(len(c.encode()) if EMOJI.match(c) else 1 for c in text)
    if counted > LIMIT:
        raise error(400, 100, f"Param text must be at most {LIMIT} characters long.")
    if len(set(re.findall(r"https?://\S+", text))) > LINKS:
        raise error(400, 100, "THREADS_API__LINK_LIMIT_EXCEEDED", error_user_title="Too many links")


def media_of(call: Call, kind: str, made: Container) -> list[JSON]:
    """The pictures of a container, fetched; those of its parts for a carousel."""
    state: State = call.state
    if kind == "TEXT":
        if not made.text:
            raise error(400, 100, "(#100) The parameter text is required")
        return []
    if kind == "CAROUSEL":
        return carousel(call, made)
    if kind != "IMAGE" or not call.given("image_url"):
        raise error(400, 100, f"(#100) media_type {kind!r} without image_url")
    try:
        fetched = picture(state, call.given("image_url"), None)
    except Refusal as refusal:
        if not state.mode["late"]:
            raise
        code = refusal.body["error"]["error_subcode"]
        made.failure = f"FAILED_DOWNLOADING_MEDIA {code}"
        return []
    return [{**fetched, "alt_text": call.given("alt_text")}]


def carousel(call: Call, made: Container) -> list[JSON]:
    state: State = call.state
    children = [state.containers.get(one) for one in call.given("children").split(",")]
    known = [one for one in children if one and one.child and one.account == made.account]
    if len(known) != len(children) or not 2 <= len(known) <= CAROUSEL:
        raise error(400, 100, f"(#100) A carousel holds 2 to {CAROUSEL} children")
    if any(state.status(one) != "FINISHED" for one in known):
        raise error(400, 9007, "A child of the carousel is not ready", 2207027)
    return [picture for one in known for picture in one.media]


@routes("GET", f"{V}/{ID}/threads_publishing_limit", "quota")
def limit(call: Call) -> JSON:
    name = call.state.owner(call, PUBLISH)
    posts, replies = used(call.state, name)
    return {
        "data": [
            {
                "quota_usage": posts,
                "config": {"quota_total": QUOTA, "quota_duration": 86400},
                "reply_quota_usage": replies,
                "reply_config": {"quota_total": REPLY_QUOTA, "quota_duration": 86400},
            }
        ]
    }


def used(state: State, name: str) -> tuple[int, int]:
    mine = [one for one in state.published if one["account"] == name]
    replies = sum(bool(one["parent_id"]) for one in mine)
    posts = len(mine) - replies
    return state.mode["quota_used"] + posts, state.mode["reply_quota_used"] + replies


@routes("POST", f"{V}/{ID}/threads_publish", "publish")
def publish(call: Call) -> JSON:
    state: State = call.state
    name = state.owner(call, PUBLISH)
    made = state.taken(call, name)
    posts, replies = used(state, name)
    if (replies >= REPLY_QUOTA) if made.parent_id else (posts >= QUOTA):
        made.published = False
        raise error(403, 9, "You reached the maximum number of posts of a day.", 2207042)
    return {"id": state.add(name, made.text, media=made.media, parent_id=made.parent_id)["id"]}


@routes("GET", f"{V}/({meta.CONTAINER})", "look")
def container(call: Call) -> JSON:
    state: State = call.state
    state.caller(call, BASIC)
    found = state.containers.get(call.parts[0])
    if found is None:
        raise meta.no_object(call.parts[0])
    meta.asked(call, {"id", "status", "error_message"}, "ThreadsContainer")
    said = {"id": found.id, "status": state.status(found, looking=True)}
    return {**said, **({"error_message": found.failure} if found.failure else {})}


# -- reading -------------------------------------------------------------------------


@routes("GET", f"{V}/{ID}/threads", "look")
def posts(call: Call) -> JSON:
    return own(call, replies=False)


@routes("GET", f"{V}/me/replies", "look")
@routes("GET", f"{V}/(2784\\d{{13}})/replies", "look")
def replies(call: Call) -> JSON:
    return own(call, replies=True)


def own(call: Call, *, replies: bool) -> JSON:
    state: State = call.state
    name = state.owner(call, READ if replies else BASIC)
    rows = [
        one
        for one in reversed(state.published)
        if one["account"] == name and bool(one["parent_id"]) is replies and not one.get("names")
    ]
    return shown(call, rows, name)


@routes("GET", f"{V}/{ID}/(conversation|replies)", "interactions")
def below(call: Call) -> JSON:
    """All replies below a root, or those to one post; newest first with reverse=true."""
    state: State = call.state
    name = state.caller(call, READ)
    top = state.find(call.parts[0])
    if call.parts[1] == "replies":
        found = [one for one in state.published if one["parent_id"] == top["id"]]
    else:
        found = descendants(state, top["id"])
    rows = found[::-1] if call.given("reverse", "true") == "true" else found
    return shown(call, rows, name)


@routes("GET", f"{V}/{ID}/mentions", "interactions")
def mentions(call: Call) -> JSON:
    state: State = call.state
    name = state.owner(call, BASIC)
    return shown(call, [one for one in state.published[::-1] if one.get("names") == name], name)


def shown(call: Call, rows: list[JSON], viewer: str) -> JSON:
    wanted = meta.asked(call, ON_POST, "ThreadsMedia")
    return meta.page(call, [post_as(call.state, one, wanted, viewer) for one in rows])


@routes("GET", f"{V}/{ID}/insights", "metrics")
def numbers(call: Call) -> JSON:
    """For a root `replies` counts the conversation, for a reply the direct ones."""
    state: State = call.state
    state.caller(call, INSIGHTS)
    one = state.find(call.parts[0])
    below = descendants(state, one["id"])
    if one["parent_id"]:
        below = [each for each in below if each["parent_id"] == one["id"]]
    values = {**dict.fromkeys(METRICS, 0), "replies": len(below)}
    return meta.insights(call, one["id"], METRICS, values | state.numbers.get(one["id"], {}))


@routes("GET", f"{V}/{ID}/threads_insights", "audience")
def profile_numbers(call: Call) -> JSON:
    call.state.owner(call, INSIGHTS)
    if call.given("metric") == "views":
        day = {"value": 7, "end_time": "2026-11-26T08:00:00+0000"}
        return {"data": [{"name": "views", "period": "day", "values": [day]}]}
    if call.given("metric") != "followers_count":
        raise error(400, 100, "(#100) metric[0] must be one of: followers_count, views")
    total = {"name": "followers_count", "period": "day", "total_value": {"value": 1_234}}
    return {"data": [total]}


@routes("GET", f"{V}/{ID}", "metrics")
def post(call: Call) -> JSON:
    state: State = call.state
    name = state.caller(call, BASIC)
    wanted = meta.asked(call, ON_POST, "ThreadsMedia")
    return post_as(state, state.find(call.parts[0]), wanted, name)


def descendants(state: State, top: str) -> list[JSON]:
    """Replies below a post, at any depth, oldest first."""
    known, found = {top}, []
    for one in state.published:
        if one["parent_id"] in known:
            known.add(one["id"])
            found.append(one)
    return found


def post_as(state: State, one: JSON, wanted: dict[str, str], viewer: str) -> JSON:
    held: JSON = {
        "id": one["id"],
        "text": one["text"],
        "username": one["account"],
        "timestamp": one["created_at"].partition(".")[0] + "+0000",
        "permalink": f"https://www.threads.net/@{one['account']}/post/{one['id']}",
        "media_type": "IMAGE" if one["media"] else "TEXT_POST",
        "has_replies": bool(descendants(state, one["id"])),
        "is_reply": bool(one["parent_id"]),
        "is_reply_owned_by_me": one["account"] == viewer,
        "hide_status": "NOT_HUSHED",
    }
    if one["parent_id"]:
        held["replied_to"] = {"id": one["parent_id"]}
        held["root_post"] = {"id": root_of(state, one)}
    return {key: held[key] for key in wanted if key in held}


def root_of(state: State, one: JSON) -> str:
    by_id = {each["id"]: each for each in state.published}
    while one["parent_id"] in by_id:
        one = by_id[one["parent_id"]]
    return one["id"]


# -- behind the network's back ---------------------------------------------------------


@control("POST", "/control/replies", "")
def people_reply(call: Call) -> JSON:
    call.state.find(call.given("parent"))
    return by_somebody(call, parent_id=call.given("parent"))


@control("POST", "/control/mentions", "")
def people_mention(call: Call) -> JSON:
    return by_somebody(call, names=call.given("account"))


def by_somebody(call: Call, **more: Any) -> JSON:
    made = call.state.add(call.given("author", "ana"), call.given("text"), person=True, **more)
    return {"id": made["id"]}


meta.controls(control)
APP: Any = meta.MetaStandIn(
    State(), routes, control=control, limited=meta.limited, headers=meta.usage
)
