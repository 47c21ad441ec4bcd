"""Weeks of an A/A and an A/B, for audiences that the seeds of the network make."""

from __future__ import annotations

import pytest

from experiments.models import ABTest, Outcome
from socialhub.tests.support.demo import seeded_demo

pytestmark = [pytest.mark.django_db, pytest.mark.thorough, pytest.mark.one_database]


@pytest.mark.parametrize("audience", [11])
def test_the_better_text_wins_and_equal_ones_do_not(audience, tmp_path, django_db_blocker):
    only = ("experiments",)
    with seeded_demo(tmp_path, django_db_blocker, only, "--seed", str(audience)):
        better, equal, *_ = ABTest.objects.order_by("pk")

        assert (better.outcome, better.winner.name) == (Outcome.WINNER, "Con pregunta")
        assert equal.outcome in (Outcome.INCONCLUSIVE, Outcome.NO_MEANINGFUL_DIFFERENCE)
        [pair] = better.evidence["pairs"]
        assert pair["low"] > 0
