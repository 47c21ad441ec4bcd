"""A series from a source, without AI: nothing is invented and nothing translated."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from socialhub.writing import product
from socialhub.writing.splitting import CannotSplit, split
from socialhub.writing.writer import (
    Fits,
    MadeBy,
    Source,
    SourceKind,
    WhyNot,
    Written,
)

# Of a long page, unless the person asks for more.
PAGE_PARTS = 6
# Enough for 25 parts of the longest kind a reader follows.
PAGE_CHARACTERS = 20_000
_READ_ON = {"es": "Sigue leyendo: {url}", "en": "Read on: {url}"}
# A name in a note is shown up to here.
NAMED = 60


@dataclass(frozen=True, slots=True)
class _Wanted:
    parts: int | None
    fits: Fits
    fits_last: Fits


def write(
    source: Source, *, language: str, parts: int | None, fits: Fits, fits_last: Fits
) -> Written:
    """Parts from what the source holds. A topic alone gives none: there is nothing to take."""
    language = language.casefold()[:2]
    wanted = _Wanted(parts, fits, fits_last)
    try:
        if source.kind in (SourceKind.PRODUCT, SourceKind.SERVICE):
            return product.write(
                source, language=language, parts=parts, fits=fits, fits_last=fits_last
            )
        if source.kind == SourceKind.URL:
            return _page(source, language, wanted)
        # A topic is a title: without a text under it nothing is known.
        text = source.text.strip()
        if source.kind == SourceKind.TOPIC and not text:
            return Written((), MadeBy.DETERMINISTIC, WhyNot.NOTHING_KNOWN)
        return Written(_split(_titled(source), wanted), MadeBy.DETERMINISTIC)
    except CannotSplit as exc:
        return Written((), MadeBy.DETERMINISTIC, exc.why, _note(exc))


def _titled(source: Source) -> str:
    """Title and text; a title that opens the text already is not said twice."""
    text = source.text.strip()
    title = source.title.strip()
    return text if not title or text.startswith(title) else f"{title}\n\n{text}".strip()


def _split(text: str, wanted: _Wanted) -> tuple[str, ...]:
    return split(text, fits=wanted.fits, fits_last=wanted.fits_last, parts=wanted.parts)


def _note(exc: CannotSplit) -> str:
    """What a person needs besides the reason."""
    what = exc.what if len(exc.what) <= NAMED else f"{exc.what[:NAMED]}…"
    if exc.why == WhyNot.NO_ROOM and what:
        return _("There is no room for this: %(what)s") % {"what": what}
    if exc.why == WhyNot.TOO_LONG and exc.needed:
        return _("It takes %(count)s parts.") % {"count": exc.needed}
    return ""


# -- pages -----------------------------------------------------------------------------


def _page(source: Source, language: str, wanted: _Wanted) -> Written:
    """Title, description, the beginning of the page, and the address for the rest."""
    body = _beginning("\n\n".join(piece for piece in (*source.facts, source.text) if piece))
    body = _titled(Source(source.kind, source.title, body))
    if not body:
        return Written((), MadeBy.DETERMINISTIC, WhyNot.NOTHING_KNOWN)
    link = _READ_ON.get(source.language or language, "{url}").format(url=source.url)
    notes = []
    if source.language and source.language != language:
        notes.append(_("The page is in another language; without AI nothing is translated."))
    found = _whole(f"{body}\n\n{link}", wanted)
    if found is None:
        found = _first_parts(body, link, wanted)
        notes.append(_("Only the beginning of the page is used; the address leads to the rest."))
    return Written(found, MadeBy.DETERMINISTIC, note=" ".join(notes))


def _beginning(text: str) -> str:
    """Whole paragraphs up to a length."""
    kept: list[str] = []
    size = 0
    for paragraph in text.split("\n\n"):
        if kept and size + len(paragraph) > PAGE_CHARACTERS:
            break
        kept.append(paragraph)
        size += len(paragraph)
    return "\n\n".join(kept)


def _whole(text: str, wanted: _Wanted) -> tuple[str, ...] | None:
    """Everything, when so many parts hold it."""
    try:
        found = _split(text, wanted)
    except CannotSplit as exc:
        if exc.why == WhyNot.TOO_LONG:
            return None
        raise
    return found if wanted.parts or len(found) <= PAGE_PARTS else None


def _first_parts(body: str, link: str, wanted: _Wanted) -> tuple[str, ...]:
    """The first parts, the last of them with the address."""
    count = wanted.parts or PAGE_PARTS
    pieces = split(body, fits=wanted.fits, most=len(body))[:count]
    with_link = f"{pieces[-1]}\n\n{link}"
    last = with_link if wanted.fits_last(with_link) else link
    if not wanted.fits_last(last):
        raise CannotSplit(WhyNot.NO_ROOM, link)
    return (*pieces[:-1], last)
