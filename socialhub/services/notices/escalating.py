"""What nobody acknowledged within an hour goes to the administrators."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from socialhub.models import Notice
from socialhub.services.notices import people
from socialhub.services.notices.opening import address

AFTER = timedelta(hours=1)


def escalate(now: datetime | None = None) -> int:
    """Returns how many notices went up."""
    now = now or timezone.now()
    open_rows = Notice.objects.filter(
        created_at__lte=now - AFTER,
        acknowledged_at__isnull=True,
        resolved_at__isnull=True,
        escalated_at__isnull=True,
    )
    escalated = 0
    for notice in list(open_rows):
        with transaction.atomic():
            if open_rows.filter(pk=notice.pk).update(escalated_at=now):
                address(notice, people.administrators())
                escalated += 1
    return escalated
