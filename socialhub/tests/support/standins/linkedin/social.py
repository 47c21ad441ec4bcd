"""Comments, likes and statistics."""

from __future__ import annotations

from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Reply, Routes
from socialhub.tests.support.standins.linkedin import state as data
from socialhub.tests.support.standins.linkedin.state import LinkedIn, refuse

routes = Routes()
COMMENT_MAX = 1_250


def activity_of(state: LinkedIn, urn: str) -> str:
    """The URN comments name their post by: not the post's own."""
    return f"urn:li:activity:{urn.rpartition(':')[2]}"


def post_of(state: LinkedIn, urn: str) -> str:
    """The post something is on, "" when it is not there. Takes posts, activities and comments."""
    if urn in state.comments:
        return str(state.comments[urn]["post"])
    number = urn.rpartition(":")[2]
    return next((one for one in state.written if one.rpartition(":")[2] == number), "")


@routes("POST", r"/rest/socialActions/(.+)/comments", "publish")
def create(call: Call) -> Reply:
    grant = data.checked(call, "w_organization_social")
    state: LinkedIn = call.state
    data.only(call.body, "actor", "object", "message", "parentComment", "content")
    actor = data.acting(call, grant, call.body.get("actor"))
    above = call.parts[0]
    top = state.comments.get(above)
    if top is None and (above not in state.written):
        raise refuse(404, "NOT_FOUND", f"{above} does not exist")
    if not post_of(state, str(call.body.get("object"))):
        raise refuse(404, "NOT_FOUND", "the object does not exist")
    if top is not None and call.body.get("parentComment") != above:
        raise refuse(400, "ILLEGAL_ARGUMENT", "parentComment is not the comment addressed")
    if top is not None and top["top"]:
        raise refuse(400, "ILLEGAL_ARGUMENT", "comments have two levels")
    made = add(state, actor, above, call.body["message"]["text"], _images(state, actor, call.body))
    return Reply(_seen(state, made), 201, {"x-restli-id": made["number"]})


def _images(state: LinkedIn, actor: str, body: JSON) -> list[JSON]:
    content = body.get("content") or []
    if len(content) > 1:
        raise refuse(422, "UNPROCESSABLE_ENTITY", "a comment takes one image")
    found = [state.images.get(one["entity"]["image"]) for one in content]
    if any(image is None or image["content"] is None for image in found):
        raise refuse(404, "NOT_FOUND", "the image does not exist")
    return [{"bytes": image["content"]} for image in found if image]


def add(state: LinkedIn, author: str, above: str, text: str, media: Any = ()) -> JSON:
    """A comment under a post or comment, by anybody."""
    if not text.strip() and not media:
        raise refuse(422, "UNPROCESSABLE_ENTITY", "an empty comment")
    if len(text) > COMMENT_MAX:
        raise refuse(422, "FIELD_LENGTH_TOO_LONG", f"message exceeds {COMMENT_MAX} characters")
    post = post_of(state, above)
    number = "7" + state.new_id()
    made = {
        "id": f"urn:li:comment:({activity_of(state, post)},{number})",
        "number": number,
        "author": author,
        "shown": text,
        "post": post,
        "parent": above,
        "top": above if above in state.comments else "",
        "media": list(media),
        "createdAt": state.millis(),
    }
    state.comments[made["id"]] = made
    return made


def _seen(state: LinkedIn, comment: JSON) -> JSON:
    below = [one for one in state.comments.values() if one["parent"] == comment["id"]]
    entry: JSON = {
        "actor": comment["author"],
        "id": comment["number"],
        "commentUrn": comment["id"],
        "object": activity_of(state, comment["post"]),
        "message": {"attributes": [], "text": comment["shown"]},
        "created": {"actor": comment["author"], "time": comment["createdAt"]},
        "lastModified": {"actor": comment["author"], "time": comment["createdAt"]},
        "likesSummary": {"totalLikes": state.likes.get(comment["id"], 0)},
    }
    if below:
        entry["commentsSummary"] = {
            "aggregatedTotalComments": len(below),
            "selectedComments": [one["id"] for one in below],
        }
    if comment["top"]:
        entry["parentComment"] = comment["top"]
    if state.mode["names"]:
        first, _, last = comment.get("name", "").partition(" ")
        entry["actor~"] = {"localizedFirstName": first, "localizedLastName": last}
    return entry


@routes("GET", r"/rest/socialActions/(.+)/comments", "interactions")
def listed(call: Call) -> JSON:
    data.checked(call, "r_organization_social")
    state: LinkedIn = call.state
    above = call.parts[0]
    if above not in state.written and above not in state.comments:
        raise refuse(404, "NOT_FOUND", f"{above} does not exist")
    found = [one for one in state.comments.values() if one["parent"] == above]
    start, count = int(call.query.get("start", 0)), int(call.query.get("count", 10))
    return {
        "paging": {"start": start, "count": count, "total": len(found)},
        "elements": [_seen(state, one) for one in found[start : start + count]],
    }


@routes("GET", r"/rest/socialActions/(.+)", "summary")
def one(call: Call) -> JSON:
    data.checked(call, "r_organization_social")
    found = summary(call.state, call.parts[0])
    if found is None:
        raise refuse(404, "NOT_FOUND", f"{call.parts[0]} does not exist")
    return found


@routes("GET", r"/rest/socialActions", "summary")
def several(call: Call) -> JSON:
    data.checked(call, "r_organization_social")
    if call.state.mode["no_batch"]:
        raise refuse(403, "ACCESS_DENIED", "BATCH_GET is not allowed")
    asked = data.ids(call)
    if len(asked) > 20:
        raise refuse(400, "ILLEGAL_ARGUMENT", "too many ids")
    found = {urn: summary(call.state, urn) for urn in asked}
    return {
        "results": {urn: entry for urn, entry in found.items() if entry},
        "statuses": {urn: 200 if entry else 404 for urn, entry in found.items()},
        "errors": {urn: {"status": 404} for urn, entry in found.items() if not entry},
    }


def summary(state: LinkedIn, urn: str) -> JSON | None:
    if urn not in state.written and urn not in state.comments:
        return None
    below = [one for one in state.comments.values() if urn in (one["post"], one["parent"])]
    return {
        "target": urn,
        "likesSummary": {
            "totalLikes": state.likes.get(urn, 0),
            "aggregatedTotalLikes": state.likes.get(urn, 0),
        },
        "commentsSummary": {
            "totalFirstLevelComments": len([c for c in below if c["parent"] == urn]),
            "aggregatedTotalComments": len(below),
        },
    }


NAMES = {
    "likes": "likeCount",
    "shares": "shareCount",
    "impressions": "impressionCount",
    "reach": "uniqueImpressionsCount",
    "clicks": "clickCount",
}


@routes("GET", r"/rest/organizationalEntityShareStatistics", "metrics")
def statistics(call: Call) -> JSON:
    grant = data.checked(call, "rw_organization_admin")
    state: LinkedIn = call.state
    if call.query.get("q") != "organizationalEntity":
        raise refuse(400, "ILLEGAL_ARGUMENT", "unknown finder")
    page = data.acting(call, grant, call.query.get("organizationalEntity"))
    elements = []
    for parameter, kind in (("shares", "share"), ("ugcPosts", "ugcPost")):
        asked = data.ids(call, parameter) if parameter in call.query else []
        if any(not urn.startswith(f"urn:li:{kind}:") for urn in asked) or len(asked) > 20:
            raise refuse(400, "ILLEGAL_ARGUMENT", f"Invalid {parameter}")
        mine = [urn for urn in asked if state.written.get(urn, {}).get("author") == page]
        for urn in mine if not state.mode["no_statistics"] else ():
            counted = {
                "commentCount": summary(state, urn)["commentsSummary"]["aggregatedTotalComments"]
            }
            counted["likeCount"] = state.likes.get(urn, 0)
            for ours, theirs in NAMES.items():
                counted[theirs] = state.statistics.get(urn, {}).get(ours, counted.get(theirs, 0))
            elements.append(
                {"organizationalEntity": page, kind: urn, "totalShareStatistics": counted}
            )
    return {"paging": {"start": 0, "count": 10}, "elements": elements}
