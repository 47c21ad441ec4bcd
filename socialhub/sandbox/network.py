"""The network's own API: what a client with a token can do."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from socialhub.sandbox.audience import Audience
from socialhub.sandbox.graphemes import graphemes
from socialhub.sandbox.serving import Refused, Reply, Request
from socialhub.sandbox.store import Post, Store

TEXT_LIMIT = 500
MAX_IMAGES = 4
IMAGE_BYTES = 5_000_000
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
METRICS_BATCH = 50
PAGE = 100
HANDLE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
# What faults and counts call each request: method and first path element under /api/.
OPERATIONS = {
    ("POST", "session"): "session",
    ("GET", "session"): "session",
    ("POST", "posts"): "publish",
    ("GET", "posts"): "look",
    ("DELETE", "posts"): "delete",
    ("POST", "media"): "media",
    ("GET", "metrics"): "metrics",
    ("GET", "profile"): "profile",
    ("GET", "notifications"): "notifications",
}


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


def post_url(request: Request, post_id: str) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}/posts/{post_id}"


def clean_handle(given: Any) -> str:
    """A handle without @, in lower case. Raises Refused 422."""
    handle = str(given or "").strip().removeprefix("@").lower()
    if not HANDLE.fullmatch(handle):
        raise Refused(422, "bad_handle", "A handle has 1 to 40 letters, digits, dots or dashes.")
    return handle


class Network:
    """Posts, media, counters and notifications of the accounts of one store."""

    def __init__(self, store: Store, audience: Audience) -> None:
        self.store, self.audience = store, audience
        # A second post with the same key is a second post, unless switched on.
        self.idempotent = False
        self._publishing = threading.Lock()

    def answer(self, request: Request) -> Reply:
        """Carry out a request under /api/. Raises Refused."""
        _, _, name, *rest = request.path.rstrip("/").split("/")
        post_id = rest[0] if len(rest) == 1 else ""
        takes_id = name == "posts" and request.method != "POST"
        if (request.method, name) not in OPERATIONS or len(rest) > takes_id:
            raise Refused(404, "no_such_path", "There is nothing at this path.")
        if (request.method, name) == ("POST", "session"):
            return self._login(request)
        account = self._account(request)
        if name == "session":
            return Reply(_identity(account))
        if name == "media":
            return self._upload(request, account)
        if name == "metrics":
            return self._metrics(request)
        if name == "profile":
            return Reply(_identity(account) | self.audience.profile(account))
        if name == "notifications":
            return self._notifications(request, account)
        if request.method == "DELETE":
            return self._delete(post_id, account)
        if request.method == "POST":
            return self._publish(request, account)
        return self._one(request, post_id) if post_id else self._list(request, account)

    # -- accounts -------------------------------------------------------------
    def _login(self, request: Request) -> Reply:
        given = request.json()
        handle, secret = clean_handle(given.get("handle")), str(given.get("secret") or "")
        account = self.store.login(handle, secret) if secret else None
        if account is None:
            raise Refused(401, "wrong_secret", "Handle and secret do not match.")
        return Reply(_identity(account))

    def _account(self, request: Request) -> dict[str, Any]:
        """Who sends this: the token is the secret; X-Handle says whose, if several chose it."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no_token", "Send Authorization: Bearer TOKEN.")
        owners = self.store.by_secret(token)
        own_handle = token.removeprefix("sandbox-")
        if not owners and own_handle != token and HANDLE.fullmatch(own_handle):
            known = self.store.account(own_handle) or self.store.login(own_handle, token)
            owners = [known] if known else []
        said = request.headers.get("x-handle", "").removeprefix("@").lower()
        owners = [a for a in owners if said in ("", a["handle"])]
        if not owners or owners[0]["revoked"]:
            raise Refused(401, "bad_token", "This token is not valid (any more).")
        return owners[0]

    # -- posts ----------------------------------------------------------------
    def _publish(self, request: Request, account: dict[str, Any]) -> Reply:
        given = request.json()
        text, key = str(given.get("text") or ""), str(given.get("key") or "")
        media, card = given.get("media") or [], given.get("card") or {}
        ids = isinstance(media, list) and all(isinstance(m, str) for m in media)
        if not ids or not isinstance(card, dict):
            raise Refused(400, "bad_json", "media is a list of ids, card is an object.")
        with self._publishing:
            if self.idempotent and key:
                before = self.store.with_key(account["handle"], key)
                if before is not None:
                    return Reply(self.shown(request, before))
            parent = self._checked(text, media, given.get("parent_id"))
            post = self.store.add(
                author=account["handle"],
                author_name=account["name"],
                account=account["handle"],
                text=text,
                parent=parent["id"] if parent else None,
                root=(parent["root"] or parent["id"]) if parent else None,
                media=media,
                card=card,
                key=key,
                language=str(given.get("language") or ""),
            )
        return Reply(self.shown(request, post), 201)

    def _checked(self, text: str, media: list[str], parent_id: str | None) -> Post | None:
        """The parent, or None for a post of its own. Raises Refused 404 or 422."""
        if not text.strip() and not media:
            raise Refused(422, "empty", "A post needs a text or an image.")
        if graphemes(text) > TEXT_LIMIT:
            raise Refused(422, "too_long", f"At most {TEXT_LIMIT} characters.")
        if len(media) > MAX_IMAGES or len(self.store.alt_texts(media)) != len(set(media)):
            raise Refused(422, "bad_media", f"At most {MAX_IMAGES} images, uploaded before.")
        parent = self.store.post(parent_id) if parent_id else None
        if parent_id and parent is None:
            raise Refused(404, "no_parent", "The post answered does not exist.")
        return parent

    def shown(self, request: Request, post: Post) -> dict[str, Any]:
        """A post as clients see it."""
        alt = self.store.alt_texts(post["media"])
        return {
            "id": post["id"],
            "url": post_url(request, post["id"]),
            "account": post["author"],
            "text": post["text"],
            "parent_id": post["parent"],
            "root_id": post["root"],
            "media": [{"id": m, "alt_text": alt.get(m, "")} for m in post["media"]],
            "key": post["key"],
            "language": post["language"],
            "created_at": iso(post["created"]),
        }

    def _list(self, request: Request, account: dict[str, Any]) -> Reply:
        query = request.query
        wanted = account
        if query.get("account"):
            wanted = self.store.account(query["account"].removeprefix("@").lower()) or {}
        if not wanted:
            raise Refused(404, "no_account", "There is no such account.")
        limit = query.get("limit", str(PAGE))
        posts = self.store.posts(
            wanted["handle"],
            since=query.get("since_id", ""),
            until=query.get("max_id", ""),
            limit=min(int(limit), PAGE) if limit.isdigit() else PAGE,
        )
        return Reply([self.shown(request, post) for post in posts])

    def _existing(self, post_id: str) -> Post:
        post = self.store.post(post_id)
        if post is None:
            raise Refused(404, "no_post", "There is no such post.")
        return post

    def _one(self, request: Request, post_id: str) -> Reply:
        return Reply(self.shown(request, self._existing(post_id)))

    def _delete(self, post_id: str, account: dict[str, Any]) -> Reply:
        if self._existing(post_id)["account"] != account["handle"]:
            raise Refused(403, "not_yours", "This is somebody else's post.")
        self.store.delete(post_id)
        return Reply(status=204)

    # -- media ----------------------------------------------------------------
    def _upload(self, request: Request, account: dict[str, Any]) -> Reply:
        mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if mime not in IMAGE_TYPES:
            raise Refused(415, "bad_type", "Images only: JPEG, PNG, GIF or WebP.")
        if not 0 < len(request.body) <= IMAGE_BYTES:
            raise Refused(413, "too_large", f"An image has 1 to {IMAGE_BYTES} bytes.")
        alt = unquote(request.headers.get("x-alt-text", ""))
        return Reply({"id": self.store.add_media(account["handle"], mime, alt, request.body)}, 201)

    # -- reading --------------------------------------------------------------
    def _metrics(self, request: Request) -> Reply:
        ids = [i for i in request.query.get("ids", "").split(",") if i]
        if len(ids) > METRICS_BATCH:
            raise Refused(422, "too_many", f"At most {METRICS_BATCH} ids.")
        posts = [post for post in map(self.store.post, ids) if post is not None]
        return Reply(self.audience.counters(posts))

    def _notifications(self, request: Request, account: dict[str, Any]) -> Reply:
        self.audience.catch_up()
        since, handle = request.query.get("since", ""), account["handle"]
        mention = re.compile(rf"(?<![\w@])@{re.escape(handle)}(?![\w-]|\.\w)", re.IGNORECASE)
        found = self.store.addressed_to(handle, since, PAGE)
        items = [
            self._notification(request, post)
            for post in found
            if post["answers"] == handle or mention.search(post["text"])
        ]
        return Reply({"items": items, "cursor": found[-1]["id"] if found else since})

    def _notification(self, request: Request, post: Post) -> dict[str, Any]:
        return {
            "id": post["id"],
            "kind": "comment" if post["parent"] else "mention",
            "author": {"handle": post["author"], "name": post["author_name"]},
            "text": post["text"],
            "created_at": iso(post["created"]),
            "url": post_url(request, post["id"]),
            "parent_id": post["parent"],
            "root_id": post["root"],
        }


def _identity(account: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "handle", "name")
    return {name: account[name] for name in names} | {"network": "socialhub-sandbox"}
