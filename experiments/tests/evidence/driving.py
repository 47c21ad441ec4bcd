"""Running tests whose audience the test knows: numbers come in as a collector writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from analytics.services import tracking, writing
from experiments.models import (
    ABTest,
    ABTestPublication,
    ABTestState,
    ABTestVariant,
    Design,
    MetricKind,
)
from experiments.services import evaluating
from socialhub.models import Account, Publication
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import AccountFactory, PostFactory, PublicationFactory, UserFactory

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def running(
    *, variants: Sequence[str] = ("A", "B"), accounts: Sequence[Account] = (), **fields: Any
) -> ABTest:
    """A started test without publications."""
    values = {
        "question": "Which text?",
        "design": Design.SINGLE,
        "kind": MetricKind.RATE,
        "state": ABTestState.RUNNING,
        "content_hash": "planned",
        "approved_hash": "planned",
        "planned_size": 10_000,
        "starts_at": START,
        "started_at": START,
        "ends_at": START + 14 * DAY,
        "author": UserFactory(role="Marketer"),
        **fields,
    }
    test = ABTest.objects.create(**values)
    test.accounts.set(accounts or [AccountFactory()])
    for position, name in enumerate(variants):
        ABTestVariant.objects.create(
            test=test, position=position, name=name, text=f"Text {name}", key=f"{test.pk}-{name}"
        )
    return test


def show(
    test: ABTest, variant: str, at: datetime, *, block: int = 0, order: int | None = None
) -> Publication:
    """The variant goes out at `at` on the first account of the test."""
    one = test.variants.get(name=variant)
    post = PostFactory(approved=True, variant_key=one.key, text=one.text)
    publication = PublicationFactory(
        account=test.accounts.order_by("pk").first(), post=post, published=True, published_at=at
    )
    tracking.ensure_stats([publication.pk])
    ABTestPublication.objects.create(
        test=test,
        variant=one,
        account=publication.account,
        block=block,
        order=one.position if order is None else order,
        due_at=at,
        post=post,
        publication=publication,
        content_hash=post.content_hash,
    )
    return publication


def read(at: datetime, said: dict[Publication, Metrics | Any]) -> None:
    """The network answers about each of them."""
    for account in {publication.account for publication in said}:
        own = {one.pk: numbers for one, numbers in said.items() if one.account == account}
        writing.write(account, own, at)


class Audience:
    """People who see posts and sometimes react; a post earns half of its reach in half a day."""

    def __init__(self, seed: int, *, reach: int = 40_000, base: float = 0.03) -> None:
        self.rng = np.random.default_rng(seed)
        self.reach, self.base = reach, base
        self.totals: dict[Publication, list[int]] = {}
        self.rates: dict[Publication, float] = {}
        self.watched = timedelta(days=30)

    def meets(self, publication: Publication, lift: float = 0.0) -> None:
        self.totals[publication] = [0, 0]
        self.rates[publication] = self.base * (1 + lift)

    def pass_time(self, start: datetime, end: datetime) -> None:
        """What happens between two moments, and then everything is read."""
        for publication, total in self.totals.items():
            first, last = (
                1 - 2 ** -max((at - publication.published_at) / (12 * HOUR), 0)
                for at in (start, end)
            )
            seen = int(self.rng.poisson(self.reach * (last - first)))
            total[0] += int(self.rng.binomial(seen, self.rates[publication]))
            total[1] += seen
        known = {
            one: Metrics(likes=likes, comments=0, shares=0, saves=0, impressions=seen)
            for one, (likes, seen) in self.totals.items()
            if one.published_at <= end and one.published_at > end - self.watched
        }
        read(end, known)


def drive(
    test: ABTest, audience: Audience, until: datetime, every: timedelta, start: datetime = START
) -> None:
    """Look at the test every so often until it is decided or the time is over."""
    at = start
    while at < until and test.state == ABTestState.RUNNING:
        audience.pass_time(at, at + every)
        at += every
        evaluating.evaluate(test, at)


def pair_up(test: ABTest, blocks: int, audience: Audience, lift: float, luck: float = 0.3) -> None:
    """Publish both variants in each block, two days apart, in turns; each post has its luck."""
    audience.watched = 4 * DAY
    for block in range(blocks):
        for order in range(2):
            variant = "AB"[(block + order) % 2]
            at = START + (2 * block + order) * 2 * DAY
            publication = show(test, variant, at, block=block, order=order)
            own = (1 + lift * (variant == "B")) * np.exp(audience.rng.normal(0, luck))
            audience.meets(publication, float(own) - 1)
