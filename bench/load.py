"""Publications in bursts on a running stack, with the collector and a long job beside them.

Imported after Django is set up on the stack's own database.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.models import PostMetrics
from bench import jobs as bench_jobs
from bench.stack import wait_for
from socialhub.models import (
    Account,
    AccountStatus,
    Credential,
    Heartbeat,
    JobRun,
    JobState,
    Outcome,
    Publication,
    PublicationStatus,
)
from socialhub.platforms.registry import get_adapter
from socialhub.services import jobs, posts

FIRST_BURST = timedelta(seconds=20)


def wait_until_ready() -> None:
    """Beat ticks, and a worker of each queue has written its heartbeat."""
    wanted = {"queue:publish", "queue:sync"}
    wait_for(
        lambda: wanted <= set(Heartbeat.objects.values_list("part", flat=True)),
        "a heartbeat of every queue",
        120,
        every=0.5,
    )


def schedule(wanted: Mapping[str, Any], window: float) -> dict[str, datetime]:
    """Approved posts in bursts over `window` seconds; text → when it is due."""
    burst = int(wanted["burst"])
    every = timedelta(hours=burst / wanted["per_hour"])
    accounts = [_connect(f"bench{n}") for n in range(int(wanted["accounts"]))]
    begin = (timezone.now() + FIRST_BURST).replace(microsecond=0)
    due: dict[str, datetime] = {}
    at = begin
    while at < begin + timedelta(seconds=window):
        for n in range(burst):
            text = f"Publication {len(due) + 1} for the bench"
            _schedule(text, accounts[n % len(accounts)], at)
            due[text] = at
        at += every
        if at - every < timezone.now():
            raise RuntimeError("making the posts took longer than the time to the first burst")
    return due


def _connect(handle: str) -> Account:
    secret = f"sandbox-{handle}"
    profile = get_adapter("sandbox").connect(settings.SANDBOX_URL, handle, secret)
    with transaction.atomic():
        account = Account.objects.create(
            platform="sandbox",
            server_url=settings.SANDBOX_URL,
            remote_id=profile.remote_id,
            handle=profile.handle,
            status=AccountStatus.ACTIVE,
        )
        Credential.objects.create(account=account, secrets=dict(profile.secrets))
    return account


@transaction.atomic
def _schedule(text: str, account: Account, at: datetime) -> None:
    post = posts.create(None, text=text, accounts=[account], due_at=at)
    posts.approve(posts.submit(post, None), None)


def run_beside(due: Mapping[str, datetime], patience: float) -> None:
    """Keep one job of a minute running until everything is settled or patience ends."""
    end = max(due.values()) + timedelta(seconds=patience)
    while timezone.now() < end and _open(max(due.values())):
        if not JobRun.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
            jobs.start(bench_jobs.KIND, None)
        time.sleep(2)


def _open(last: datetime) -> bool:
    waiting = Publication.objects.exclude(
        status__in=[PublicationStatus.PUBLISHED, PublicationStatus.FAILED]
    )
    return timezone.now() < last or waiting.exists()


def incomplete(ids: Mapping[str, str]) -> int:
    """Published rows that lack an accepted attempt, or whose id the network does not show."""
    published = Publication.objects.filter(status=PublicationStatus.PUBLISHED)
    found = 0
    for row in published.select_related("post").prefetch_related("attempts"):
        accepted = [a for a in row.attempts.all() if a.outcome == Outcome.ACCEPTED]
        found += len(accepted) != 1 or ids.get(row.post.text) != row.remote_id
    return found


def collected() -> int:
    return PostMetrics.objects.count()


def jobs_done() -> int:
    return JobRun.objects.filter(kind=bench_jobs.KIND, state=JobState.DONE).count()
