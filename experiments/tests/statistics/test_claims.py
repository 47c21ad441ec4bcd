from itertools import product

import pytest

from experiments.statistics.claims import SENTENCES, claim
from experiments.statistics.counts import KINDS
from experiments.statistics.plans import DESIGNS


def test_every_design_and_kind_has_its_sentence():
    found = {claim(design, kind).code for design, kind in product(DESIGNS, KINDS)}

    assert found == set(SENTENCES)


@pytest.mark.parametrize("design", DESIGNS)
def test_without_impressions_nobody_speaks_of_a_rate(design):
    sentence = claim(design, "count").sentence

    assert "more reactions" in sentence
    assert "rate" not in sentence


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_random_split_and_matched_slots_show_a_cause(kind):
    causal = {design for design in DESIGNS if claim(design, kind).causal}

    assert causal == {"split", "paired_slots"}


def test_one_post_each_says_nothing_of_the_text():
    assert claim("single_post", "proportion").sentence == (
        "One post each: this post did better; its text need not be better."
    )
