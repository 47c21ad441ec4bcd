"""The database backend: a connection is looked at before each request, and asked when in doubt.

Django sends "SELECT 1" before the first query of every request, to find a connection that the
server closed meanwhile. A server that closes one says so: there is something to read, or the end.
"""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

# A firewall may forget an idle connection without a word, none does so within seconds.
TRUSTED_SECONDS = 30


class DatabaseWrapper(base.DatabaseWrapper):
    _used_at = float("-inf")

    def close_if_health_check_failed(self) -> None:
        if self.health_check_enabled and not self.health_check_done:
            now = time.monotonic()
            self.health_check_done = now - self._used_at < TRUSTED_SECONDS and self._is_quiet()
            self._used_at = now
        super().close_if_health_check_failed()

    def _is_quiet(self) -> bool:
        """Open, with nothing said by the server since the last answer."""
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
