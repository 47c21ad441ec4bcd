"""A time machine for demo data and tests: the product's clock and the sandbox network's say the
same other moment, so that weeks are lived through the real services.

Only this process and the network are moved; nothing else may run on the database meanwhile. What
measures how long something takes (`time.monotonic`) goes on as it is, and so do the few places
that ask the machine itself: the date in webhook signatures, and the comparison of our clock with
a server's Date header.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from socialhub import http


class Travel:
    """Where one is in time; `go` moves on, and time runs from there."""

    def __init__(self, server: str, moment: datetime) -> None:
        self.server = server
        self._set(moment)

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=time.monotonic() - self._ticks)

    def go(self, moment: datetime) -> None:
        """To this moment; where work took longer than until then, time just runs on."""
        self._set(max(moment, self.now()))

    def _set(self, moment: datetime) -> None:
        _tell(self.server, (moment - datetime.now(UTC)).total_seconds())
        self._moment, self._ticks = moment, time.monotonic()


@contextlib.contextmanager
def at(moment: datetime, server: str = "") -> Iterator[Travel]:
    """`timezone.now()` and the sandbox network say `moment` inside the block, and run on."""
    real, travel = timezone.now, Travel(server or settings.SANDBOX_URL, moment)
    # Code calls it as an attribute of its module; nobody keeps the function.
    timezone.now = travel.now
    try:
        yield travel
    finally:
        timezone.now = real
        _tell(travel.server, 0)


def _tell(server: str, offset: float) -> None:
    answer = http.request("POST", f"{server}/control/clock", json={"offset_seconds": offset})
    if answer.status != 200:
        raise RuntimeError(f"the sandbox network keeps its clock: {answer.text[:200]}")
