"""Rings, settles and reaps through the broker every so many seconds, as beat does."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from celery import Celery
from django.conf import settings

TASKS = {
    "socialhub.publish_due": "publish",
    "socialhub.settle": "sync",
    "socialhub.reap": "sync",
}


class Ticker:
    """Sends messages by name from a thread of the test; it runs no task itself."""

    def __init__(self, broker_url: str, transport_options: Mapping[str, Any], every: float) -> None:
        self.app = Celery("ticker", broker=broker_url, set_as_current=False)
        self.app.conf.broker_transport = getattr(settings, "CELERY_BROKER_TRANSPORT", None)
        self.app.conf.broker_transport_options = dict(transport_options)
        self.every = every
        self._paused = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(self.every):
            if self._paused.is_set():
                continue
            for task, queue in TASKS.items():
                self.app.send_task(task, queue=queue, expires=self.every * 4)

    def message(self, publication_id: int) -> None:
        """Put the task for one publication into the broker."""
        self.app.send_task("socialhub.publish_publication", [publication_id], queue="publish")

    def pause(self) -> None:
        self._paused.set()

    def resume(self) -> None:
        self._paused.clear()

    def kill(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=10)
        self.app.close()
