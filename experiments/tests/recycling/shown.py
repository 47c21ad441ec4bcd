"""Posts that went out and were read, and clients that ask about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from analytics.services import recording, tracking
from socialhub.models import Account, AccountGrant, Publication
from socialhub.tests.factories import PostFactory, PublicationFactory, UserFactory

DAY = timedelta(days=1)
# Texts without anything in common.
WORDS = (
    "bread oven flour salt water yeast hands dawn crust warm harbour boats fog gulls rope tide "
    "violin wood strings bow varnish tune garden beans soil rain spade worms compost window glass "
    "lead colour church light paper ink press letters proof engine steam rails whistle coal bridge "
    "mountain goats cheese cave wheel rind clay kiln glaze bowl spin thumb needle thread linen hem"
)


def text(n: int) -> str:
    """A text unlike that of any other number."""
    return " ".join(Random(n).sample(WORDS.split(), 9))


def shown(
    account: Account,
    days: float,
    engagements: int | None = None,
    impressions: int | None = None,
    *,
    hour: int = 12,
    **post: Any,
) -> Publication:
    """Published at that hour (UTC), at least so many days ago and no day more, whatever the time
    of day now; its counters were read three days later."""
    latest = timezone.now() - days * DAY
    at = latest.replace(hour=hour, minute=0, second=0, microsecond=0)
    if at > latest:
        at -= DAY
    return shown_at(account, at, engagements, impressions, **post)


def shown_at(
    account: Account,
    at: datetime,
    engagements: int | None = None,
    impressions: int | None = None,
    **post: Any,
) -> Publication:
    override = post.pop("override", "")
    media = post.pop("media", ())
    row = post.pop("post", None) or PostFactory(
        **{
            "text": text(Publication.objects.count()),
            "is_evergreen": True,
            "approved": True,
            **post,
        }
    )
    for place, asset in enumerate(media, 1):
        row.post_media.create(media=asset, position=place)
    publication = PublicationFactory(
        account=account,
        post=row,
        text_override=override,
        published=True,
        due_at=at,
        published_at=at,
    )
    tracking.ensure_stats([publication.pk])
    counters = {"likes": engagements, "impressions": impressions}
    given = {name: value for name, value in counters.items() if value is not None}
    if given:
        recording.record(None, publication, given, at + 3 * DAY)
    return publication


def client(role: str = "Marketer", *accounts: Account) -> APIClient:
    """Of a new user in that role, limited to `accounts` if there are any."""
    user = UserFactory(role=role)
    for account in accounts:
        AccountGrant.objects.create(user=user, account=account)
    made = APIClient()
    made.force_authenticate(user)
    made.user = user
    return made
