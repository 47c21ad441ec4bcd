"""What Odoo does to a text that is written into an html field."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

# Removed together with what stands in them.
DROPPED = frozenset({"script", "style", "iframe", "object", "embed"})
BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote", "pre"})
VOID = frozenset({"br", "hr", "img"})


class _Sanitiser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.dropping = 0
        self.first = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self.dropping += 1
        if self.dropping:
            return
        self.first = self.first or tag
        kept = "".join(
            f' {name}="{escape(value or "")}"'
            for name, value in attrs
            if not name.startswith("on")
            and not (value or "").strip().lower().startswith("javascript:")
        )
        self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self.dropping = max(self.dropping - 1, 0)
        elif not self.dropping and tag not in VOID:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            if data.strip():
                self.first = self.first or "#text"
            self.parts.append(escape(data, quote=False))


def sanitised(text: str) -> str:
    """Without scripts and handlers, and inside a paragraph if nothing is around it."""
    parser = _Sanitiser()
    parser.feed(text)
    parser.close()
    clean = "".join(parser.parts).strip()
    if not clean or parser.first in BLOCKS:
        return clean
    return f"<p>{clean}</p>"


def as_text(text: str) -> str:
    """message_post takes text, not HTML: tags become visible."""
    return f"<p>{escape(text, quote=False)}</p>"
