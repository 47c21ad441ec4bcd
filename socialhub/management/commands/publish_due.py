"""Publish what is due, in this process, one after the other."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from socialhub.management.periodic import PeriodicCommand
from socialhub.services import publishing


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        results: Counter[str] = Counter()
        ids = publishing.ring(now, lambda pk: results.update([publishing.publish(pk, now)]))
        return {"due": len(ids), "results": dict(results)}
