"""Links, hashtags and mentions of a text as facets.

The server recognises none of them: a client says where they are, in UTF-8 byte offsets
(https://docs.bsky.app/docs/advanced-guides/post-richtext).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import regex

from socialhub.platforms.base import JSON

# Characters that end a link; JavaScript counts U+FEFF as white space and refuses it in a URI.
LINK = regex.compile(r"(?<!\w)https?://[^\s\p{Cc}\ufeff<>\"«»“”]+", regex.IGNORECASE)
LINK_HOST = regex.compile(r"https?://[^/?#]*\w", regex.IGNORECASE)
# Where a hashtag, a mention or a link without scheme may begin.
BEGIN = r"(?<![^\s(])"
TAG = regex.compile(BEGIN + r"[#＃](?!\ufe0f)([^\s\u00ad\u2060\u200a-\u200d\u20e2#＃]+)")
TAG_CONTENT = regex.compile(r"[^\d\s\p{P}]")
TAG_END = regex.compile(r"\p{P}+$")
TAG_MAX = 64
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# https://atproto.com/specs/handle
MENTION = regex.compile(
    rf"{BEGIN}@({LABEL}(?:\.{LABEL})*\.[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)\b",
    regex.IGNORECASE,
)
PUNCTUATION = ".,;:!?'’…*"
BRACKETS = {")": "(", "]": "[", "}": "{"}
BEFORE_BARE = regex.compile(BEGIN)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, in code points; `value` is the address, the tag or the handle."""

    start: int
    end: int
    kind: Literal["link", "tag", "mention"]
    value: str


def spans(text: str) -> list[Span]:
    """What a reader sees as link, hashtag or mention, in order and without overlap."""
    found = [*_links(text), *_bare_links(text), *_tags(text), *_mentions(text)]
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def facets(text: str, resolve: Callable[[str], str]) -> list[JSON]:
    """The facets of `text`; `resolve` gives the DID of a handle, "" for nobody.

    A mention of nobody stays plain text.
    """
    made = []
    for span in spans(text):
        feature = _feature(span, resolve)
        if feature is not None:
            start = len(text[: span.start].encode())
            end = start + len(text[span.start : span.end].encode())
            made.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return made


def _feature(span: Span, resolve: Callable[[str], str]) -> JSON | None:
    if span.kind == "link":
        return {"$type": "app.bsky.richtext.facet#link", "uri": span.value}
    if span.kind == "tag":
        return {"$type": "app.bsky.richtext.facet#tag", "tag": span.value}
    did = resolve(span.value)
    return {"$type": "app.bsky.richtext.facet#mention", "did": did} if did else None


def _links(text: str) -> Iterator[Span]:
    for match in LINK.finditer(text):
        address = _without_end(match.group())
        if LINK_HOST.match(address):
            yield Span(match.start(), match.start() + len(address), "link", address)


def _bare_links(text: str) -> Iterator[Span]:
    """`example.com/page`: only with a top-level domain that exists."""
    # Here, because its tables take 12 MB in every process that imports this package.
    import twitter_text

    for found in twitter_text.extract_urls_with_indices(text):
        start, end = found["indices"]
        address = text[start:end]
        if "://" not in address and BEFORE_BARE.match(text, start):
            yield Span(start, end, "link", f"https://{address}")


def _tags(text: str) -> Iterator[Span]:
    for match in TAG.finditer(text):
        tag = TAG_END.sub("", match.group(1))
        if TAG_CONTENT.search(tag) and len(tag) <= TAG_MAX:
            yield Span(match.start(), match.start(1) + len(tag), "tag", tag)


def _mentions(text: str) -> Iterator[Span]:
    for match in MENTION.finditer(text):
        yield Span(match.start(), match.end(), "mention", match.group(1).lower())


def _without_end(address: str) -> str:
    """Without the punctuation that ends a sentence and without brackets opened outside."""
    while address:
        last = address[-1]
        opening = BRACKETS.get(last)
        unbalanced = opening is not None and address.count(last) > address.count(opening)
        if last not in PUNCTUATION and not unbalanced:
            break
        address = address[:-1]
    return address
