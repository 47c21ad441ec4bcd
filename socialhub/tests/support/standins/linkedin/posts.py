"""Posts and images."""

from __future__ import annotations

import re

from socialhub.tests.support.standin.kit import JSON, Call, Reply, Routes
from socialhub.tests.support.standins.linkedin import state as data
from socialhub.tests.support.standins.linkedin.state import LinkedIn, refuse

routes = Routes()

TEXT_MAX = 3_000
# Elements of little text: escaped characters, hashtag templates, mentions, plain characters.
ELEMENT = re.compile(
    r"\\(?P<escaped>[\\|{}@\[\]()<>#*_~])"
    r"|\{hashtag\|\\#\|(?P<tag>(?:\\_|[^\\|{}@\[\]()<>#*_~\s])+)\}"
    r"|@\[(?P<name>[^\]]+)\]\(urn:li:(?:person|organization):\w+\)"
    r"|(?P<plain>[^\\|{}@\[\]()<>#*_~])",
    re.DOTALL,
)
LINK = re.compile(r"https?://\S{26,}")


def shown(little: str) -> str:
    """What people see; from the first reserved character that is not escaped on: nothing."""
    text, at = "", 0
    while found := ELEMENT.match(little, at):
        tag = found["tag"]
        text += f"#{tag.replace(chr(92), '')}" if tag else next(g for g in found.groups() if g)
        at = found.end()
    return text


@routes("POST", r"/rest/posts", "publish")
def create(call: Call) -> Reply:
    grant = data.checked(call, "w_organization_social")
    state: LinkedIn = call.state
    body = call.body
    data.only(
        body,
        "author",
        "commentary",
        "visibility",
        "distribution",
        "lifecycleState",
        "isReshareDisabledByAuthor",
        "content",
    )
    author = data.acting(call, grant, body.get("author"))
    for name in ("commentary", "visibility", "distribution", "lifecycleState"):
        if name not in body:
            raise refuse(422, "MISSING_FIELD", f"/{name} :: field is required but not found")
    if body["visibility"] != "PUBLIC" or body["lifecycleState"] != "PUBLISHED":
        raise refuse(422, "UNPROCESSABLE_ENTITY", "not a published post")
    text = shown(body["commentary"])
    if len(text) > TEXT_MAX:
        raise refuse(422, "FIELD_LENGTH_TOO_LONG", f"commentary exceeds {TEXT_MAX} characters")
    media = _content(state, author, body.get("content") or {})
    for known in state.written.values():
        same = known["author"] == author and known["shown"] == text
        if same and state.millis() - known["createdAt"] < 600_000:
            message = f"Content is a duplicate of {known['id']}"
            raise refuse(422, "DUPLICATE_POST", message)
    kind = "ugcPost" if len(media) > 1 else "share"
    post = {
        "id": state.urn(kind),
        "author": author,
        "commentary": body["commentary"],
        "shown": text,
        "parent": "",
        "media": media,
        "content": body.get("content"),
        "createdAt": state.millis(),
        "lastModifiedAt": state.millis(),
        "lifecycleState": "PUBLISHED",
    }
    state.written[post["id"]] = post
    return Reply(b"", 201, {"x-restli-id": post["id"]})


def _content(state: LinkedIn, author: str, content: JSON) -> list[JSON]:
    data.only(content, "media", "multiImage", "article")
    if len(content) > 1:
        raise refuse(422, "UNPROCESSABLE_ENTITY", "content is a union of one")
    if "article" in content:
        data.only(content["article"], "source", "title", "description", "thumbnail")
        if not content["article"].get("title"):
            raise refuse(422, "MISSING_FIELD", "/content/article/title is required")
        return []
    images = content.get("multiImage", {}).get("images", [])
    if "multiImage" in content and not 2 <= len(images) <= 20:
        raise refuse(422, "UNPROCESSABLE_ENTITY", "multiImage takes 2 to 20 images")
    shown_images = images or ([content["media"]] if "media" in content else [])
    return [_image(state, author, image) for image in shown_images]


def _image(state: LinkedIn, author: str, image: JSON) -> JSON:
    data.only(image, "id", "altText", "title")
    known = state.images.get(image["id"])
    if known is None or known["owner"] != author:
        raise refuse(404, "NOT_FOUND", "the image does not exist")
    if known["content"] is None:
        raise refuse(422, "UNPROCESSABLE_ENTITY", "the image was not uploaded")
    return {"id": image["id"], "alt": image.get("altText", ""), "bytes": known["content"]}


@routes("GET", r"/rest/posts", "look")
def by_author(call: Call) -> JSON:
    data.checked(call, "r_organization_social")
    if call.query.get("q") != "author" or call.query.get("sortBy") != "LAST_MODIFIED":
        raise refuse(400, "ILLEGAL_ARGUMENT", "unknown finder")
    state: LinkedIn = call.state
    mine = [post for post in state.written.values() if post["author"] == call.query["author"]]
    mine.sort(key=lambda post: (post["lastModifiedAt"], post["id"]), reverse=True)
    start, count = int(call.query.get("start", 0)), int(call.query.get("count", 10))
    return {
        "paging": {"start": start, "count": count},
        "elements": [_seen(state, post) for post in mine[start : start + count]],
    }


def _seen(state: LinkedIn, post: JSON) -> JSON:
    hidden = ("shown", "parent", "media", "content")
    entry = {name: value for name, value in post.items() if name not in hidden}
    if state.mode["link_shortener"]:
        entry["commentary"] = LINK.sub("https://lnkd.in/eXaMpLe", post["commentary"])
    return {**entry, "publishedAt": post["createdAt"], "visibility": "PUBLIC"}


@routes("POST", r"/rest/images", "upload")
def initialize(call: Call) -> JSON:
    grant = data.checked(call, "w_organization_social")
    if call.query.get("action") != "initializeUpload":
        raise refuse(400, "ILLEGAL_ARGUMENT", "unknown action")
    owner = data.acting(call, grant, call.body["initializeUploadRequest"]["owner"])
    state: LinkedIn = call.state
    image = state.urn("image")
    state.images[image] = {"owner": owner, "content": None}
    return {
        "value": {
            "uploadUrl": f"{call.base}/dms-uploads/{image.rpartition(':')[2]}?ca=vector_ads",
            "uploadUrlExpiresAt": state.millis() + 3_600_000,
            "image": image,
        }
    }


@routes("PUT", r"/dms-uploads/(\d+)", "upload_bytes")
def put(call: Call) -> Reply:
    state: LinkedIn = call.state
    image = state.images.get(f"urn:li:image:{call.parts[0]}")
    if image is None or state.oauth.holder(state, call.bearer) is None:
        raise refuse(401, "UNAUTHORIZED", "no such upload")
    if not call.raw.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8")):
        raise refuse(400, "BAD_REQUEST", "not a picture")
    image["content"] = len(call.raw)
    return Reply(b"", 201)
