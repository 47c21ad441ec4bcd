"""Status text: mentions as written, and plain text out of a status' HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from socialhub.platforms.text import normalised

# Mastodon's Account::MENTION_RE: "@user" or "@user@host", not inside a link or a word.
MENTION = re.compile(
    r"(?<![=/\w])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@(\w+(?:[.-]+\w+)*))?", re.IGNORECASE
)


def short_mentions(text: str) -> str:
    """`text` with every "@user@host" as "@user": what servers count and show."""
    return MENTION.sub(r"@\1", text)


def mentions(text: str, acct: str, own_host: str) -> bool:
    """Does `text` mention `acct` ("user" on our own server, "user@host" elsewhere)?"""
    wanted = _qualified(acct, own_host)
    found = (f"{m[1]}@{m[2]}" if m[2] else m[1] for m in MENTION.finditer(text))
    return any(_qualified(name, own_host) == wanted for name in found)


def _qualified(acct: str, own_host: str) -> str:
    return (acct if "@" in acct else f"{acct}@{own_host}").lower()


def plain(markup: str) -> str:
    """Text of a status with links in full, as a person would have typed it."""
    return _read(markup).linked


def same_status(ours: str, markup: str) -> bool:
    """Is `markup` what a server makes of our text?

    Links are compared by their target and, where a server links what we wrote without a
    scheme, by what it shows; mentions without host; "#Tag" as shown.
    """
    wanted = normalised(short_mentions(ours))
    page = _read(markup)
    return wanted in {normalised(short_mentions(text)) for text in (page.linked, page.shown)}


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


class _Reader(HTMLParser):
    """Collects the text twice: links by target (`linked`) and links as shown (`shown`)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._linked: list[str] = []
        self._shown: list[str] = []
        # The target while inside a link whose label may be shortened.
        self._target: str | None = None
        # Depth inside what the server added (the "RE:" line of a quote).
        self._added = 0

    @property
    def linked(self) -> str:
        return "".join(self._linked).strip()

    @property
    def shown(self) -> str:
        return "".join(self._shown).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        classes = set((values.get("class") or "").split())
        is_tag = "tag" in (values.get("rel") or "").split()
        if self._added:
            self._added += tag not in ("br", "img")
        elif "quote-inline" in classes:
            self._added = 1
        elif tag == "br":
            self._add("\n")
        elif tag == "p" and self._shown:
            self._add("\n\n")
        elif tag == "a" and not is_tag and not {"mention", "hashtag"} & classes:
            self._target = values.get("href")
            self._linked.append(self._target or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" and not self._added:
            self._add("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._added:
            self._added -= 1
        elif tag == "a":
            self._target = None

    def handle_data(self, data: str) -> None:
        if self._added:
            return
        self._shown.append(data)
        if not self._target:
            self._linked.append(data)

    def _add(self, text: str) -> None:
        self._shown.append(text)
        self._linked.append(text)
