"""The demo's inbox: what the audience answered in the past weeks, most of it dealt with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import F

from socialhub.models import Account, Interaction
from socialhub.seeds.past import Answers
from socialhub.services import interactions

# What is older was put away by somebody, some hours after it came.
WAITING = timedelta(days=3)
TIDIED_AFTER = timedelta(hours=4)


def seed(accounts: Mapping[str, Account], found: Mapping[str, Answers], now: datetime) -> None:
    """Store them as the collector would; it goes on from there. Makes no network call."""
    for handle, account in accounts.items():
        interactions.store(account, found[handle].items)
        Account.objects.filter(pk=account.pk).update(interactions_cursor=found[handle].cursor)
    old = Interaction.objects.filter(
        account__in=list(accounts.values()), created_at__lt=now - WAITING
    )
    old.update(archived_at=F("created_at") + TIDIED_AFTER)
