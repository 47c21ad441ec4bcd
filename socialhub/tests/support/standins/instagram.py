"""A stand-in for Instagram with Instagram Login, written from Meta's documentation.

https://developers.facebook.com/docs/instagram-platform (graph.instagram.com)
Control of its own: POST /control/comments {"parent", "text", "author"},
/control/metrics {"id", metric: number}, /control/revoke {"account"}, /control/delete {"id"},
/control/mine {"account", "text"} (a post made in Instagram's own app), /control/consent {"account",
"scopes"}.
"""

from __future__ import annotations

import re
from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, Routes
from socialhub.tests.support.standins import meta_containers as meta
from socialhub.tests.support.standins.meta_containers import ID, Container, V, error
from socialhub.tests.support.standins.meta_logins import long_token, refreshed, short_token
from socialhub.tests.support.standins.meta_pictures import picture

RATIOS = (0.8, 1.91)
QUOTA = 100
CAPTION, COMMENT = 2_200, 2_200
BASIC, PUBLISH = "instagram_business_basic", "instagram_business_content_publish"
COMMENTS, INSIGHTS = "instagram_business_manage_comments", "instagram_business_manage_insights"
# impressions and plays are gone since 21 April 2025.
METRICS = {
    "views",
    "reach",
    "saved",
    "shares",
    "likes",
    "comments",
    "total_interactions",
    "profile_visits",
    "follows",
}
ON_MEDIA = {
    "id",
    "caption",
    "timestamp",
    "permalink",
    "media_type",
    "like_count",
    "comments_count",
}
ON_COMMENT = {"id", "text", "timestamp", "username", "from", "like_count", "replies", "parent_id"}


class State(meta.MetaState):
    prefix, digits = "ig", "1784"


routes, control = Routes(), Routes()

# -- logins --------------------------------------------------------------------------


@routes("GET", "/oauth/authorize", "authorize")
def authorize(call: Call) -> Reply:
    return call.state.oauth.consent(call, ",")


@routes("POST", "/oauth/access_token", "token")
def token(call: Call) -> JSON:
    return {"data": [short_token(call)]}


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
        "user_id": state.id_of(name),
        "username": name,
        "name": name.title(),
        "account_type": "BUSINESS",
        "profile_picture_url": f"{call.base}/{name}.jpg",
        "followers_count": 1_234,
        "follows_count": 56,
        "media_count": sum(is_media(one) and one["account"] == name for one in state.published),
    }
    # The id of the account within this app is another one.
    wanted = meta.asked(call, {"id", *known}, "IGUser")
    return {**{key: known[key] for key in wanted if key != "id"}, "id": f"9{state.id_of(name)}"}


# -- publishing ----------------------------------------------------------------------


@routes("POST", f"{V}/{ID}/media", "upload")
def create(call: Call) -> JSON:
    state: State = call.state
    name = state.owner(call, PUBLISH)
    caption, child = call.given("caption"), call.given("is_carousel_item") == "true"
    check_caption(caption)
    if call.given("media_type") == "CAROUSEL":
        made = carousel(call, name, caption)
    elif not call.given("image_url"):
        raise error(400, 100, "(#100) The parameter image_url is required")
    else:
        made = single(call, name, caption, child)
    return {"id": made.id}


def check_caption(caption: str) -> None:
    if len(caption) > CAPTION:
        raise error(400, 36004, "The caption is too long.", 2207010)
    if len(re.findall(r"#\w+", caption)) > 30 or len(re.findall(r"@\w+", caption)) > 20:
        raise error(400, 100, "(#100) Too many hashtags or mentions in the caption", 2207040)


def single(call: Call, name: str, caption: str, child: bool) -> Container:
    state: State = call.state
    made = state.container(call, name, caption, child=child)
    try:
        fetched = picture(state, call.given("image_url"), RATIOS)
    except Refusal as refusal:
        if not state.mode["late"]:
            del state.containers[made.id]
            raise
        said = refusal.body["error"]
        made.failure = f"Error: Media upload has failed with error code {said['error_subcode']}"
    else:
        made.media = [{**fetched, "alt_text": call.given("alt_text")}]
    return made


def carousel(call: Call, name: str, caption: str) -> Container:
    state: State = call.state
    ids = call.given("children").split(",")
    children = [state.containers.get(one) for one in ids]
    if not 2 <= len(children) <= 10 or any(
        one is None or not one.child or one.account != name for one in children
    ):
        raise error(400, 100, "The carousel does not hold 2 to 10 children.", 2207028)
    if any(state.status(one) != "FINISHED" for one in children if one):
        raise error(400, 9007, "Media ID is not available: a child is not ready", 2207027)
    media = [picture for one in children if one for picture in one.media]
    return state.container(call, name, caption, media=media)


@routes("GET", f"{V}/{ID}/content_publishing_limit", "quota")
def limit(call: Call) -> JSON:
    name = call.state.owner(call, PUBLISH)
    config = {"quota_total": QUOTA, "quota_duration": 86400}
    return {"data": [{"quota_usage": used(call.state, name), "config": config}]}


def used(state: State, name: str) -> int:
    out = sum(is_media(one) and one["account"] == name for one in state.published)
    return int(state.mode["quota_used"]) + out


@routes("POST", f"{V}/{ID}/media_publish", "publish")
def publish(call: Call) -> JSON:
    state: State = call.state
    name = state.owner(call, PUBLISH)
    if used(state, name) >= QUOTA:
        raise error(403, 9, "You reached the maximum number of posts of a day.", 2207042)
    made = state.taken(call, name)
    return {"id": state.add(name, made.text, media=made.media)["id"]}


# -- comments ------------------------------------------------------------------------


@routes("POST", f"{V}/{ID}/comments", "publish")
def comment(call: Call) -> JSON:
    if not is_media(call.state.find(call.parts[0])):
        raise error(400, 100, "(#100) Comments are made on media", 33)
    return said(call)


@routes("POST", f"{V}/{ID}/replies", "publish")
def answer(call: Call) -> JSON:
    state: State = call.state
    above = state.find(call.parts[0])
    if is_media(above) or not is_media(state.find(above["parent_id"])):
        raise error(400, 100, "(#100) Only a comment on a post can be answered")
    return said(call)


def said(call: Call) -> JSON:
    state: State = call.state
    name = state.caller(call, COMMENTS)
    if not call.given("message") or len(call.given("message")) > COMMENT:
        raise error(400, 100, "(#100) The message is empty or too long")
    made = state.add(name, call.given("message"), parent_id=call.parts[0], comment=True)
    return {"id": made["id"]}


@routes("GET", f"{V}/{ID}/comments", "interactions")
def comments(call: Call) -> JSON:
    state: State = call.state
    state.caller(call, COMMENTS)
    state.find(call.parts[0])
    return listed_comments(call, call.parts[0])


@routes("GET", f"{V}/{ID}/replies", "interactions")
def answers(call: Call) -> JSON:
    return comments(call)


def listed_comments(call: Call, above: str) -> JSON:
    wanted = meta.asked(call, ON_COMMENT, "IGComment")
    rows = [comment_as(call, one, wanted) for one in under(call.state, above)]
    return meta.page(call, rows)


def under(state: State, above: str) -> list[JSON]:
    """Comments on something, newest first."""
    return [one for one in reversed(state.published) if one["parent_id"] == above]


def comment_as(call: Call, one: JSON, wanted: dict[str, str]) -> JSON:
    state: State = call.state
    inner = wanted.get("replies", "")
    held: JSON = {
        "id": one["id"],
        "text": one["text"],
        "timestamp": stamp(one),
        "username": one["account"],
        "from": {"id": state.id_of(one["account"]), "username": one["account"]},
        "like_count": state.numbers.get(one["id"], {}).get("likes", 0),
        "parent_id": one["parent_id"],
    }
    answers = under(state, one["id"])
    if inner and answers:
        fields = meta.split_fields(inner)
        held["replies"] = {"data": [comment_as(call, each, fields) for each in answers[:50]]}
        if len(answers) > 50:
            held["replies"]["paging"] = {"next": "more", "cursors": {"after": "50"}}
    return {key: held[key] for key in {"id", *wanted} if key in held}


# -- reading -------------------------------------------------------------------------


@routes("GET", f"{V}/{ID}/media", "look")
def own(call: Call) -> JSON:
    state: State = call.state
    name = state.owner(call, BASIC)
    wanted = meta.asked(call, ON_MEDIA, "IGMedia")
    rows = [
        media_as(state, one, wanted)
        for one in reversed(state.published)
        if is_media(one) and one["account"] == name
    ]
    return meta.page(call, rows)


@routes("GET", f"{V}/{ID}/insights", "metrics")
def numbers(call: Call) -> JSON:
    state: State = call.state
    state.caller(call, INSIGHTS)
    one = state.find(call.parts[0])
    if not is_media(one):
        raise error(400, 100, "(#100) Comments have no insights")
    values = {**dict.fromkeys(METRICS, 0), "comments": count(state, one)}
    values |= state.numbers.get(one["id"], {})
    return meta.insights(call, one["id"], METRICS, values)


@routes("GET", f"{V}/({meta.CONTAINER})", "look")
def container(call: Call) -> JSON:
    state: State = call.state
    state.caller(call, BASIC)
    found = state.containers.get(call.parts[0])
    if found is None:
        raise meta.no_object(call.parts[0])
    meta.asked(call, {"id", "status_code", "status"}, "IGContainer")
    code = state.status(found, looking=True)
    return {"id": found.id, "status_code": code, "status": found.failure or code}


@routes("GET", f"{V}/{ID}", "metrics")
def anything(call: Call) -> JSON:
    """A post or a comment."""
    state: State = call.state
    state.caller(call, BASIC)
    one = state.find(call.parts[0])
    if is_media(one):
        return media_as(state, one, meta.asked(call, ON_MEDIA, "IGMedia"))
    return comment_as(call, one, meta.asked(call, ON_COMMENT, "IGComment"))


def media_as(state: State, one: JSON, wanted: dict[str, str]) -> JSON:
    held = {
        "id": one["id"],
        "caption": one["text"],
        "timestamp": stamp(one),
        "permalink": f"https://www.instagram.com/p/{one['id']}/",
        "media_type": "CAROUSEL_ALBUM" if len(one["media"]) > 1 else "IMAGE",
        "like_count": state.numbers.get(one["id"], {}).get("likes", 0),
        "comments_count": count(state, one),
    }
    return {key: held[key] for key in wanted}


def count(state: State, one: JSON) -> int:
    """Comments and the answers to them."""
    first = under(state, one["id"])
    return len(first) + sum(len(under(state, each["id"])) for each in first)


def is_media(one: JSON) -> bool:
    return not one.get("comment")


def stamp(one: JSON) -> str:
    return one["created_at"].partition(".")[0] + "+0000"


# -- behind the network's back ---------------------------------------------------------


@control("POST", "/control/comments", "")
def people_comment(call: Call) -> JSON:
    above, author = call.given("parent"), call.given("author", "ana")
    call.state.find(above)
    call.state.id_of(author)
    made = call.state.add(author, call.given("text"), parent_id=above, comment=True, person=True)
    return {"id": made["id"]}


meta.controls(control)
APP: Any = meta.MetaStandIn(
    State(), routes, control=control, limited=meta.limited, headers=meta.usage
)
