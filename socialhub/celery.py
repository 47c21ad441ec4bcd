"""The Celery application. Workers: `celery -A socialhub.celery worker -Q publish`."""

from __future__ import annotations

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_before_create_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialhub.settings")

app = Celery("socialhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()


@worker_before_create_process.connect
def share_memory(**kwargs: Any) -> None:
    """Keep the collector away from what is loaded, so that forked children share it unchanged."""
    gc.collect()
    gc.freeze()
