"""Everything a test has shown, as the API answers it."""

from __future__ import annotations

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from experiments.models import ABTest, Design, MetricKind
from experiments.queries.results import results
from experiments.services import evaluating
from experiments.statistics.calculate import calculate
from experiments.tests.evidence.driving import DAY, HOUR, START, read, running, show
from socialhub.platforms.base import Metrics

pytestmark = pytest.mark.django_db
FIXED = ("omnibus", "srm", "paired", "cmh")


def _looked_at(test: ABTest, likes: tuple[int, int], shown: int | None) -> None:
    out = [show(test, name, START) for name in "AB"]
    at = START + 3 * DAY
    for hour in range(2):
        said = {
            one: Metrics(likes=likes[n], impressions=shown and shown + hour)
            for n, one in enumerate(out)
        }
        read(at + hour * HOUR, said)
        evaluating.evaluate(test, at + hour * HOUR)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [(MetricKind.RATE, 5_000), (MetricKind.PROPORTION, 5_000), (MetricKind.COUNT, None)],
)
def test_the_figures_are_those_of_the_calculator(kind, shown):
    test = running(kind=kind)
    _looked_at(test, (300, 340), shown)

    found = results(test, START + 4 * DAY)

    counts = [{"engagements": x, "impressions": (shown or -1) + 1} for x in (300, 340)]
    asked = [{"name": name, **one} for name, one in zip("AB", counts, strict=True)]
    expected = calculate({"kind": kind, "design": "single_post", "variants": asked})
    assert {name: found[name] for name in FIXED} == {name: expected[name] for name in FIXED}
    assert found["variants"] == expected["variants"]
    assert found["pairs"][0]["p_raw"] == expected["pairs"][0]["p_raw"]
    assert (found["status"], found["state"]) == ("insufficient_data", "running")
    assert [one["number"] for one in found["looks"]] == [1, 2]
    assert [one["variant"] for one in found["schedule"]] == ["A", "B"]
    json.dumps(found, cls=DjangoJSONEncoder, allow_nan=False)


def test_a_running_tests_interval_says_no_more_than_its_verdict():
    test = running()
    # A single look at these counts would find a winner; hourly looks may not, yet.
    _looked_at(test, (300, 380), 5_000)

    pair = results(test, START + 4 * DAY)["pairs"][0]

    assert pair["p_raw"] < 0.01
    assert pair["ci"] is None
    assert pair["lift_ci"] is None


def test_a_draft_has_no_figures_yet():
    test = ABTest.objects.create(question="Which?", design=Design.PAIRED)

    found = results(test, START)

    assert (found["status"], found["state"]) == ("insufficient_data", "draft")
    assert (found["variants"], found["pairs"], found["looks"]) == ([], [], [])
