"""A series about a product or service without AI: fixed texts around what is known of it.

A hook with the name, up to three facts of its description, the price, and what to do. Nothing
that is not known is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from socialhub.writing import protected, sentences, shortening
from socialhub.writing.splitting import split
from socialhub.writing.writer import Fits, MadeBy, Source, SourceKind, WhyNot, Written

FACTS = 3

_TEXTS = {
    ("es", SourceKind.PRODUCT): {
        "hook": "Te presentamos: {title}",
        "price": "Precio: {price}",
        "link": "Todos los detalles: {url}",
        "ask": "¿Te interesa? Escríbenos.",
    },
    ("es", SourceKind.SERVICE): {
        "hook": "Podemos ayudarte: {title}",
        "price": "Precio: {price}",
        "link": "Infórmate aquí: {url}",
        "ask": "¿Te interesa? Escríbenos.",
    },
    ("en", SourceKind.PRODUCT): {
        "hook": "Take a look: {title}",
        "price": "Price: {price}",
        "link": "All the details: {url}",
        "ask": "Interested? Write to us.",
    },
    ("en", SourceKind.SERVICE): {
        "hook": "We can help: {title}",
        "price": "Price: {price}",
        "link": "Find out more: {url}",
        "ask": "Interested? Write to us.",
    },
}


def write(
    source: Source, *, language: str, parts: int | None, fits: Fits, fits_last: Fits
) -> Written:
    """One part per thought, or so many parts as were asked for. Raises CannotSplit."""
    texts = _TEXTS.get((language, source.kind))
    if texts is None:
        return Written((), MadeBy.DETERMINISTIC, WhyNot.LANGUAGE)
    facts = list(_facts(source, language, fits))
    if not source.title or not (facts or source.price or source.url):
        return Written((), MadeBy.DETERMINISTIC, WhyNot.NOTHING_KNOWN)
    closing = [texts["price"].format(price=source.price)] if source.price else []
    closing.append(texts["link"].format(url=source.url) if source.url else texts["ask"])
    # A name alone is a poor first part.
    hook = "\n\n".join([texts["hook"].format(title=source.title), *facts[:1]])
    thoughts = [hook, *facts[1:], "\n".join(closing)]
    one_each = all(map(fits, thoughts[:-1])) and fits_last(thoughts[-1])
    if not one_each or parts not in (None, len(thoughts)):
        thoughts = list(split("\n\n".join(thoughts), fits=fits, fits_last=fits_last, parts=parts))
    return Written(tuple(thoughts), MadeBy.DETERMINISTIC)


def _facts(source: Source, language: str, fits: Fits) -> Iterator[str]:
    """The first sentences of the description, shortened where one is too long."""
    found = 0
    for sentence in [*source.facts, *_described(source.text)]:
        if found == FACTS:
            return
        if not fits(sentence):
            sentence = shortening.shorten(sentence, language=language, fits=fits).text or ""
        if sentence:
            found += 1
            yield sentence


def _described(text: str) -> Iterator[str]:
    """Sentences and items of lists; a line that only announces them is no fact."""
    for line in text.splitlines():
        item = line.strip().removeprefix(sentences.bullet(line)).strip()
        if not item or item.endswith(":"):
            continue
        for sentence in sentences.split_line(item).sentences:
            if not protected.is_hashtag(sentence.split()[0]):
                yield sentence.strip()
