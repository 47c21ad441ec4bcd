"""The demo's profiles on the sandbox network, and when they post."""

from __future__ import annotations

from datetime import time
from itertools import product

from django.conf import settings
from django.db import transaction

from socialhub.models import Account, AccountStatus, Credential, PostingSlot
from socialhub.platforms.registry import get_adapter

# handle → posting times (local) on these weekdays
SLOTS = {
    "aceitesdelvalle": ((0, 1, 2, 3, 4), (time(9, 30), time(18, 0))),
    "valley.oils": ((0, 2, 4), (time(10, 0),)),
    "cocina.del.valle": ((1, 3, 5), (time(13, 0), time(20, 30))),
}


def seed() -> dict[str, Account]:
    """Connect every profile that is not connected yet. Calls the sandbox network."""
    return {handle: _account(handle) for handle in SLOTS}


def _account(handle: str) -> Account:
    known = Account.objects.filter(platform="sandbox", handle=handle, is_demo=True).first()
    if known is not None:
        return known
    # The secret the network's control page uses too, so that past posts are of the same profile.
    server = settings.SANDBOX_URL
    profile = get_adapter("sandbox").connect(server, handle, f"sandbox-{handle}")
    with transaction.atomic():
        account = Account.objects.create(
            platform="sandbox",
            server_url=server,
            remote_id=profile.remote_id,
            handle=profile.handle,
            display_name=profile.display_name,
            options=dict(profile.options),
            status=AccountStatus.ACTIVE,
            is_demo=True,
        )
        Credential.objects.create(account=account, secrets=dict(profile.secrets))
        weekdays, times = SLOTS[handle]
        PostingSlot.objects.bulk_create(
            PostingSlot(account=account, weekday=weekday, time=at)
            for weekday, at in product(weekdays, times)
        )
    return account
