"""Why numbers are missing where an account's monthly cap stopped their reading."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from socialhub import money
from socialhub.models import Account
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import spending

# In the API.
CODE = "monthly_cap"


def code(skipped_at: datetime | None) -> str | None:
    return CODE if skipped_at is not None else None


def sentence(account: Account, skipped_at: datetime | None) -> str:
    return sentence_of(account.platform, account.monthly_cap_usd, skipped_at)


def sentence_of(platform: str, cap: Decimal | None, skipped_at: datetime | None) -> str:
    """Why the last reading was left out and when the next is made; "" when it was not."""
    if skipped_at is None:
        return ""
    adapter = ADAPTERS.get(platform)
    following = spending.next_month(skipped_at)
    if cap is None or following <= timezone.now():
        return _("The monthly cap was used up. The counters are read again soon.")
    return _(
        "The monthly cap of %(cap)s for %(network)s is used up; counters are read again on %(day)s."
    ) % {
        "cap": money.dollars(cap),
        "network": adapter.name if adapter else platform,
        # The month is that of UTC.
        "day": date_format(following, "j F"),
    }
