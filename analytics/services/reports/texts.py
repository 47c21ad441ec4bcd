"""A report as messages: Telegram's HTML, and plain text for mail and other services."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape, unescape

from django.utils import translation
from django.utils.translation import gettext as _

from analytics.services.reports import shown
from analytics.services.reports.document import Document
from analytics.services.reports.tables import Table

# https://core.telegram.org/bots/api#sendmessage: "1-4096 characters after entities parsing",
# counted in UTF-16 code units like the offsets of entities.
TELEGRAM_LIMIT = 4096
TAG = re.compile(r"<[^>]*>")
POSTS = 3
EXCERPT = 70


def telegram_lines(document: Document) -> list[str]:
    """Lines of Telegram HTML; no tag goes over the end of a line."""
    with translation.override(document.language):
        return [_bold(document.title), escape(_head(document)), *_body(document, _bold, _link)]


def plain(document: Document) -> str:
    """Lines of plain text, without the title."""
    with translation.override(document.language):
        lines = [_head(document), *_body(document, str, _plain_link)]
    return "\n".join(unescape(line) for line in lines)


def messages(document: Document, limit: int = TELEGRAM_LIMIT) -> list[str]:
    """Telegram HTML in messages that are each short enough, cut between lines."""
    return packed(telegram_lines(document), limit)


def packed(lines: Iterable[str], limit: int = TELEGRAM_LIMIT) -> list[str]:
    """Lines joined to as few messages as their order allows; a longer line loses its marks."""
    found: list[str] = []
    held: list[str] = []
    length = 0
    for line in (part for given in lines for part in _short_enough(given, limit)):
        size = units(line)
        if held and length + 1 + size > limit:
            found.append("\n".join(held).strip("\n"))
            held, length = [], 0
        length += size + (1 if held else 0)
        held.append(line)
    found.append("\n".join(held).strip("\n"))
    return [message for message in found if message.strip()]


def units(html: str) -> int:
    """Length as Telegram counts it."""
    return len(unescape(TAG.sub("", html)).encode("utf-16-le")) // 2


def _short_enough(line: str, limit: int) -> list[str]:
    if units(line) <= limit:
        return [line]
    parts, rest = [], unescape(TAG.sub("", line))
    while rest:
        part = _fitting(rest, limit)
        parts.append(escape(part.strip()))
        rest = rest[len(part) :]
    return parts


def _fitting(text: str, limit: int) -> str:
    """The longest start of `text` within `limit` units, cut at a space when there is one."""
    size = 0
    for place, character in enumerate(text):
        size += 2 if ord(character) > 0xFFFF else 1
        if size > limit:
            space = text.rfind(" ", 0, place)
            return text[: space + 1] if space > 0 else text[:place]
    return text


# -- lines ----------------------------------------------------------------------------------


def _head(document: Document) -> str:
    return " · ".join(
        text for text in (document.organisation, document.scope, document.period) if text
    )


def _body(
    document: Document, bold: Callable[[str], str], link: Callable[[str, str], str]
) -> list[str]:
    """Escaped lines; `bold` and `link` mark them up or leave them."""
    lines = ["", escape(document.paragraph), ""]
    for figure in document.figures:
        change = f" ({figure.change})" if figure.change else ""
        lines.append(f"{escape(figure.label)}: {bold(escape(figure.shown))}{escape(change)}")
    for table in document.tables:
        if table.key == "top_posts":
            lines += ["", bold(escape(table.title)), *_posts(table, link)]
    for part in document.parts:
        lines += ["", bold(escape(part.title))]
        lines += [escape(" ".join(part.text.split()))] if part.text else []
        if part.table is not None:
            lines += [escape(" · ".join(cells)) for cells in part.table.cells()]
    lines += ["", bold(escape(_("Next"))), escape(document.suggestion)]
    if document.url:
        lines += ["", link(_("Open the report"), document.url)]
    return lines


def _posts(table: Table, link: Callable[[str, str], str]) -> list[str]:
    lines = []
    for place, (row, cells) in enumerate(zip(table.rows, table.cells(), strict=True), 1):
        if place > POSTS:
            break
        text, where = shown.excerpt(str(row[0]), EXCERPT), str(row[-1] or "")
        name = link(text, where) if where.startswith("http") else escape(text)
        rate, engaged = cells[-2], cells[4]
        numbers = _("%(engagements)s engagements, rate %(rate)s") % {
            "engagements": engaged,
            "rate": rate,
        }
        lines.append(f"{place}. {name} ({escape(cells[1])}): {escape(numbers)}")
    return lines


def _bold(text: str) -> str:
    return f"<b>{text}</b>"


def _link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def _plain_link(text: str, url: str) -> str:
    return f"{escape(text)}: {escape(url)}"
