"""A text in parts: nothing lost, nothing broken that must stay whole."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from socialhub.platforms.text import count_units
from socialhub.writing import WhyNot
from socialhub.writing.splitting import CannotSplit, split

CAFE = """¿Sabías que el café cambia en cada cosecha? En nuestra tienda de Alcalá lo tostamos \
cada semana. ¡Y se nota! 🎉 La bolsa de 250 g cuesta 12,50 €, IVA incluido.

Hay tres orígenes:
- Etiopía, floral y ligero
- Colombia, dulce y redondo

El taller es el 12 de mayo de 2026 a las 18:30 h. Reserva en https://ejemplo.es/t?a=1&b=2. \
El Sr. Pérez, que lleva treinta años tostando, explicará qué molino conviene comprar, por qué \
el agua importa tanto y cuánto tiempo debe reposar la bolsa antes de abrirla.

#café #taller"""


def _fits(limit, unit="graphemes", link_length=None):
    return lambda text: count_units(text, unit, link_length) <= limit


def _refusal(text, limit, **more):
    with pytest.raises(CannotSplit) as caught:
        split(text, fits=_fits(limit), **more)
    return caught.value.why, caught.value.what, caught.value.needed


def test_sentences_stay_whole_and_what_cannot_is_cut_at_a_clause():
    assert split(CAFE, fits=_fits(125)) == (
        "¿Sabías que el café cambia en cada cosecha? En nuestra tienda de Alcalá lo tostamos "
        "cada semana. ¡Y se nota! 🎉",
        "La bolsa de 250 g cuesta 12,50 €, IVA incluido.\n\nHay tres orígenes:\n"
        "- Etiopía, floral y ligero\n- Colombia, dulce y redondo",
        "El taller es el 12 de mayo de 2026 a las 18:30 h. Reserva en https://ejemplo.es/t?a=1&b=2.",
        "El Sr. Pérez, que lleva treinta años tostando, explicará qué molino conviene comprar,",
        "por qué el agua importa tanto y cuánto tiempo debe reposar la bolsa antes de abrirla.\n\n"
        "#café #taller",
    )


def test_a_part_ends_with_its_paragraph_unless_that_makes_too_many():
    text = "\n\n".join(f"Frase {n} del texto. Otra frase aquí." for n in range(4))

    assert split(text, fits=_fits(60)) == tuple(text.split("\n\n"))
    assert len(split(text, fits=_fits(60), most=3)) == 3


@pytest.mark.parametrize("mark", ["12,50 €", "3 km", "12 de mayo de 2026", "$ 9.99", "n.º 5"])
def test_numbers_stay_with_what_they_count(mark):
    word = "palabra"
    for before in range(1, 12):
        text = " ".join([*[word] * before, mark, *[word] * 4])
        parts = split(text, fits=_fits(30))
        assert [part for part in parts if mark in part] != []


def test_a_long_word_is_cut_between_graphemes_and_an_address_is_refused():
    family = "👩‍👩‍👧‍👦" * 30
    assert split(family, fits=_fits(20)) == ("👩‍👩‍👧‍👦" * 20, "👩‍👩‍👧‍👦" * 10)
    address = f"https://ejemplo.es/{'a' * 40}"
    assert _refusal(f"Mira {address} hoy", 30) == (WhyNot.NO_ROOM, address, None)
    # Where every link counts as 23 it fits.
    assert split(f"Mira {address} hoy", fits=_fits(32, link_length=23)) == (f"Mira {address} hoy",)
    assert _refusal("1" * 40, 30) == (WhyNot.NO_ROOM, "1" * 40, None)


def test_so_many_parts_as_asked_for_and_even():
    text = " ".join(f"Esta es la frase número {n} del texto." for n in range(12))
    lengths = {n: [len(part) for part in split(text, fits=_fits(300), parts=n)] for n in (2, 5, 12)}

    assert {n: len(found) for n, found in lengths.items()} == {2: 2, 5: 5, 12: 12}
    assert all(max(found) - min(found) <= 80 for found in lengths.values())
    assert _refusal(text, 100, parts=3) == (WhyNot.TOO_LONG, "", 6)
    assert _refusal("Hola a todos.", 100, parts=5) == (WhyNot.TOO_SHORT, "", 3)


def test_more_than_25_parts_are_refused_and_nothing_is_no_series():
    assert _refusal("Una frase de prueba. " * 100, 25) == (WhyNot.TOO_LONG, "", 100)
    assert _refusal(" \n ", 25) == (WhyNot.EMPTY, "", None)


def test_the_last_part_leaves_room_for_the_closing():
    text = "Primera frase. Segunda frase. Tercera frase."

    parts = split(text, fits=_fits(60), fits_last=_fits(20))

    assert parts == ("Primera frase. Segunda frase.", "Tercera frase.")


_PIECES = (
    "¿Qué tal? ¡Bien! La tienda. Uno, dos; palabra El Sr. Pérez p. ej. www.ejemplo.es @ana "
    "https://ejemplo.es/a.b?c=1 @ana@masto.es #foto 12:30 1.234,50 € 3 km 🎉 👩‍👩‍👧‍👦 🇪🇸🇫🇷 "
    "cafe\u0301 • - supercalifragilisticoespialidoso こんにちは。世界、元気ですか？"
)
_GAPS = (" ", " ", "\n", "\n\n", "\u00a0", " \u0301", "", "\r\n")
_texts = st.lists(
    st.tuples(st.sampled_from(_PIECES.split()), st.sampled_from(_GAPS)), min_size=1
).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))
_WHOLE = re.compile(r"https?://\S+|\d+[.,:\d]*\d")


@settings(max_examples=200, deadline=None)
@given(_texts, st.integers(12, 80), st.none() | st.integers(1, 6))
def test_nothing_is_lost_and_nothing_broken(text, limit, parts):
    plain = text.replace("\r\n", "\n").strip()
    try:
        found = split(text, fits=_fits(limit), parts=parts, most=10_000)
    except CannotSplit as exc:
        assert exc.why in (WhyNot.NO_ROOM, WhyNot.TOO_LONG, WhyNot.TOO_SHORT, WhyNot.EMPTY)
        return
    assert parts in (None, len(found))
    assert all(map(_fits(limit), found))
    at = 0
    edges = []
    for part in found:
        start = plain.index(part, at)
        # Only white space stands between two parts.
        assert not plain[at:start].strip()
        at = start + len(part)
        edges += [start, at]
    assert at == len(plain)
    inside = {n for each in _WHOLE.finditer(plain) for n in range(each.start() + 1, each.end())}
    clusters = {each.start() for each in regex.finditer(r"\X", plain)} | {len(plain)}
    assert not inside.intersection(edges)
    assert clusters.issuperset(edges)
