"""Posts and images: writing and reading."""

from __future__ import annotations

import io
import re
from typing import Any

import twitter_text
from PIL import Image

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply
from socialhub.tests.support.standin.oauth import Grant
from socialhub.tests.support.standins.x import rendering
from socialhub.tests.support.standins.x.login import user
from socialhub.tests.support.standins.x.state import (
    PROBLEMS,
    XState,
    guarded,
    invalid,
    problem,
    routes,
)

KNOWN = {"text": str, "reply": dict, "media": dict}
CASHTAG = re.compile(r"(?<!\w)\$[A-Za-z]{1,6}\b")
SIZES = {"tweet_image": 5_000_000, "tweet_gif": 15_000_000}
FORMATS = {"JPEG", "PNG", "GIF", "WEBP"}


def forbidden(detail: str) -> Refusal:
    return Refusal(403, problem(403, detail, title="Forbidden"))


# -- writing -------------------------------------------------------------------------


@routes("POST", "/2/tweets", "publish")
@guarded("publish", "tweet.read", "tweet.write", "users.read")
def publish(call: Call, grant: Grant) -> Reply:
    state: XState = call.state
    for name, value in call.body.items():
        if name not in KNOWN or not isinstance(value, KNOWN[name]) or not value:
            raise invalid(name, f"$.{name}: is not defined in the schema", str(value))
    text = call.body.get("text", "")
    media = _media(state, grant, call.body)
    if not text and not media:
        raise invalid("text", "$.text: is missing")
    _check_text(state, text)
    if state.mode["suspended"]:
        raise forbidden("Your account is suspended and is not permitted to access this feature.")
    parent_id = _parent(state, grant, call.body)
    mine = [post for post in state.written if post["name"] == grant.account]
    same = [post for post in mine if (post["text"], post["parent_id"]) == (text, parent_id)]
    if same and not media and state.mode["duplicates_refused"]:
        raise forbidden("You are not allowed to create a Tweet with duplicate content.")
    post = state.write(grant.account, text, parent_id, media=media)
    link = bool(twitter_text.extract_urls(text))
    state.charge("post_with_link" if link else "reply" if parent_id else "post")
    shown, _ = rendering.shortened(post)
    return Reply({"data": {"id": post["id"], "text": shown}}, 201)


def _check_text(state: XState, text: str) -> None:
    limit = state.mode["text_limit"]
    if twitter_text.parse_tweet(text).weightedLength > limit:
        raise invalid("text", f"$.text: must be at most {limit} characters", text)
    if len(CASHTAG.findall(text)) > 1:
        raise invalid("text", "$.text: at most one cashtag", text)


def _parent(state: XState, grant: Grant, body: JSON) -> str:
    """Id of the post answered. Only those who named or quoted us may be answered."""
    if "reply" not in body:
        return ""
    if set(body["reply"]) != {"in_reply_to_tweet_id"}:
        raise invalid("reply", "$.reply: is not defined in the schema", str(body["reply"]))
    wanted = str(body["reply"]["in_reply_to_tweet_id"])
    parent = state.post(wanted)
    if parent is None:
        name = "reply.in_reply_to_tweet_id"
        raise invalid(name, f"$.{name}: is not the id of a post", wanted)
    own = [post["id"] for post in state.written if post["name"] == grant.account]
    named = f"@{grant.account}".lower() in parent["text"].lower()
    summoned = parent["name"] != grant.account and (named or parent["quoted"] in own)
    if state.mode["replies_restricted"] and not summoned:
        raise forbidden("You are not permitted to reply to this conversation.")
    return wanted


def _media(state: XState, grant: Grant, body: JSON) -> list[str]:
    if "media" not in body:
        return []
    ids = body["media"].get("media_ids")
    if set(body["media"]) != {"media_ids"} or not isinstance(ids, list) or not 1 <= len(ids) <= 4:
        raise invalid("media", "$.media: 1 to 4 media ids", str(body["media"]))
    known = [state.media.get(str(one)) for one in ids]
    if any(one is None or one["name"] != grant.account for one in known):
        raise invalid("media.media_ids", "Your media IDs are invalid.", str(ids))
    if len(ids) > 1 and any(one and one["category"] == "tweet_gif" for one in known):
        raise invalid("media.media_ids", "A GIF has to be alone.", str(ids))
    return [str(one) for one in ids]


@routes("POST", "/2/media/upload", "upload")
@guarded("upload", "media.write")
def upload(call: Call, grant: Grant) -> JSON:
    state: XState = call.state
    category = call.given("media_category")
    if category not in SIZES or set(call.body) != {"media_category"}:
        raise invalid("media_category", "is not one of the categories", category)
    _, content = call.files.get("media", ("", b""))
    try:
        image = Image.open(io.BytesIO(content))
    except OSError:
        raise invalid("media", "is no image") from None
    moves = bool(getattr(image, "is_animated", False))
    if image.format not in FORMATS or len(content) > SIZES[category]:
        raise invalid("media", "is too large or of a type that is not taken")
    if moves != (category == "tweet_gif"):
        raise invalid("media_category", "does not fit the image", category)
    media_id = state.new_id()
    state.media[media_id] = {"name": grant.account, "category": category, "alt_text": ""}
    facts = {"w": image.width, "h": image.height, "image_type": f"image/{image.format.lower()}"}
    return {
        "data": {
            "id": media_id,
            "media_key": f"3_{media_id}",
            "expires_after_secs": 86_400,
            "size": len(content),
            "image": facts,
        }
    }


@routes("POST", "/2/media/metadata", "metadata")
@guarded("metadata", "media.write")
def describe(call: Call, grant: Grant) -> JSON:
    state: XState = call.state
    found = state.media.get(str(call.body.get("id")))
    text = ((call.body.get("metadata") or {}).get("alt_text") or {}).get("text")
    if found is None or found["name"] != grant.account:
        raise invalid("id", "is not the id of an image", str(call.body.get("id")))
    if not isinstance(text, str) or not 1 <= len(text) <= 1_000:
        raise invalid("metadata.alt_text.text", "1 to 1000 characters", str(text))
    found["alt_text"] = text
    state.charge("media_metadata")
    metadata = {"alt_text": {"text": text}}
    return {"data": {"id": str(call.body["id"]), "associated_metadata": metadata}}


# -- reading -------------------------------------------------------------------------


@routes("GET", "/2/tweets", "metrics")
@guarded("metrics", "tweet.read", "users.read")
def by_ids(call: Call, grant: Grant) -> JSON:
    state: XState = call.state
    ids = [one for one in str(call.query.get("ids", "")).split(",") if one]
    if not 1 <= len(ids) <= 100 or not all(one.isdigit() for one in ids):
        raise invalid("ids", "1 to 100 ids", ",".join(ids)[:100])
    private = "non_public_metrics" in rendering.asked_of(call.query)
    if private and not state.mode["private_metrics"]:
        raise invalid("tweet.fields", "[non_public_metrics] is not one of the fields")
    data, errors = [], []
    for one in ids:
        post = state.post(one)
        if post is None:
            errors.append(_not_found(one))
            continue
        shown, refused = rendering.shown(state, post, call.query, grant.account)
        errors += refused
        # A post with a field that may not be seen is left out as a whole.
        data += [] if refused else [shown]
    state.charge("post_read", *(one["id"] for one in data)) if data else None
    answer: JSON = {"data": data} if data else {}
    return {**answer, "errors": errors} if errors else answer


def _not_found(post_id: str) -> JSON:
    return {
        "title": "Not Found Error",
        "detail": f"Could not find tweet with ids: [{post_id}].",
        "type": f"{PROBLEMS}/resource-not-found",
        "resource_type": "tweet",
        "resource_id": post_id,
        "parameter": "ids",
        "value": post_id,
    }


@routes("GET", r"/2/users/(\d+)/tweets", "look")
@guarded("look", "tweet.read", "users.read")
def timeline(call: Call, grant: Grant) -> JSON:
    name = call.state.names.get(call.parts[0])
    return _page(call, grant, [post for post in call.state.written if post["name"] == name])


@routes("GET", r"/2/users/(\d+)/mentions", "interactions")
@guarded("interactions", "tweet.read", "users.read")
def mentions(call: Call, grant: Grant) -> JSON:
    state: XState = call.state
    named = re.compile(rf"@{re.escape(state.names.get(call.parts[0], ''))}\b", re.IGNORECASE)
    return _page(call, grant, [post for post in state.written if named.search(post["text"])])


def _page(call: Call, grant: Grant, posts: list[JSON]) -> JSON:
    """Newest first, as many as asked for, with a token for the rest."""
    state, query = call.state, call.query
    size = int(query.get("max_results", 10))
    if not 5 <= size <= 100:
        raise invalid("max_results", "between 5 and 100", str(size))
    after, before = int(query.get("since_id", 0)), int(query.get("until_id", 2**63))
    fit = [post for post in reversed(posts) if after < int(post["id"]) < before]
    if "start_time" in query:
        fit = [post for post in fit if _stamp(post) >= query["start_time"]]
    start = int(query.get("pagination_token", 0))
    page = fit[start : start + size]
    answer: JSON = {"meta": {"result_count": len(page)}}
    if page:
        answer["data"] = [rendering.shown(state, post, query, grant.account)[0] for post in page]
        answer["meta"] |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        state.charge("post_read", *(post["id"] for post in page))
    if start + size < len(fit):
        answer["meta"]["next_token"] = str(start + size)
    if page and "author_id" in str(query.get("expansions", "")):
        answer["includes"] = {"users": _authors(state, page)}
    return answer


def _stamp(post: JSON) -> Any:
    return post["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ")


def _authors(state: XState, page: list[JSON]) -> list[JSON]:
    ids = list(dict.fromkeys(state.id_of(post["name"]) for post in page))
    state.charge("user_read", *ids)
    return [user(state, one, set()) for one in ids]
