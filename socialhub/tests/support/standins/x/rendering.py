"""A post as the API shows it: escaped, its links shortened, only the fields asked for.

The documentation and running servers say "tweet" where the specification behind the official SDK
says "post". An answer uses the words of the question.
"""

from __future__ import annotations

import hashlib
import html
from datetime import timedelta

import twitter_text

from socialhub.tests.support.standin.kit import JSON
from socialhub.tests.support.standins.x.state import PROBLEMS, XState, invalid

TWEET = {
    "fields": "tweet.fields",
    "history": "edit_history_tweet_ids",
    "referenced": "referenced_tweets",
    "note": "note_tweet",
    "reposts": "retweet_count",
}
POST = {
    "fields": "post.fields",
    "history": "edit_history_post_ids",
    "referenced": "referenced_posts",
    "note": "note_post",
    "reposts": "repost_count",
}
# Asked for as fields in the one vocabulary, as expansions in the other.
BOTH_WAYS = {"author_id", "referenced_tweets", "referenced_posts"}
FIELDS = {
    "attachments",
    "conversation_id",
    "created_at",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "non_public_metrics",
    "public_metrics",
    "text",
}
SHOWN = 280
PRIVATE_FOR = timedelta(days=30)


def names_of(query: JSON) -> dict[str, str]:
    """The vocabulary a request speaks."""
    return POST if "post.fields" in query else TWEET


def asked_of(query: JSON) -> set[str]:
    """The fields and expansions a request names. Raises Refusal for unknown ones."""
    names = names_of(query)
    fields = set(filter(None, str(query.get(names["fields"], "")).split(",")))
    expansions = set(filter(None, str(query.get("expansions", "")).split(",")))
    known = FIELDS | {names["note"]} | (BOTH_WAYS if names is TWEET else set())
    for name in fields - known:
        raise invalid(names["fields"], f"[{name}] is not one of the fields", name)
    for name in expansions - BOTH_WAYS:
        raise invalid("expansions", f"[{name}] is not one of the expansions", name)
    return fields | expansions


def shown(state: XState, post: JSON, query: JSON, viewer: str) -> tuple[JSON, list[JSON]]:
    """The post, and a problem for each field that the viewer may not see."""
    names, asked = names_of(query), asked_of(query)
    text, urls = shortened(post)
    found: JSON = {"id": post["id"], "text": text, names["history"]: [post["id"]]}
    if len(post["text"]) > SHOWN:
        found["text"] = text[: SHOWN - 1] + "…"
        if names["note"] in asked:
            found[names["note"]] = {"text": text, "entities": {"urls": urls}}
    more = {
        "created_at": post["created_at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "author_id": state.id_of(post["name"]),
        "conversation_id": root(state, post),
        names["referenced"]: referenced(post),
        "entities": {"urls": urls} if urls else None,
        "attachments": {"media_keys": [f"3_{one}" for one in post["media"]]}
        if post["media"]
        else None,
        "public_metrics": public(state, post, names),
    }
    found |= {name: value for name, value in more.items() if name in asked and value}
    if "non_public_metrics" not in asked:
        return found, []
    if post["name"] != viewer or state.now() - post["created_at"] > PRIVATE_FOR:
        return found, [_not_for_you(post["id"])]
    names_private = ("url_link_clicks", "user_profile_clicks", "engagements")
    counted = post["counters"]
    found["non_public_metrics"] = {one: counted.get(one, 0) for one in names_private}
    return found, []


def _not_for_you(post_id: str) -> JSON:
    return {
        "title": "Field Authorization Error",
        "detail": f"Not allowed to access 'non_public_metrics' on the post with ids: [{post_id}].",
        "type": f"{PROBLEMS}/not-authorized-for-field",
        "resource_type": "tweet",
        "resource_id": post_id,
        "field": "non_public_metrics",
        "value": post_id,
    }


def public(state: XState, post: JSON, names: dict[str, str]) -> JSON:
    counted = post["counters"]
    replies = sum(1 for one in state.written if one["parent_id"] == post["id"])
    return {
        names["reposts"]: counted.get("retweet_count", 0),
        "reply_count": counted.get("reply_count", replies),
        **{
            name: counted.get(name, 0)
            for name in ("like_count", "quote_count", "bookmark_count", "impression_count")
        },
    }


def referenced(post: JSON) -> list[JSON]:
    found = [{"type": "replied_to", "id": post["parent_id"]}] if post["parent_id"] else []
    return found + ([{"type": "quoted", "id": post["quoted"]}] if post["quoted"] else [])


def root(state: XState, post: JSON) -> str:
    parent = state.post(post["parent_id"])
    return root(state, parent) if parent else str(post["id"])


def shortened(post: JSON) -> tuple[str, list[JSON]]:
    """The text with t.co links, escaped, and the entities that name what they stand for."""
    text, urls, end = "", [], 0
    for link in twitter_text.extract_urls_with_indices(post["text"]):
        first, last = link["indices"]
        text += html.escape(post["text"][end:first], quote=False)
        full = link["url"] if "://" in link["url"] else f"http://{link['url']}"
        text = _add(text, full, urls)
        end = last
    text += html.escape(post["text"][end:], quote=False)
    for number, media_id in enumerate(post["media"], 1):
        page = f"https://x.com/{post['name']}/status/{post['id']}/photo/{number}"
        if number == 1:
            text = _add(f"{text} ".lstrip(), page, urls)
        urls[-1]["media_key"] = f"3_{media_id}"
    return text, urls


def _add(text: str, full: str, urls: list[JSON]) -> str:
    short = f"https://t.co/{hashlib.sha1(full.encode()).hexdigest()[:10]}"
    start, end = len(text), len(text) + len(short)
    facts = {"start": start, "end": end, "url": short, "expanded_url": full}
    urls.append({**facts, "display_url": full.partition("://")[2][:30]})
    return text + short
