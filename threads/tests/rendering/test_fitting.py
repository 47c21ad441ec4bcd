"""Text is set as large as its box allows, or refused with what is too much."""

from __future__ import annotations

import re

import pytest

from threads.rendering import Overflow
from threads.tests.rendering.pages import opened, page

RED = (225, 29, 72)
BOX = "width: 400px; height: 120px; padding: 10px; background: #eeeeee;"


def size_of(renderer, text: str, *, style: str = BOX, fit: str = "10 200", lines: bool = False):
    body = f'<div style="{style}" data-fit="{fit}" data-fields="title">{text}</div>'
    prepared = renderer.prepare(page(body))
    size = re.search(r"\.fit-0 { font-size: (\d+)px", prepared.page.css)
    return int(size[1]), prepared.overflow


@pytest.mark.parametrize(
    "style",
    [
        BOX,
        BOX + "display: flex; align-items: center; justify-content: center; text-align: center;",
        BOX + "position: absolute; left: 40px; top: 70px; transform: rotate(30deg);",
        BOX + "font-family: Oswald; line-height: 1;",
    ],
    ids=["plain", "centred", "turned", "close lines"],
)
def test_the_size_is_the_largest_that_fits(takumi, style):
    size, overflow = size_of(takumi, "Una frase que cabe en dos o tres líneas", style=style)

    assert overflow == ()
    assert 30 <= size <= 60
    # One more and it is too large.
    _, over = size_of(takumi, "Una frase que cabe en dos o tres líneas", style=style,
                      fit=f"{size + 1} {size + 1}")  # fmt: skip
    assert len(over) == 1


def test_a_paragraph_is_fitted_like_any_box(takumi):
    size, overflow = size_of(takumi, "Una frase que cabe en dos o tres líneas")
    body = f'<p style="{BOX}" data-fit="10 200">Una frase que cabe en dos o tres líneas</p>'

    assert f".fit-0 {{ font-size: {size}px" in takumi.prepare(page(body)).page.css
    assert overflow == ()


def test_short_texts_stop_at_the_largest_size_and_lists_are_measured_whole(takumi):
    assert size_of(takumi, "Sí", fit="10 40") == (40, ())

    one = size_of(takumi, "<p>uno</p>")[0]
    four = size_of(takumi, "<p>uno</p><p>dos</p><p>tres</p><p>cuatro</p>")[0]
    assert 60 < one <= 90 and 15 < four < 30


def test_a_text_that_is_too_long_is_refused_with_what_to_cut_and_shown_in_red(takumi):
    text = "palabra " * 40
    body = f'<div style="{BOX}" data-fit="24 60" data-fields="title note">{text}</div>'

    picture = takumi.render(page(body))

    (overflow,) = picture.overflow
    assert (overflow.fields, overflow.field) == (("title", "note"), "title")
    # Three lines of four words fit at 24 pixels.
    kept = len(text.strip()) - overflow.cut
    assert size_of(takumi, text[: kept - 8], fit="24 24")[1] == ()
    assert 60 <= kept <= 120
    assert RED in {opened(picture.png).getpixel((x, 2)) for x in range(40)}


def test_a_word_that_is_too_wide_and_text_below_the_canvas_do_not_fit(takumi):
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

    assert size_of(takumi, word, fit="24 60")[1][0].cut > 30
    # The layout holds no line that begins below the canvas; they count all the same.
    whole = "width: 540px; height: 540px;"
    assert size_of(takumi, "palabra " * 300, style=whole, fit="30 60")[1] != ()


def test_a_page_without_boxes_stays_as_it_is(takumi):
    before = page("<p>a</p>")

    assert takumi.prepare(before).page == before


def test_the_overflow_of_a_text_of_the_template_itself_names_no_field():
    assert Overflow((), 3).field == ""
