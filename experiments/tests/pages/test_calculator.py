"""Counts that somebody types or pastes, and what comes back."""

from __future__ import annotations

import math

import pytest

from experiments.tests.pages.rows import logged_in, words
from experiments.views import figures, pasting

pytestmark = pytest.mark.django_db
PATH = "/admin/experiments/calculator/"


def calculated(**sent):
    asked = {"kind": "proportion", "design": "split", "confidence": "0.95"}
    return logged_in("Analyst").post(PATH, {**asked, **sent})


def typed(*rows):
    names = ("name", "engagements", "impressions")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def test_typed_counts_name_the_winner_and_what_may_be_claimed():
    response = calculated(**typed(("A", "120", "4000"), ("B", "165", "4050")))

    text = words(response.text)
    assert response.status_code == 200
    # R: prop.test(c(165, 120), c(4050, 4000), correct = FALSE) gives p = 0.0091.
    assert "B wins: 36 % more than A (between +7.8 % and +71 %)." in text
    assert "a winner causes the higher rate" in text
    assert "B against A 1.07 points" in text
    assert "0.0091" in text
    assert "Chance to be the best" in text


@pytest.mark.parametrize(
    "pasted",
    [
        "A\t120\t4000\nB\t165\t4050",
        "variant;clicks;impressions\nA;120;4.000\nB;165;4.050\n",
        "impressions,name,clicks\n4000,A,120\n4050,B,165",
        "120\t4 000\n165\t4 050",
    ],
)
def test_a_spreadsheet_is_pasted(pasted):
    response = calculated(pasted=pasted, **typed(("X", "", ""), ("Y", "", "")))

    assert "B wins: 36 % more than A" in words(response.text)
    assert 'value="4050"' in response.text
    assert 'value="X"' not in response.text


def test_what_is_wrong_stands_beside_its_variant_and_the_numbers_stay():
    response = calculated(**typed(("A", "120", "4000"), ("Big", "5000", "4050")))

    assert response.status_code == 400
    assert words(response.text).count("Big has more engagements than impressions.") == 2
    assert 'value="5000"' in response.text
    assert "ab-row-error" in response.text.partition('value="Big"')[2]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (typed(("A", "many", "4000"), ("B", "1", "2")), "A: engagements must be a whole number."),
        (typed(("A", "-3", "4000"), ("B", "1", "2")), "A: engagements must not be negative."),
        (typed(("A", "1", "4000"), ("A", "1", "2")), "Two variants are called"),
        (
            {**typed(("A", "1", "4000"), ("B", "1", "20")), "confidence": "95"},
            "such as 0.95",
        ),
        ({**typed(("A", "1", "4000"), ("B", "1", "20")), "kind": "magic"}, "Choose one of"),
        (typed(("A", "1", "0"), ("B", "0", "0")), "A has more engagements than impressions"),
    ],
)
def test_bad_input_is_refused_in_words(sent, told):
    response = calculated(**sent)

    assert response.status_code == 400
    assert told in words(response.text)


def test_values_of_posts_and_matched_slots_are_calculated():
    values = {"name": ["A", "B"], "values": ["10 12 9,5 11", "19; 22; 20; 21.5"]}
    slots = "\n".join(f"{10 + n} 400 {15 + n} 410" for n in range(8))

    per_post = calculated(kind="per_post", design="single_post", **values)
    paired = calculated(
        kind="rate", design="paired_slots", slots=slots, **typed(("A", "", ""), ("B", "", ""))
    )

    assert "B wins" in words(per_post.text)
    assert "8 slots, t" in words(paired.text)
    assert 'value="108"' in paired.text and 'value="3200"' in paired.text


def test_over_htmx_a_row_comes_and_goes_and_what_is_typed_stays():
    client = logged_in("Analyst")
    sent = {"kind": "count", "design": "split", **typed(("A", "30", ""), ("B", "44", ""))}

    more = client.post(PATH, {**sent, "more": "1"}, headers={"hx-request": "true"})
    less = client.post(
        PATH,
        {**sent, **typed(("A", "30", ""), ("B", "44", ""), ("C", "50", "")), "less": "1"},
        headers={"hx-request": "true"},
    )

    assert "<html" not in more.text
    assert more.text.count('name="engagements"') == 3
    assert 'value="C"' in more.text
    assert 'value="44"' not in less.text and 'value="50"' in less.text


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0301, "3.01 %"),
        (0.00042, "0.042 %"),
        (1e-20, "below 0.0001 %"),
        (0.0, "0.00 %"),
        (None, "–"),
        (math.inf, "–"),
    ],
)
def test_shares_keep_the_decimals_that_matter(share, shown):
    assert figures.rate(share).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("text", "count"),
    [("1.234", 1234), ("12,345", 12345), ("1 234 567", 1234567), ("12.5", "12.5"), ("", None)],
)
def test_thousands_are_read_as_spreadsheets_write_them(text, count):
    assert pasting.count(text) == count
