"""Values as long as a design's fields allow."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from threads.gallery import Design

TEXTS = {
    "en": "Handmade stoneware bowls for every morning, glazed slowly and fired twice because good "
    "things deserve the time they need and people notice the difference",
    "es": "Cuencos de gres hechos a mano para cada mañana, esmaltados despacio y cocidos dos veces "
    "porque las cosas buenas merecen extraordinariamente su tiempo",
}
LINES = 6
OTHERS = {
    "number": "1234567.8",
    "date": "2026-09-30",
    "price": {"amount": "12345.90", "currency": "EUR", "tax_included": True},
}


def sentence(length: int, language: str) -> str:
    """Words up to that many characters."""
    text = ""
    for word in cycle(TEXTS[language].split()):
        longer = f"{text} {word}".strip()
        if len(longer) > length:
            return text
        text = longer
    raise AssertionError("cycle ends never")


def values(design: Design, language: str) -> dict[str, Any]:
    """The longest values; signs such as an arrow or a page number stay as in the sample."""
    found = dict(design.sample[language])
    for field in design.fields:
        name, kind, most = field["name"], field["type"], field["max_length"]
        if kind == "lines":
            found[name] = [sentence(most // LINES, language)] * LINES
        elif kind == "text" and most > 5:
            found[name] = sentence(most, language)
        elif kind in OTHERS:
            found[name] = OTHERS[kind]
    return found
