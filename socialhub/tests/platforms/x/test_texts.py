"""Length and price of a text on X."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import twitter_text

from socialhub.platforms.base import Draft, MediaFile, RemoteRef
from socialhub.platforms.x import XAdapter
from socialhub.platforms.x.posts import comparable
from socialhub.platforms.x.prices import PRICES

ROWS = json.loads((Path(__file__).parent / "weights.json").read_text())["rows"]
X = XAdapter()
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def draft(text: str, **more: Any) -> Draft:
    return Draft(text, "key", AT, **more)


def test_there_are_enough_rows() -> None:
    assert len(ROWS) >= 200


def test_weights_and_links_are_those_of_the_official_library() -> None:
    ours = [[text, X.count(text).count, twitter_text.extract_urls(text)] for text, *_ in ROWS]

    assert ours == ROWS


@pytest.mark.parametrize("emoji", ["🧑‍🤝‍🧑", "🤏🏻", "🐕‍🦺"])
def test_emoji_later_than_the_official_library_are_two_as_well(emoji: str) -> None:
    assert X.count(emoji * 3).count == 6


def test_the_limit_is_280_or_what_the_account_may() -> None:
    assert [p.code for p in X.validate(draft("a" * 281))] == ["text_too_long"]
    assert X.validate(draft("a" * 281), {"text_limit": 25_000}) == []
    assert [p.code for p in X.validate(draft("a" * 25_001), {"text_limit": 25_000})] == [
        "text_too_long"
    ]


def test_a_second_cashtag_is_refused_before_sending() -> None:
    assert X.validate(draft("$ACME rises")) == []
    assert [p.code for p in X.validate(draft("$ACME and $INIT"))] == ["too_many_cashtags"]


@pytest.mark.parametrize(
    ("options", "threads", "replies"),
    [
        ({}, False, True),
        ({"threads": True}, True, True),
        ({"threads": True, "replies": False}, False, False),
        ({"replies": False}, False, False),
    ],
)
def test_a_person_may_say_that_the_account_may_have_chains(
    options: dict[str, bool], threads: bool, replies: bool
) -> None:
    caps = X.capabilities_for(options)

    assert (caps.threads, caps.replies) == (threads, replies)
    assert caps.thread_substitutes == {"numbered"}


def described(alt_text: str) -> MediaFile:
    return MediaFile("0" * 64, "image/png", 1, 1, 1, alt_text, lambda: b"")


MENTION = RemoteRef("1", {"id": "1", "author_id": "7"})
OWN = RemoteRef("1", {"id": "1"})


@pytest.mark.parametrize(
    ("made", "kinds", "usd"),
    [
        (draft("plain"), {"post": 1}, "0.015"),
        (draft("see https://example.com"), {"post_with_link": 1}, "0.200"),
        (draft("see example.com"), {"post_with_link": 1}, "0.200"),
        (draft("mail a@b.com"), {"post": 1}, "0.015"),
        (draft("see example.invalidtld"), {"post": 1}, "0.015"),
        (draft("thanks", parent=MENTION), {"reply": 1}, "0.010"),
        (draft("see example.com", parent=MENTION), {"post_with_link": 1}, "0.200"),
        (draft("part two", parent=OWN), {"post": 1}, "0.015"),
        (
            draft("two", media=(described("a"), described("b"))),
            {"post": 1, "media_metadata": 2},
            "0.025",
        ),
    ],
)
def test_what_a_post_costs(made: Draft, kinds: dict[str, int], usd: str) -> None:
    assert X.charges(made) == kinds
    assert PRICES.cost(X.charges(made)) == Decimal(usd)


def test_a_link_in_one_part_of_five_costs_as_the_price_list_says() -> None:
    parts = [draft(f"part {n}") for n in range(4)] + [draft("see example.com")]

    assert sum(PRICES.cost(X.charges(part)) for part in parts) == Decimal("0.26")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("see example.com", "see http://example.com"),
        ("see https://www.Example.com/", "see https://example.com"),
        ("a https://a.com/x b.org", "a https://a.com/x http://b.org/"),
    ],
)
def test_a_link_is_the_same_in_each_spelling(ours: str, theirs: str) -> None:
    assert comparable(ours) == comparable(theirs)
    assert comparable(ours) != comparable(theirs + "y")
