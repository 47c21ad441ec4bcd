"""Little text, and what counts."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socialhub.platforms.linkedin import LinkedInAdapter, littletext
from socialhub.tests.support.standins.linkedin.posts import shown

ADAPTER = LinkedInAdapter()
ODD = st.text(alphabet=st.sampled_from("\\|{}@[]()<>#*_~＃ab1 hashtag:urnli\n"))


@given(st.text() | ODD)
@example("\\#tag {hashtag|\\#|x} @[a](urn:li:person:1)")
@example("#a_b #2026 https://example.com/#top ＃b")
def test_unescaping_gives_the_text_back(text: str) -> None:
    assert littletext.unescape(littletext.escape(text)) == text


@given(st.text() | ODD)
def test_the_network_shows_every_character(text: str) -> None:
    assert shown(littletext.escape(text)) == text


@pytest.mark.parametrize(
    ("text", "little"),
    [
        ("a_b (c) <d>", "a\\_b \\(c\\) \\<d\\>"),
        ("Mesa #Oficina!", "Mesa {hashtag|\\#|Oficina}!"),
        ("#mesa_alta", "{hashtag|\\#|mesa\\_alta}"),
        ("C# y #2", "C\\# y \\#2"),
        ("https://example.com/a#b", "https://example.com/a\\#b"),
        ("ana@example.com", "ana\\@example.com"),
    ],
)
def test_escaping(text: str, little: str) -> None:
    assert littletext.escape(text) == little


@pytest.mark.parametrize(
    ("little", "text"),
    [
        ("Hola @[Ana \\(Sur\\)](urn:li:person:a1)", "Hola Ana (Sur)"),
        ("{hashtag|#|mesa} {hashtag|\\＃|silla}", "#mesa ＃silla"),
    ],
)
def test_what_others_wrote_is_read(little: str, text: str) -> None:
    assert littletext.unescape(little) == text


def test_a_text_without_escaping_is_cut_off_by_the_stand_in() -> None:
    assert shown("Oferta (hoy)") == "Oferta "


def test_a_shortened_link_is_the_same_text() -> None:
    ours = "Mira https://www.example.com/ofertas/muebles ya"

    assert littletext.same(ours, "Mira https://lnkd.in/eXaMpLe ya")
    assert not littletext.same(ours, "Mira https://www.example.com/otra ya")
    assert not littletext.same(ours, "Ven https://lnkd.in/eXaMpLe ya")


def test_the_limit_counts_what_people_see_unless_told_otherwise() -> None:
    text = "(" * 2_000

    assert ADAPTER.count(text).ok
    assert ADAPTER.count(text, {"count_escaped": True}).count == 4_000
    assert ADAPTER.count(text, {"text_limit": 1_999}).limit == 1_999
