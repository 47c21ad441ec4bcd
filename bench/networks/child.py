"""python -m bench.networks.child '{"publications", "ticks"}': one installation, one measurement."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import django
import psutil

from bench.networks.desk import CALLS_PER_BATCH, NETWORKS, build
from bench.networks.server import Networks

WORKERS = 4
# As the schedule of collect_metrics.
EVERY = 10.0
# Rows made due for each worker before each tick of the long run, on networks with large batches.
PER_TICK = 60
LONG_RUN = ("x", "facebook", "linkedin", "bluesky", "mastodon")


def main() -> None:
    what = json.loads(sys.argv[1])
    networks = Networks(NETWORKS)
    for name, url in networks.urls().items():
        os.environ[f"{name.upper()}_API_BASE"] = url
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    desk = Desk(what["publications"], networks)
    found = {**desk.outage(), "memory": desk.long_run(what["ticks"])}
    connections.close_all()
    networks.close()
    print(json.dumps(found))


class Desk:
    """The rows, and the collectors that read them."""

    def __init__(self, count: int, networks: Networks) -> None:
        from django.utils import timezone

        from analytics.models import PublicationStats
        from analytics.services import tracking

        self.networks, self.stats = networks, PublicationStats
        ids = build(count, networks.urls(), timezone.now())
        while tracking.sweep():
            pass
        self.tracked = sum(len(some) for some in ids.values())
        # Every row was read a moment ago and waits for its next reading.
        now = timezone.now()
        PublicationStats.objects.update(next_collect_at=now + timedelta(days=2), metrics_at=None)

    # -- an hour's readings at once --------------------------------------------------
    def outage(self) -> dict[str, Any]:
        from django.utils import timezone

        from analytics.models import CollectionDay
        from socialhub.platforms.registry import get_adapter

        start = timezone.now()
        chosen = self._due_within_an_hour(start)
        rows = self.stats.objects.filter(pk__in=chosen)
        per_account = Counter(rows.values_list("platform", "account_id"))
        rows.update(next_collect_at=start)
        self._collect_until_read(chosen, start)
        read = self.stats.objects.filter(pk__in=chosen, metrics_at__isnull=False)
        due: Counter[str] = Counter()
        ceiling: Counter[str] = Counter()
        for (network, _account), number in per_account.items():
            size = get_adapter(network).capabilities.metrics_batch
            due[network] += number
            ceiling[network] += -(-number // size) * CALLS_PER_BATCH[network]
        calls = dict(self.networks.calls)
        counted = sum(CollectionDay.objects.values_list("calls", flat=True))
        return {
            "tracked": self.tracked,
            "due": len(chosen),
            "due_by_network": {name: due[name] for name in NETWORKS},
            "ceiling": {name: ceiling[name] for name in NETWORKS},
            "calls": {name: calls.get(name, 0) for name in NETWORKS},
            "too_large": self.networks.too_large,
            "uncounted": abs(sum(calls.values()) - counted),
            "lags": [
                (at - start).total_seconds() for at in read.values_list("metrics_at", flat=True)
            ],
        }

    def _due_within_an_hour(self, now: datetime) -> list[int]:
        """What the rhythm makes due in one hour: every post of this day and week, and each older
        one once in 24 hours."""
        from analytics.services import cadence

        chosen = []
        rows = self.stats.objects.order_by("pk").values_list("pk", "published_at", "platform")
        for place, (pk, at, network) in enumerate(rows):
            every = cadence.interval(now - at) or timedelta(days=1)
            if network == "x":
                every = timedelta(days=1)
            if place % max(1, int(every / timedelta(hours=1))) == 0:
                chosen.append(pk)
        return chosen

    def _collect_until_read(self, ids: list[int], start: datetime) -> None:
        stop = multiprocessing.get_context("spawn").Event()
        workers = [_start(_ticks_on, (stop, n)) for n in range(WORKERS)]
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            if not self.stats.objects.filter(pk__in=ids, metrics_at__isnull=True).exists():
                break
            time.sleep(0.5)
        stop.set()
        for worker in workers:
            worker.join(timeout=60)

    # -- a hundred ticks -----------------------------------------------------------------
    def long_run(self, ticks: int) -> list[list[float]]:
        context = multiprocessing.get_context("spawn")
        told = context.Queue()
        workers = [_start(_counted_ticks, (told, n, ticks)) for n in range(WORKERS)]
        found = sorted(told.get(timeout=600) for _worker in workers)
        for worker in workers:
            worker.join(timeout=60)
        return [series for _number, series in found]


def _start(target: Any, args: tuple[Any, ...]) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=target, args=args)
    process.start()
    return process


def _ticks_on(stop: Any, number: int) -> None:
    """One collector: a tick every ten seconds, begun at different moments."""
    django.setup()
    from django.utils import timezone

    from analytics.services import collecting

    stop.wait(number * EVERY / WORKERS)
    while not stop.is_set():
        began = time.monotonic()
        collecting.collect(timezone.now())
        stop.wait(max(0.0, EVERY - (time.monotonic() - began)))


def _counted_ticks(told: Any, number: int, ticks: int) -> None:
    """So many ticks one after the other, each with something to read; the memory after each."""
    django.setup()
    from django.utils import timezone

    from analytics.models import PublicationStats
    from analytics.services import collecting

    own = PublicationStats.objects.filter(platform__in=LONG_RUN)
    ids = list(own.order_by("pk").values_list("pk", flat=True))[number::WORKERS]
    process, series = psutil.Process(), []
    for tick in range(ticks):
        some = [ids[(tick * PER_TICK + n) % len(ids)] for n in range(PER_TICK)]
        PublicationStats.objects.filter(pk__in=some).update(next_collect_at=timezone.now())
        collecting.collect(timezone.now())
        series.append(process.memory_info().rss / 1e6)
    told.put((number, series))


if __name__ == "__main__":
    main()
