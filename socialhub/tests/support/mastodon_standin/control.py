"""What a test does behind the network's back: read the truth, play other people."""

from __future__ import annotations

import hashlib
from typing import Any

from socialhub.tests.support.mastodon_standin import store as data
from socialhub.tests.support.mastodon_standin.routes import Call, route
from socialhub.tests.support.mastodon_standin.store import Refusal, Status

CONTROL = "control"


@route("GET", r"/health", CONTROL)
def health(call: Call) -> Any:
    return {"ok": True}


@route("GET", r"/control/posts", CONTROL)
def posts(call: Call) -> Any:
    """Every post there is, oldest first; of one account with ?account=."""
    wanted = call.query.get("account")
    return [
        {
            "id": status.id,
            "account": status.account,
            "text": status.text,
            "parent_id": status.parent_id or None,
            "created_at": data.stamp(status.created_at),
            "visibility": status.visibility,
            "language": status.language,
            "media": status.media,
        }
        for status in call.store.statuses.values()
        if wanted in (None, status.account)
    ]


@route("GET", r"/control/media", CONTROL)
def media(call: Call) -> Any:
    return [
        {
            "id": found.id,
            "account": found.account,
            "mime": found.mime,
            "description": found.description,
            "size": len(found.content),
            "sha256": hashlib.sha256(found.content).hexdigest(),
        }
        for found in call.store.media.values()
    ]


@route("POST", r"/control/comments", CONTROL)
def comment(call: Call) -> Any:
    """{"post_id" or "account", "author", "text", "kind": "comment"|"quote", "visibility"}.

    With `account` alone it is a mention out of the blue. A person's client puts the name of
    the account answered in front; so does this.
    """
    sent = call.body
    post_id = str(sent.get("post_id") or "")
    to = call.store.find(post_id).account if post_id else str(sent["account"])
    quotes = sent.get("kind") == "quote"
    status = Status(
        id=call.store.new_id(),
        account=str(sent["author"]),
        text=str(sent["text"]) if quotes else f"@{to} {sent['text']}",
        parent_id="" if quotes else post_id,
        created_at=call.store.now(),
        visibility=str(sent.get("visibility") or "public"),
        quoted_id=post_id if quotes else "",
    )
    call.store.add(status)
    return {"id": status.id}


@route("POST", r"/control/mode", CONTROL)
def mode(call: Call) -> Any:
    unknown = call.body.keys() - vars(call.store.mode).keys()
    if unknown:
        raise Refusal(400, f"unknown mode {', '.join(sorted(unknown))}")
    vars(call.store.mode).update(call.body)
    return vars(call.store.mode)


@route("POST", r"/control/revoke", CONTROL)
def revoke(call: Call) -> Any:
    """{"account"}: none of its tokens works any more."""
    call.store.revoked.add(str(call.body["account"]))
    return {}


@route("POST", r"/control/counts", CONTROL)
def counts(call: Call) -> Any:
    """{"account", "followers_count", …}: these from now on; null leaves one out."""
    given = dict(call.body)
    known = call.store.counts.setdefault(str(given.pop("account")), {})
    known |= given
    return known


@route("POST", r"/control/tokens", CONTROL)
def make_token(call: Call) -> Any:
    """{"account", "scopes"} → a token with just these."""
    access = f"made-{call.store.new_id()}"
    call.store.tokens[access] = {
        "account": str(call.body["account"]),
        "scopes": str(call.body["scopes"]),
    }
    return {"access_token": access}
