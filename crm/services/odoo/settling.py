"""From when on Odoo has to be asked again (docs/odoo-api.md section 4).

A `write_date` is the start of a transaction and shows whole seconds: for a while rows may still
appear at or before the newest one seen. A reading that begins longer than the overlap after
another began has seen all there will ever be up to the newest row of that other one: that much
is settled and is not asked for again. Our own clock only measures the time between the two; the
times that are compared with Odoo's rows are Odoo's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crm.odoo.client import OVERLAP

SECOND = timedelta(seconds=1)
# More than the second that a shown time hides.
MARGIN = timedelta(seconds=5)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def is_quiet(details: dict[str, Any], newest: datetime | None) -> bool:
    """Is everything Odoo has known for certain already?"""
    settled = _time(details.get("settled"))
    return settled is not None and (newest is None or newest <= settled)


def lower_bound(details: dict[str, Any], since: datetime | None) -> datetime | None:
    """The earliest `write_date` to ask for; None = everything."""
    if since is None:
        return None
    settled, bound = _time(details.get("settled")), since - OVERLAP
    return bound if settled is None else max(bound, settled + SECOND)


def completed(details: dict[str, Any], newest: datetime | None) -> dict[str, Any]:
    """The details after a reading that began at details["began"] with `newest` in Odoo."""
    began = _time(details.get("began"))
    if began is None or newest is None:
        return details
    found = dict(details)
    pending, pending_at = _time(found.get("pending")), _time(found.get("pending_at"))
    if pending is not None and pending_at is not None:
        if began - pending_at >= OVERLAP + MARGIN:
            found["settled"] = pending.isoformat()
            pending = None
        elif began < pending_at:
            # The clock was set back: measure anew.
            pending = None
    if pending is None:
        found["pending"], found["pending_at"] = newest.isoformat(), began.isoformat()
    return found
