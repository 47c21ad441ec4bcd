"""Values are written into a template as text, never as markup, and never without end."""

from __future__ import annotations

import pytest

from threads.rendering import Brand, NotFilled, fill
from threads.rendering.filling import text_colour

SQUARE = {"name": "square", "width": 1080, "height": 1080}


def filled(html: str, values: dict, *types: tuple[str, str], brand=Brand()):
    fields = [{"name": name, "type": kind} for name, kind in types]
    return fill(html, ".x { color: red }", fields, values, brand, SQUARE, "es")


def test_a_filled_page_holds_values_variables_and_the_names_of_its_images():
    result = filled(
        '<h1 data-fit="20 60">{{ title }}</h1>{% if note %}{{ note }}{% endif %}'
        "{% for line in items %}<li>{{ loop.index }} {{ line }}</li>{% endfor %}"
        '<img src="{{ photo }}"><img src="{{ brand.logo }}">{{ price }} ({{ price_note }})',
        {
            "title": "A & <b>",
            "items": ["one", " ", "two"],
            "photo": "media:1",
            "price": "19,99 €",
            "price_note": "IVA incluido",
            "accent": "#fff",
            "part": "40",
            "unknown": "x",
        },
        *(("title", "text"), ("note", "text"), ("items", "lines"), ("photo", "image")),
        *(("other", "image"), ("price", "price"), ("accent", "colour"), ("part", "number")),
        brand=Brand("Casa", "logo:2", ("#000000", "url(x)")),
    )

    assert result.html == (
        '<div class="canvas canvas--square" lang="es">'
        '<h1 data-fit="20 60" data-fields="title">A &amp; &lt;b&gt;</h1>'
        "<li>1 one</li><li>2 two</li>"
        '<img src="media:1"><img src="logo:2">19,99 € (IVA incluido)</div>'
    )
    assert result.css == (
        ".canvas { width: 1080px; height: 1080px; --w: 1080px; --h: 1080px;"
        " --brand-1: #000000; --on-brand-1: #ffffff; --brand-2: #f59e0b; --on-brand-2: #000000;"
        " --brand-3: #f1f5f9; --on-brand-3: #000000; --field-accent: #fff;"
        " --on-field-accent: #000000; --field-part: 40; }\n.x { color: red }"
    )
    assert result.image_names == ("media:1", "logo:2")
    assert (result.width, result.height, result.language) == (1080, 1080, "es")


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("{{ missing }}", "undeclared_field"),
        ("{{ title.__class__.__mro__ }}", "not_allowed"),
        ("{% for a in items %}{% for b in items %}{% for c in items %}{% endfor %}{% endfor %}"
         "{% endfor %}", "too_many_loops"),
        ("{% for a in items %}{{ title }}{{ title }}{% endfor %}", "output_too_long"),
        ("{% if %}", "syntax"),
    ],
)  # fmt: skip
def test_what_the_language_does_not_have_is_not_filled_even_unchecked(html, code):
    values = {"title": "x" * 10_000, "items": ["a"] * 60}

    with pytest.raises(NotFilled) as refused:
        filled(html, values, ("title", "text"), ("items", "lines"))

    assert refused.value.code == code


def test_a_colour_that_is_none_does_not_reach_the_page():
    result = filled(
        '<p style="color: {{ accent }}">a</p>', {"accent": "red; x: url(//a)"}, ("accent", "colour")
    )

    assert 'style="color: "' in result.html and "--field-accent" not in result.css


@pytest.mark.parametrize(
    ("background", "text"),
    [("#fff", "#000000"), ("#1d4ed8", "#ffffff"), ("#f59e0b", "#000000"), ("#7c3aed", "#ffffff")],
)
def test_text_on_a_colour_is_the_more_readable_of_black_and_white(background, text):
    assert text_colour(background) == text
