"""Messages as files in a folder, for an installation without Redis.

kombu's transport with three repairs. It writes a message in place, so that a reader can meet an
empty file and end its worker: here a message gets its name when it is complete. It reads and
writes the tables of queues without holding one lock: two programs that start together may meet
half a table. And what was read stays in a folder that nobody empties.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """One producer or consumer on the folder."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        # Names sort by time, also after a restart of the machine.
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        aside = folder / f"{name}.tmp"
        aside.write_text(dumps(payload), encoding="utf-8")
        aside.rename(folder / name)

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except ValueError:
            # A full disk or another program's file. The database rings again.
            log.warning("an unreadable message of the queue %s was put aside", queue)
            raise Empty from None

    def _queue_bind(self, *args: Any) -> None:
        with self._tables():
            super()._queue_bind(*args)

    def get_table(self, exchange: str) -> Any:
        with self._tables():
            return super().get_table(exchange)

    def _delete(self, *args: Any, **kwargs: Any) -> None:
        with self._tables():
            super()._delete(*args, **kwargs)

    @contextlib.contextmanager
    def _tables(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """Named by CELERY_BROKER_TRANSPORT."""

    Channel = Channel


def prune(folder: Path, before: datetime) -> int:
    """Delete messages that were read (or never finished) before a moment; how many."""
    count = 0
    for path in (*folder.glob("processed/*.msg"), *folder.glob("messages/*.tmp")):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                os.unlink(path)
                count += 1
    return count
