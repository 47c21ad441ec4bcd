"""The promise of the engine under load, the cost of a tick, and the start of the stack."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import start
from bench.figures import Figure, MissingPart, limits, percentile
from bench.stack import environment, page, supervised, wait_for

Post = dict[str, Any]


def run(size: str) -> list[Figure]:
    """All figures of the area."""
    wanted = limits("publishing")
    figures = start.measure(wanted)
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as scratch:
        figures += _with_database(Path(scratch), wanted, size)
    return figures


def _with_database(folder: Path, wanted: dict[str, Any], size: str) -> list[Figure]:
    """Set Django up on a database in `folder` and measure there."""
    env = environment(folder, LOG_LEVEL="WARNING")
    os.environ.clear()
    os.environ.update(env, DJANGO_SETTINGS_MODULE="socialhub.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    try:
        from bench import load, tick
    except ImportError as exc:
        raise MissingPart(f"{exc.name} cannot be imported: {exc}") from None
    return tick.measure(wanted) + _under_load(load, folder, wanted, wanted["window_seconds"][size])


def _under_load(load: Any, folder: Path, wanted: dict[str, Any], window: float) -> list[Figure]:
    from django.conf import settings

    from socialhub.management.commands.demo import plan

    what = plan()
    what["ready"] = None
    for program in what["programs"]:
        if program["name"] == "sync":
            # The job that runs beside is registered there.
            program["argv"] += ["-I", "bench.jobs"]
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with supervised(what, os.environ, folder / "supervisor.log"):
        sandbox = settings.SANDBOX_URL
        wait_for(lambda: page(f"{sandbox}/health"), "the sandbox network", 60)
        page(f"{sandbox}/control/latency", {"seconds": wanted["latency_seconds"]})
        load.wait_until_ready()
        due = load.schedule(wanted, window)
        load.run_beside(due, wanted["patience_seconds"])
        feed = json.loads(page(f"{sandbox}/control/posts") or b"[]")
        return _judged(due, feed, load, wanted)


def _judged(
    due: dict[str, datetime], feed: list[Post], load: Any, wanted: dict[str, Any]
) -> list[Figure]:
    """Lateness and truth from the network's side, completeness from ours."""
    first: dict[str, datetime] = {}
    copies = Counter(post["text"] for post in feed)
    for post in feed:
        at = datetime.fromisoformat(post["created_at"])
        first[post["text"]] = min(at, first.get(post["text"], at))
    late = [(first[text] - at) / timedelta(seconds=1) for text, at in due.items() if text in first]
    if not late:
        raise MissingPart("nothing was published: see the logs of the stack")
    ids = {post["text"]: post["id"] for post in feed}
    n = len(due)
    return [
        Figure("late, median", percentile(late, 0.5), "s", None, samples=len(late)),
        Figure("late, p95", percentile(late, 0.95), "s", wanted["p95_seconds"], samples=len(late)),
        Figure("late, p99", percentile(late, 0.99), "s", wanted["p99_seconds"], samples=len(late)),
        Figure("early", sum(value < 0 for value in late), "posts", 0, samples=n),
        Figure("published twice", sum(copies[t] - 1 for t in first), "posts", 0, samples=n),
        Figure("lost", n - len(late), "posts", 0, samples=n),
        Figure("rows without attempt or id", load.incomplete(ids), "rows", 0, samples=n),
        Figure("counters collected beside", load.collected(), "rows", 1, "min"),
        Figure("60 s jobs done beside", load.jobs_done(), "jobs", 1, "min"),
    ]
