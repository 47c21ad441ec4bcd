"""Facets and record keys: pure functions."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socialhub.platforms.bluesky import facets, tid

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PIECES = st.sampled_from(
    [
        "https://example.com/ä?x=1",
        "http://a.b/(c)",
        "example.com/x",
        "#mañana",
        "#2026",
        "＃日本",
        "@alice.example.com",
        "👨‍👩‍👧‍👦",
        "(",
        ").",
        " ",
        "\n",
        "https://",
        "\ufeff",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=12).map("".join)


def found(text: str) -> list[tuple[str, str]]:
    """What each facet covers, cut out of the encoded text, and what it points to."""
    encoded = text.encode()
    return [
        (
            encoded[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(value for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in facets.facets(text, lambda handle: f"did:web:{handle}")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", []),
        ("👨‍👩‍👧‍👦 https://a.de/ü, yes", [("https://a.de/ü", "https://a.de/ü")]),
        ("(see https://a.de/x_(y))", [("https://a.de/x_(y)", "https://a.de/x_(y)")]),
        ("¿https://a.de?", [("https://a.de", "https://a.de")]),
        ("«https://a.de»", [("https://a.de", "https://a.de")]),
        ("visit example.com/x now", [("example.com/x", "https://example.com/x")]),
        ("node.js and e.g. this", []),
        ("https:// https://. https://?", []),
        ("mail me@example.com", []),
        ("#año, #2026 #a_b! C#x", [("#año", "año"), ("#a_b", "a_b")]),
        ("#" + "x" * 65, []),
        ("https://a.de/#x #x", [("https://a.de/#x", "https://a.de/#x"), ("#x", "x")]),
        ("¡Hola (@Ana.example.com)!", [("@Ana.example.com", "did:web:ana.example.com")]),
        ("@ana @", []),
        ("https://a.de/@ana.example.com", [("https://a.de/@ana.example.com",) * 2]),
    ],
)
def test_links_tags_and_mentions_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@given(TEXTS)
@example("é#é https://é.de/é")
def test_byte_offsets_cut_out_exactly_what_is_meant(text: str) -> None:
    for covered, value in found(text):
        if covered.startswith(("#", "＃")):
            assert covered[1:] == value
        elif covered.startswith("@"):
            assert value == f"did:web:{covered[1:].lower()}"
        else:
            assert value in (covered, f"https://{covered}")
            assert not re.search(r"\s|\ufeff", value)


@given(TEXTS)
def test_facets_are_in_order_and_do_not_overlap(text: str) -> None:
    ends = [0]
    for facet in facets.facets(text, lambda handle: "did:web:x"):
        assert facet["index"]["byteStart"] >= ends[-1]
        assert facet["index"]["byteEnd"] > facet["index"]["byteStart"]
        ends.append(facet["index"]["byteEnd"])
    assert ends[-1] <= len(text.encode())


def test_a_mention_of_nobody_stays_text() -> None:
    assert facets.facets("@nobody.example.com", lambda handle: "") == []


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)), st.uuids())
def test_record_keys_are_valid_and_repeatable(at: datetime, key: uuid.UUID) -> None:
    at = at.replace(tzinfo=UTC)

    made = tid.for_key(at, str(key))

    # https://atproto.com/specs/tid#tid-syntax
    assert re.fullmatch(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", made)
    assert made == tid.for_key(at, str(key))


def test_record_keys_sort_by_second() -> None:
    keys = [tid.for_key(AT + timedelta(seconds=n), str(uuid.uuid4())) for n in range(50)]

    assert keys == sorted(keys)


def test_posts_of_the_same_instant_get_different_keys() -> None:
    keys = {tid.for_key(AT, str(uuid.UUID(int=n))) for n in range(5_000)}

    assert len(keys) == 5_000


def test_the_specification_s_lowest_key() -> None:
    assert tid.encode(0) == "2222222222222"
