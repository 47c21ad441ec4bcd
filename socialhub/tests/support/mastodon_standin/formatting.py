"""Status text as Mastodon counts and shows it (StatusLengthValidator, TextFormatter)."""

from __future__ import annotations

import html
import re

import regex

URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?'’”)\]}]")
MENTION = re.compile(
    r"(?<![=/\w])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@(\w+(?:[.-]+\w+)*))?", re.IGNORECASE
)
TAG = re.compile(r"(?<![/\w])#(\w*[^\W\d]\w*)")
ENTITY = re.compile(
    f"(?P<url>{URL.pattern})|(?P<at>{MENTION.pattern})|(?P<tag>{TAG.pattern})", re.IGNORECASE
)
PREFIX = re.compile(r"https?://(?:www\.)?")
URL_PLACEHOLDER = "x" * 23
SHOWN = 30


def length(text: str) -> int:
    """Graphemes, with links of fixed length and mentions without host."""
    countable = MENTION.sub(r"@\1", URL.sub(URL_PLACEHOLDER, text))
    return len(regex.findall(r"\X", countable))


def mentioned(text: str) -> list[str]:
    """Accounts named in the text: "user" or "user@host"."""
    found = [m for m in ENTITY.finditer(text) if m["at"]]
    return [m["at"][1:] for m in found]


def to_html(text: str, base: str) -> str:
    """Paragraphs, line breaks, and links of which only 30 characters are visible."""
    parts, position = [], 0
    for found in ENTITY.finditer(text):
        parts.append(html.escape(text[position : found.start()]))
        parts.append(_link(found, base))
        position = found.end()
    parts.append(html.escape(text[position:]))
    paragraphs = re.split(r"\n\n+", "".join(parts).strip())
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in paragraphs if part)


def _link(found: re.Match[str], base: str) -> str:
    if found["url"]:
        return _url(found["url"])
    if found["tag"]:
        name = html.escape(found["tag"][1:])
        href = f"{base}/tags/{name.lower()}"
        return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'
    user, _, host = found["at"][1:].partition("@")
    href = f"https://{host}/@{user}" if host else f"{base}/@{user}"
    return (
        f'<span class="h-card" translate="no"><a href="{html.escape(href)}" '
        f'class="u-url mention">@<span>{html.escape(user)}</span></a></span>'
    )


def _url(url: str) -> str:
    prefix = PREFIX.match(url)[0]  # type: ignore[index]
    shown, hidden = url[len(prefix) :][:SHOWN], url[len(prefix) :][SHOWN:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{html.escape(prefix)}</span>'
        f'<span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )
