"""The feed as a page to look at. Plain HTML; feed.js keeps it fresh without a flicker."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from socialhub.sandbox.audience import Audience
from socialhub.sandbox.network import iso
from socialhub.sandbox.serving import Refused, Reply, Request
from socialhub.sandbox.store import Post, Store

HERE = Path(__file__).parent
ASSETS = {"/feed.css": "text/css", "/feed.js": "text/javascript"}
SHOWN = 60
HUES = 8
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'’”)\]}]")
TEXTS = {
    "en": {
        "notice": "Sandbox: a pretend network on this machine; nothing here is public",
        "title": "Sandbox",
        "all": "Everybody",
        "empty": "Nothing here yet. What SocialHub publishes to a sandbox account appears here.",
        "gone": "This post does not exist (any more).",
        "likes": "likes",
        "comments": "comments",
        "shares": "shares",
        "impressions": "impressions",
        "clicks": "clicks",
        "unreported": "not reported",
        "invented": "invented person",
    },
    "es": {
        "notice": "Sandbox: una red de mentira en esta máquina; aquí nada es público",
        "title": "Sandbox",
        "all": "Todos",
        "empty": "Aún no hay nada. Aquí aparece lo que SocialHub publica en una cuenta sandbox.",
        "gone": "Esta publicación no existe (o ya no).",
        "likes": "me gusta",
        "comments": "comentarios",
        "shares": "compartidos",
        "impressions": "impresiones",
        "clicks": "clics",
        "unreported": "no se informa",
        "invented": "persona inventada",
    },
}
# 24 × 24 outlines; the names of the counters say what they are.
ICONS = {
    "comments": "M21 12a8 8 0 0 1-8 8H4l2.5-3A8 8 0 1 1 21 12z",
    "shares": "M4 9l3-3 3 3M7 6v9a3 3 0 0 0 3 3h4M20 15l-3 3-3-3M17 18V9a3 3 0 0 0-3-3h-4",
    "likes": "M12 20s-8-5-8-10a4 4 0 0 1 8-2 4 4 0 0 1 8 2c0 5-8 10-8 10z",
    "impressions": "M5 20v-7M12 20V5M19 20v-11",
    "clicks": "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6",
}


class Page:
    """`/` (with ?account=), `/posts/{id}` and the two files they load."""

    def __init__(self, store: Store, audience: Audience) -> None:
        self.store, self.audience = store, audience

    def answer(self, request: Request) -> Reply:
        if request.path in ASSETS:
            return Reply(
                (HERE / request.path[1:]).read_bytes(),
                content_type=f"{ASSETS[request.path]}; charset=utf-8",
            )
        texts = TEXTS["es" if _prefers_spanish(request) else "en"]
        if request.path == "/":
            return self._feed(request.query.get("account", "").lower(), texts)
        if request.path.startswith("/posts/"):
            return self._thread(request.path.removeprefix("/posts/"), texts)
        raise Refused(404, "no_such_path", "There is nothing at this path.")

    def _feed(self, account: str, texts: dict[str, str]) -> Reply:
        self.audience.catch_up()
        posts = self.store.posts(account, limit=4 * SHOWN)
        # An answer is shown in the conversation it belongs to.
        heads: dict[str, Post] = {}
        for post in posts:
            head = (self.store.post(post["root"]) if post["root"] else None) or post
            heads.setdefault(head["id"], head)
        newest = sorted(heads.values(), key=lambda head: head["number"], reverse=True)[:SHOWN]
        body = self._articles(newest, texts) or f'<p class="empty">{texts["empty"]}</p>'
        return _page(self._tabs(account, texts) + f'<div id="feed">{body}</div>', texts)

    def _thread(self, post_id: str, texts: dict[str, str]) -> Reply:
        post = self.store.post(post_id)
        if post is None:
            return _page(f'<p class="empty">{texts["gone"]}</p>', texts, 404)
        head = self.store.post(post["root"] or "") or post
        self.audience.catch_up([head])
        return _page(f'<div id="feed">{self._articles([head], texts)}</div>', texts)

    def _tabs(self, account: str, texts: dict[str, str]) -> str:
        links = [("", texts["all"])] + [
            (a["handle"], "@" + a["handle"]) for a in self.store.accounts()
        ]
        return (
            "<nav>"
            + "".join(
                f'<a href="/{"?account=" + escape(handle) if handle else ""}"'
                f"{' aria-current=page' if handle == account else ''}>{escape(name)}</a>"
                for handle, name in links
            )
            + "</nav>"
        )

    def _articles(self, heads: list[Post], texts: dict[str, str]) -> str:
        below = self._below(heads)
        everything = heads + [reply for replies in below.values() for reply in replies]
        counters = self.audience.counters(p for p in everything if p["account"] is not None)
        seen: set[str] = set()

        def card(post: Post) -> str:
            seen.add(post["id"])
            parts = []
            for reply in below.get(post["id"], []):
                if reply["id"] not in seen:
                    parts.append(card(reply))
            return self._article(post, counters.get(post["id"]), "".join(parts), texts)

        return "".join(card(head) for head in heads)

    def _below(self, heads: list[Post]) -> dict[str, list[Post]]:
        """All answers by the id they answer, level by level."""
        found: dict[str, list[Post]] = {}
        level = [post["id"] for post in heads]
        while level:
            replies = self.store.replies(level)
            level = [reply["id"] for reply in replies]
            for reply in replies:
                found.setdefault(reply["parent"], []).append(reply)
        # The own continuation of a thread comes before what others say.
        for replies in found.values():
            replies.sort(key=lambda reply: reply["account"] is None)
        return found

    def _article(
        self, post: Post, counters: dict[str, int] | None, replies: str, texts: dict[str, str]
    ) -> str:
        kind = "post" if post["account"] is not None else "comment"
        hue = sum(post["author"].encode()) % HUES
        name = escape(post["author_name"] or post["author"])
        moment = iso(post["created"])
        note = "" if kind == "post" else f' title="{texts["invented"]}"'
        return (
            f'<article class="{kind}" id="p-{post["id"]}"><div class="own">'
            f'<span class="avatar h{hue}" aria-hidden="true">{name[:1].upper()}</span>'
            f'<header><b{note}>{name}</b> <span class="handle">@{escape(post["author"])}</span>'
            f'<a class="when" href="/posts/{post["id"]}"><time datetime="{moment}">'
            f"{moment[:16].replace('T', ' ')} UTC</time></a></header>"
            f'<div class="text">{_linked(post["text"])}</div>'
            f"{self._images(post['media'])}{_card(post['card'])}"
            f"{_counters(counters, texts) if counters is not None else ''}</div>"
            f'<div class="replies">{replies}</div></article>'
        )

    def _images(self, ids: list[str]) -> str:
        if not ids:
            return ""
        alt = self.store.alt_texts(ids)
        images = "".join(
            f'<img src="/media/{escape(i)}" alt="{escape(alt.get(i, ""))}" loading="lazy">'
            for i in ids
        )
        return f'<div class="images n{len(ids)}">{images}</div>'


def _prefers_spanish(request: Request) -> bool:
    first = request.headers.get("accept-language", "").split(",")[0]
    return first.strip().lower().startswith("es")


def _linked(text: str) -> str:
    parts: list[str] = []
    end = 0
    for match in LINK.finditer(text):
        url = escape(match[0])
        parts += [escape(text[end : match.start()]), f'<a href="{url}" rel="noopener">{url}</a>']
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def _card(card: dict[str, Any]) -> str:
    url = str(card.get("url") or "")
    if not LINK.fullmatch(url):
        return ""
    title = escape(str(card.get("title") or url))
    host = escape(url.split("/")[2])
    return (
        f'<a class="card" href="{escape(url)}" rel="noopener"><b>{title}</b><span>{host}</span></a>'
    )


def _counters(counters: dict[str, int], texts: dict[str, str]) -> str:
    names: Iterable[str] = ("comments", "shares", "likes", "impressions", "clicks")
    items = []
    for name in names:
        value = f"{counters[name]:,}".replace(",", "\u202f") if name in counters else "–"
        label = texts[name] if name in counters else f"{texts[name]}: {texts['unreported']}"
        items.append(
            f'<li title="{label}"><svg viewBox="0 0 24 24" aria-hidden="true">'
            f'<path d="{ICONS[name]}"/></svg><span class="sr">{label}</span> '
            f'<span class="n">{value}</span></li>'
        )
    return f'<ul class="counters">{"".join(items)}</ul>'


def _page(body: str, texts: dict[str, str], status: int = 200) -> Reply:
    language = "es" if texts is TEXTS["es"] else "en"
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{texts["title"]}</title><link rel="stylesheet" href="/feed.css">'
        '<link rel="icon" href="data:,"><script src="/feed.js" defer></script></head>'
        f'<body><p class="notice">{texts["notice"]}</p>'
        f'<main><h1><a href="/">{texts["title"]}</a></h1>{body}</main></body></html>'
    )
    return Reply(page.encode(), status, "text/html; charset=utf-8")
