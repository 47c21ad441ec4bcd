"""Series, shorter texts and alt texts without AI."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialhub.writing import DeterministicWriter, Source, SourceKind, WhyNot, alt

WRITER = DeterministicWriter()
TALLER = (
    "¡Hola a todos! Nuestro taller de café abre el lunes en la calle Mayor. El taller es para "
    "todos. También habrá tapas. La inscripción cuesta 45,50 €. ¿Te apuntas?\n\n"
    "Reserva en https://ejemplo.es/t?a=1. Escríbenos.\n\n#café #taller #madrid"
)


def _fits(limit):
    return lambda text: len(text) <= limit


def _series(source, limit=200, parts=None, language="es"):
    found = WRITER.series(source, language=language, parts=parts, fits=_fits(limit))
    return found.parts, found.why_not, found.note


def _shorten(text, limit):
    found = WRITER.shorten(text, language="es", fits=_fits(limit))
    return found.text, found.why_not


COFFEE = Source(
    SourceKind.PRODUCT,
    title="Café Etiopía 250 g",
    text="Características:\n- Floral y ligero\n- Tostado esta semana\nUna frase. Otra más.",
    price="12,50 €, IVA incluido",
    url="https://ejemplo.es/etiopia",
)


def test_a_product_in_fixed_texts_around_what_is_known():
    assert _series(COFFEE) == (
        (
            "Te presentamos: Café Etiopía 250 g\n\nFloral y ligero",
            "Tostado esta semana",
            "Una frase.",
            "Precio: 12,50 €, IVA incluido\nTodos los detalles: https://ejemplo.es/etiopia",
        ),
        None,
        "",
    )
    assert [len(_series(COFFEE, parts=n)[0]) for n in (2, 3)] == [2, 3]
    assert _series(COFFEE, language="de")[1] == WhyNot.LANGUAGE
    assert _series(Source(SourceKind.PRODUCT, title="Café"))[1] == WhyNot.NOTHING_KNOWN


def test_a_service_without_address_in_english():
    source = Source(SourceKind.SERVICE, title="Tastings", text="For groups of up to 12.")

    assert _series(source, language="en")[0] == (
        "We can help: Tastings\n\nFor groups of up to 12.",
        "Interested? Write to us.",
    )


def test_a_topic_alone_is_refused_and_not_made_up():
    assert _series(Source(SourceKind.TOPIC, title="Café")) == ((), WhyNot.NOTHING_KNOWN, "")


def test_a_page_whole_or_its_beginning_with_the_address():
    short = Source(
        SourceKind.URL,
        title="Nuestra historia",
        facts=("Treinta años de café.",),
        text="Empezamos en 1996.",
        url="https://ejemplo.es/h",
        language="es",
    )
    long = Source(
        SourceKind.URL,
        text="Una frase de prueba. " * 100,
        url="https://ejemplo.es/h",
        language="en",
    )

    assert _series(short) == (
        (
            "Nuestra historia\n\nTreinta años de café.\n\nEmpezamos en 1996.\n\n"
            "Sigue leyendo: https://ejemplo.es/h",
        ),
        None,
        "",
    )
    parts, why, note = _series(long)
    assert (len(parts), why) == (6, None)
    assert parts[-1].endswith("\n\nRead on: https://ejemplo.es/h") or parts[-1].startswith(
        "Read on"
    )
    assert note == (
        "The page is in another language; without AI nothing is translated. "
        "Only the beginning of the page is used; the address leads to the rest."
    )


def test_what_has_no_room_is_named():
    address = f"https://ejemplo.es/{'a' * 300}"

    parts, why, note = _series(Source(SourceKind.TEXT, text=f"Mira {address}"))

    assert (parts, why) == ((), WhyNot.NO_ROOM)
    assert note == f"There is no room for this: {address[:60]}…"
    assert _series(Source(SourceKind.TEXT, text="Una frase larga. " * 60), parts=2) == (
        (),
        WhyNot.TOO_LONG,
        "It takes 6 parts.",
    )


@pytest.mark.parametrize(
    "gone",
    [
        ["¡Hola a todos! "],
        ["¡Hola a todos! ", "También habrá tapas. "],
        ["¡Hola a todos! ", "También habrá tapas. ", " #madrid"],
        ["¡Hola a todos! ", "También habrá tapas. ", "\n\n#café #taller #madrid"],
    ],
)
def test_what_matters_least_goes_first(gone):
    wanted = TALLER
    for piece in gone:
        wanted = wanted.replace(piece, "")

    assert _shorten(TALLER, len(wanted)) == (wanted, None)
    assert _shorten(wanted, len(wanted)) == (None, WhyNot.FITS)


def test_a_sentence_is_cut_at_a_clause_and_says_so():
    text = "En nuestra tienda del centro, que abrió hace treinta años, tostamos el café cada semana"

    assert _shorten(text, 70)[0] == "En nuestra tienda del centro, que abrió hace treinta años…"
    assert _shorten(text, 50)[0] == "En nuestra tienda del centro…"
    assert _shorten(text, 25)[0] == "En nuestra tienda del…"
    assert _shorten("Reserva en https://ejemplo.es/una/direccion/larga", 30) == (
        None,
        WhyNot.NO_ROOM,
    )


_KEPT = re.compile(r"https?://[^\s]+[\w/]|@\w[\w@.]*\w|\d+(?:[.,:/]\d+)*")
_WORDS = (
    "Nuestro taller La semana, El precio; pero luego https://ejemplo.es/a.b?c=1 @ana@masto.es "
    "45,50 € 18:30 🎉 ¡Hola! ¿Vienes? También Descubre Dr. #foto"
)
_texts = st.lists(
    st.tuples(st.sampled_from(_WORDS.split()), st.sampled_from([" ", ". ", "! ", ", ", "\n\n"])),
    min_size=1,
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@settings(max_examples=150, deadline=None)
@given(_texts, st.integers(10, 200))
def test_shorter_texts_fit_and_keep_what_counts(text, limit):
    made, why = _shorten(text, limit)
    if made is None:
        assert why in (WhyNot.FITS, WhyNot.NO_ROOM, WhyNot.EMPTY)
        assert (why == WhyNot.FITS) is (0 < len(text.strip()) <= limit)
        return
    assert len(made) <= limit
    assert Counter(_KEPT.findall(made)) == Counter(_KEPT.findall(text))
    # Nothing is added but the sign of a cut.
    assert not _bare_words(made) - _bare_words(text)


def _bare_words(text):
    return Counter(filter(None, (word.strip(",;:…") for word in text.split())))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("taza-azul_grande.jpg", "Taza azul grande"),
        ("Café con leche-final-v2.PNG", "Café con leche"),
        ("WhatsApp Image 2026-01-01 at 10.00.jpeg", ""),
        ("Captura de pantalla 3.png", ""),
        ("9f86d081884c7d65.png", ""),
        ("DSC_0042.JPG", ""),
    ],
)
def test_a_file_name_says_something_or_nothing(name, words):
    assert alt.from_file_name(name) == words
