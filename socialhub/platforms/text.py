"""Counting and comparing text the way networks do."""

from __future__ import annotations

import html
import re
import unicodedata

import regex

# A link as networks with a fixed link length see it: scheme required, trailing
# punctuation is not part of it.
LINK = regex.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'’”)\]}]", regex.IGNORECASE)
GRAPHEME = regex.compile(r"\X")
HASHTAG = regex.compile(r"(?<![\w&/])[#＃](?=[\w]*[\p{L}])[\w]+")
# "@name", also "@name@host" and "@name.host"; not the middle of a mail address.
MENTION = regex.compile(r"(?<![\w@/.])@\w[\w.-]*")
# As X links them: up to six letters, with a class of share (https://docs.x.com).
CASHTAG = regex.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")
# One emoji as people see it, with its skin tone, flag or joined family.
EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20E3]")
TAG = re.compile(r"<[^>]+>")
BREAK = re.compile(r"<br\s*/?>|</p>\s*<p[^>]*>", re.IGNORECASE)
SPACE = re.compile(r"\s+")


def graphemes(text: str) -> int:
    """Number of user-perceived characters (UAX #29); a family emoji is one."""
    return len(GRAPHEME.findall(text))


def utf16_units(text: str) -> int:
    """Length as JavaScript and the Telegram Bot API count."""
    return len(text.encode("utf-16-le")) // 2


def weighted(text: str) -> int:
    """Length as X counts (https://docs.x.com/fundamentals/counting-characters)."""
    import twitter_text

    return int(twitter_text.parse_tweet(text).weightedLength)


def emoji_bytes(text: str) -> int:
    """Length as Meta's Threads counts: characters, but an emoji as its UTF-8 bytes
    (https://developers.facebook.com/docs/threads/overview)."""
    return sum(
        len(cluster.encode()) if EMOJI.search(cluster) else len(cluster)
        for cluster in GRAPHEME.findall(text)
    )


COUNTERS = {
    "graphemes": graphemes,
    "characters": len,
    "utf16": utf16_units,
    "weighted": weighted,
    "emoji_bytes": emoji_bytes,
}


def count_units(text: str, unit: str, link_length: int | None = None) -> int:
    """Length of `text` in `unit`; every link counts as `link_length` where that is fixed."""
    count = COUNTERS[unit]
    if link_length is None or unit == "weighted":
        return count(text)
    links = LINK.findall(text)
    return count(LINK.sub("", text)) + link_length * len(links)


def links(text: str) -> list[str]:
    """Every link with a scheme in `text`, in order, repeats included."""
    return [str(found) for found in LINK.findall(text)]


def hashtags(text: str) -> list[str]:
    """Every hashtag outside links, with its sign, in order."""
    return [str(found) for found in HASHTAG.findall(LINK.sub(" ", text))]


def mentions(text: str) -> list[str]:
    """Every "@name" outside links, in order."""
    return [str(found) for found in MENTION.findall(LINK.sub(" ", text))]


def cashtags(text: str) -> list[str]:
    """Every cashtag outside links ("$ACME"), in order."""
    return [str(found) for found in CASHTAG.findall(LINK.sub(" ", text))]


def from_html(markup: str) -> str:
    """Plain text of a status that a network returns as HTML."""
    return html.unescape(TAG.sub("", BREAK.sub("\n", markup)))


def same_text(ours: str, theirs: str) -> bool:
    """Equal after NFC, folding of white space and quotes a network may rewrite."""
    return normalised(ours) == normalised(theirs)


def normalised(text: str) -> str:
    """NFC, white space folded, ends trimmed."""
    return SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()
