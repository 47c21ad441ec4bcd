"""A publication's history stays small: readings thin out, and only what moved is kept."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.models import PostMetrics, PublicationStats
from analytics.services import tracking, writing
from bench.analytics import generator, volume
from bench.analytics.generator import COUNTERS, NULL
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import AccountFactory, PublicationFactory

PUBLISHED_AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_ninety_days_leave_at_most_two_hundred_snapshots_per_publication():
    found = volume.measure()

    assert volume.NAIVE == 2_880
    assert found["readings"] == 96 + 144 + 83 + 1
    assert 100 < found["seen"] <= 200
    assert found["all"] <= found["seen"]


@pytest.mark.django_db
def test_what_is_counted_there_is_what_the_product_keeps():
    facts = generator.generate(1_000)
    rng = np.random.default_rng(5)
    chosen = volume.sample(rng, facts, 8)
    counters = volume.read(rng, facts, chosen)
    account = AccountFactory(platform="bluesky")
    made = [
        PublicationFactory(account=account, published=True, published_at=PUBLISHED_AT).pk
        for _ in chosen
    ]
    tracking.ensure_stats(made)

    at, readings = PUBLISHED_AT, 0
    while at is not None:
        writing.write(account, numbers(made, counters, readings), at)
        readings += 1
        at = PublicationStats.objects.get(pk=made[0]).next_collect_at

    kept = Counter(PostMetrics.objects.values_list("publication_id", flat=True))
    assert readings == len(volume.ages())
    assert [kept[pk] for pk in made] == volume.snapshots(counters).sum(axis=1).tolist()


def numbers(made, counters, reading) -> dict[int, Metrics]:
    """What the network says at that reading, by publication."""
    said = {}
    for place, pk in enumerate(made):
        values = {name: int(counters[name][place, reading]) for name in COUNTERS}
        said[pk] = Metrics(**{name: None if v == NULL else v for name, v in values.items()})
    return said
