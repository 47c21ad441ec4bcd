"""A shop in Madrid whose figures a test can add up by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from analytics.services import rebuilding, tracking, writing
from socialhub.models import Account, Publication
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import AccountFactory, PostFactory, PublicationFactory, organisation


class Shop:
    def __init__(self, now: datetime, zone: str = "Europe/Madrid") -> None:
        organisation(name="Shop", timezone=zone, setup_done=True)
        rebuilding.rebuild(now)
        self.now = now

    def account(self, platform: str = "mastodon", **fields) -> Account:
        return AccountFactory(platform=platform, **fields)

    def publish(
        self, account: Account, *, at: datetime | None = None, post=None, read_at=None, **given
    ) -> Publication:
        """Out at `at` (a day ago), read an hour later. Counters and fields of the post."""
        at = at or self.now - timedelta(days=1)
        counters = {name: given.pop(name) for name in Metrics.__slots__ if name in given}
        post = post or PostFactory(approved=True, **given)
        permalink = "https://social.example/1"
        row = PublicationFactory(
            post=post, account=account, published=True, published_at=at, permalink=permalink
        )
        tracking.ensure_stats([row.pk])
        if counters:
            self.read(row, at=read_at or at + timedelta(hours=1), **counters)
        return row

    def read(self, row: Publication, *, at: datetime, **counters) -> None:
        """The network answers with these counters."""
        writing.write(row.account, {row.pk: Metrics(**counters)}, at)
