"""A shop in Madrid with posts whose numbers are known, for the tests of reports."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.models import ReportRecipient
from analytics.services import tracking, writing
from socialhub.models import Account, Publication
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import AccountFactory, PostFactory, PublicationFactory, organisation

ZONE = ZoneInfo("Europe/Madrid")
MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)
AWKWARD = "Boots *for* rain_y [days] <b>&</b>"
# The Monday after, when the report of that week is due.
NOW = datetime(2026, 3, 9, 7, 5, tzinfo=ZONE)


def local(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


class Shop:
    def __init__(self, **fields) -> None:
        organisation(
            **{"name": "Zapatería Ñu", "timezone": "Europe/Madrid", "language": "en", **fields}
        )

    def account(self, platform: str = "mastodon", **fields) -> Account:
        return AccountFactory(platform=platform, **fields)

    def publish(
        self, account: Account, day: date, text: str = "Shoes", *, hour: int = 10, post=None, **read
    ) -> Publication:
        """Out at that local hour; its counters are read half an hour later."""
        at = local(day, hour)
        row = PublicationFactory(
            post=post or PostFactory(approved=True, text=text),
            account=account,
            published=True,
            published_at=at,
            permalink=f"https://social.example/{text[:3].strip()}",
        )
        tracking.ensure_stats([row.pk])
        if read:
            self.read(row, at + timedelta(minutes=30), **read)
        return row

    def read(self, row: Publication, at: datetime, **read) -> None:
        writing.write(row.account, {row.pk: Metrics(**read)}, at)

    def recipient(self, url: str, name: str = "Ana", **fields) -> ReportRecipient:
        return ReportRecipient.objects.create(name=name, url=url, **fields)


def two_weeks(shop: Shop) -> dict[str, Publication]:
    """A week with two posts on two networks, the one before with one, and measuring before."""
    mastodon = shop.account("mastodon", handle="nu@shop.example")
    sandbox = shop.account("sandbox", handle="Zapatería")
    shop.publish(mastodon, MONDAY - timedelta(days=10), "Older", likes=1)
    before = shop.publish(mastodon, MONDAY - timedelta(days=5), "Old", likes=10, comments=0)
    sandals = shop.publish(
        sandbox, MONDAY, "Sandals are here", likes=20, comments=4, shares=6, impressions=1_000
    )
    boots = shop.publish(
        mastodon, SUNDAY, "Boots *for* rain_y [days] <b>&</b>", likes=3, comments=2
    )
    again = shop.publish(
        sandbox, SUNDAY, post=boots.post, hour=23, likes=5, shares=1, impressions=500
    )
    return {"before": before, "sandals": sandals, "boots": boots, "again": again}
