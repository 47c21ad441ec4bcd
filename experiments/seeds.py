"""Demo tests and recycling: weeks of history, driven through the product's own services.

The clock of this process and of the sandbox network is set back, and then everything happens in
its order: tests are written, approved and started, posts go out, their numbers are read, tests are
looked at until they are decided, recycling plans. Nothing is written past the services.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from experiments.models import ABTest, RecyclingRule
from experiments.seeding import leftovers
from experiments.seeding.story import Story
from socialhub.models import Account
from socialhub.seeds import clock, inbox, network, past


def seed(users: Mapping[str, User]) -> None:
    """Live the past weeks, once: wholly or, when interrupted, not at all. Calls the network."""
    is_there = ABTest.objects.filter(is_demo=True) or RecyclingRule.objects.filter(is_demo=True)
    found = Account.objects.filter(is_demo=True, platform="sandbox")
    accounts = {account.handle: account for account in found}
    if is_there or not accounts:
        return
    with network.running() as server, transaction.atomic():
        leftovers.clear(server, accounts)
        story = Story(users, accounts, timezone.now())
        with clock.at(story.begin, server) as travel:
            story.tell(travel, server)
        # What was answered meanwhile, read as the inbox of the demo is.
        answers = {handle: past.answers(account) for handle, account in accounts.items()}
        inbox.seed(accounts, answers, timezone.now())
