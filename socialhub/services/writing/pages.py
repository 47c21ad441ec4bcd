"""The readable text of a page on the web. For the worker: this asks a foreign server."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _

from socialhub import http
from socialhub.services.errors import Invalid

log = logging.getLogger(__name__)

MAX_BYTES = 2_000_000
MAX_REDIRECTS = 5
SECONDS = 20.0
MOVED = (301, 302, 303, 307, 308)
PAGES = ("text/html", "application/xhtml+xml")
LONGEST_URL = 2000
MOST_ATTRIBUTES = 1000
_LONG_TAG = re.compile(r"<[^<>]{2000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True, slots=True)
class PageText:
    """What a reader of the page reads. Paragraphs are apart by an empty line.

    `url` is where the page was in the end; `language` has two letters, "" when it does not say.
    """

    title: str
    description: str
    text: str
    url: str
    language: str = ""


def read(url: str) -> PageText:
    """Fetch a page and take its text out. Raises Invalid with a sentence for the person."""
    url = _with_scheme(url.strip())
    for _hop in range(MAX_REDIRECTS + 1):
        answer = _get(url)
        if answer.status not in MOVED or not answer.headers.get("location"):
            return _extracted(_markup(answer), url)
        url = _clean(urljoin(url, answer.headers["location"]))
    raise _refused("too_many_redirects", _("The address sends us from one page to the next."))


def _refused(code: str, message: str) -> Invalid:
    return Invalid(code, message, {"value": [message]})


# -- fetching --------------------------------------------------------------------------


def _with_scheme(url: str) -> str:
    if len(url) > LONGEST_URL:
        raise _refused("bad_address", _("This address is too long."))
    return _clean(url if "://" in url else f"https://{url}")


def _clean(url: str) -> str:
    """Without the fragment, which is for browsers."""
    try:
        return urlsplit(url)._replace(fragment="").geturl()
    except ValueError:
        raise _refused("bad_address", _("This is no address of a page.")) from None


def _get(url: str) -> http.Answer:
    """One request; every redirect comes back here and is checked like the first address."""
    try:
        return http.request(
            "GET",
            url,
            headers={"Accept": ", ".join(PAGES)},
            timeout=SECONDS,
            max_bytes=MAX_BYTES,
        )
    except http.AddressRefused:
        raise _refused(
            "address_refused",
            _("This address cannot be read: it is private, or it is no page on the web."),
        ) from None
    except http.AnswerTooLarge:
        message = _("The page is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1_000_000}
        raise _refused("page_too_large", message) from None
    except ValueError:
        raise _refused("bad_address", _("This is no address of a page.")) from None
    except (http.RequestNotSent, http.AnswerLost):
        raise _refused(
            "page_unreachable", _("The page did not answer. Check the address, or try later.")
        ) from None


def _markup(answer: http.Answer) -> str | bytes:
    if answer.status != 200:
        message = _("The page cannot be read: its server answered %(status)s.")
        raise _refused("page_refused", message % {"status": answer.status})
    mime, _semicolon, parameters = answer.headers.get("content-type", "").partition(";")
    if mime.strip().lower() not in PAGES or b"\0" in answer.content:
        raise _refused("not_a_page", _("This address holds no web page, but another kind of file."))
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        return answer.content.decode(charset)
    except (LookupError, UnicodeDecodeError):
        # Not said or not true: the page itself may say it.
        return answer.content


# -- reading ---------------------------------------------------------------------------


def _extracted(markup: str | bytes, url: str) -> PageText:
    # Only the worker that reads a page needs it; importing it takes a third of a second.
    import trafilatura

    tree = None if _has_endless_tag(markup) else trafilatura.load_html(markup)
    if tree is None:
        raise _no_text()
    language = (tree.get("lang") or "").partition("-")[0].strip().casefold()
    try:
        found: Any = trafilatura.bare_extraction(
            tree, url=url, include_comments=False, include_tables=False, with_metadata=True
        )
    except (RecursionError, ValueError, TypeError, AttributeError) as exc:
        # A page made to break readers.
        log.warning("the page at %s cannot be taken apart: %s", urlsplit(url).hostname, exc)
        found = None
    title = _line(found.title if found else "")
    page = PageText(
        title=title,
        description=_line(found.description if found else ""),
        # The heading of an article is its title.
        text=_paragraphs(found.text if found else "").removeprefix(f"{title}\n\n"),
        url=url,
        language=language if len(language) == 2 else "",
    )
    if not (page.text or page.description):
        raise _no_text()
    return page


def _has_endless_tag(markup: str | bytes) -> bool:
    """Thousands of attributes on one element keep the parser busy for minutes."""
    text = markup if isinstance(markup, str) else markup.decode("latin-1")
    tags = (tag[0] for tag in _LONG_TAG.finditer(text))
    return any(len(_QUOTED.sub(" ", tag).split()) > MOST_ATTRIBUTES for tag in tags)


def _no_text() -> Invalid:
    return _refused("no_text", _("This page holds no text that can be read."))


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _paragraphs(text: str | None) -> str:
    """One empty line between paragraphs; items of a list stay together."""
    kept: list[str] = []
    for line in (text or "").splitlines():
        if not (line := _line(line)):
            continue
        joins = line.startswith("- ") and bool(kept) and kept[-1].lstrip().startswith("- ")
        kept.append(("\n" if joins else "\n\n") + line if kept else line)
    return "".join(kept)
