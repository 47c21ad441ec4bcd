"""LinkedIn's "little" text: what is not escaped cuts a post off, and the network says nothing.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
"""

from __future__ import annotations

import re

from socialhub.platforms.text import HASHTAG, LINK, normalised

RESERVED = re.compile(r"([\\|{}@\[\]()<>#*_~])")
ESCAPED = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")
# Read from left to right, so that an escaped backslash in front of a template hides nothing.
ELEMENT = re.compile(
    ESCAPED.pattern
    # A hashtag people can click: {hashtag|\#|name}
    + r"|\{hashtag\|\\?([#＃])\|((?:\\.|[^{}|\\])*)\}"
    # A mention: @[name](urn:li:organization:1)
    + r"|@\[((?:\\.|[^\]\\])*)\]\s?\(urn:li:[^)]*\)"
)
# How LinkedIn shows a long link.
SHORTENED = "https://lnkd.in/"


def escape(text: str) -> str:
    """Plain text as little text that shows exactly it; hashtags outside links stay hashtags."""
    parts, end = [], 0
    for start, stop in _hashtags(text):
        parts += [_plain(text[end:start]), f"{{hashtag|\\#|{_plain(text[start + 1 : stop])}}}"]
        end = stop
    return "".join([*parts, _plain(text[end:])])


def unescape(little: str) -> str:
    """What people see of a little text."""
    return ELEMENT.sub(_shown, little)


def _shown(found: re.Match[str]) -> str:
    char, sign, tag, name = found.groups()
    if char is not None:
        return str(char)
    inner = f"{sign}{tag}" if tag is not None else name
    return ESCAPED.sub(r"\1", str(inner))


def same(ours: str, little: str) -> bool:
    """Is our text what a post of the network says, links it has shortened included?"""
    mine, theirs = normalised(ours), normalised(unescape(little))
    if SHORTENED in theirs and SHORTENED not in mine:
        return LINK.sub("LINK", mine) == LINK.sub("LINK", theirs)
    return mine == theirs


def _plain(text: str) -> str:
    return RESERVED.sub(r"\\\1", text)


def _hashtags(text: str) -> list[tuple[int, int]]:
    """Where the hashtags are; a "#" inside a link is none. The full-width sign stays text."""
    links = [found.span() for found in LINK.finditer(text)]
    return [
        found.span()
        for found in HASHTAG.finditer(text)
        if found[0][0] == "#" and not any(a <= found.start() < b for a, b in links)
    ]
