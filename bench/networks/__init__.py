"""Collecting from eight networks at once: 10,000 tracked publications, networks that take 200 ms.

First an hour's readings are due at the same moment, as after an outage; then 100 ticks follow. Four
collectors share the work as workers of the queue do. A server of ours speaks the part of each
network's API that counters need, checks the size of every batch and counts the requests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.figures import Figure, limits, percentile
from bench.networks.desk import CALLS_PER_BATCH, NETWORKS
from bench.stack import ROOT, environment

# Ticks whose memory is compared: the first ones after warming up, and the last.
WARM, COMPARED = 20, 20


def run(size: str) -> list[Figure]:
    """All figures of the area."""
    says = limits("networks")
    found = _measure({"publications": says["publications"], "ticks": says["ticks"]})
    return [*_calls(found), *_lag(found, says), *_memory(found, says)]


def _measure(what: dict[str, Any]) -> dict[str, Any]:
    """In a process of its own: the settings are those of an installation."""
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as folder:
        env = environment(
            Path(folder),
            DJANGO_SETTINGS_MODULE="socialhub.settings",
            SOCIALHUB_ALLOWED_PRIVATE_HOSTS="127.0.0.1",
        )
        done = subprocess.run(
            [sys.executable, "-m", "bench.networks.child", json.dumps(what)],
            env={**env, "PYTHONPATH": os.pathsep.join([str(ROOT), env.get("PYTHONPATH", "")])},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _calls(found: dict[str, Any]) -> list[Figure]:
    figures = [
        Figure("publications tracked", found["tracked"], "posts"),
        Figure("an hour's readings, due at once", found["due"], "posts"),
    ]
    for network in NETWORKS:
        due, most = found["due_by_network"][network], found["ceiling"][network]
        name = f"{network}: requests, batches × {CALLS_PER_BATCH[network]}"
        figures.append(Figure(name, found["calls"][network], "calls", most, samples=due))
    figures.append(Figure("batches too large for the network", found["too_large"], "calls", 0))
    figures.append(
        Figure("requests the product did not count", found["uncounted"], "calls", 0),
    )
    return figures


def _lag(found: dict[str, Any], says: dict[str, Any]) -> list[Figure]:
    lags = found["lags"]
    return [
        Figure("read after being due, median", percentile(lags, 0.5), "s", samples=len(lags)),
        Figure(
            "read after being due, p95", percentile(lags, 0.95), "s", says["lag"], samples=len(lags)
        ),
        Figure("left unread", found["due"] - len(lags), "posts", 0, samples=found["due"]),
    ]


def _memory(found: dict[str, Any], says: dict[str, Any]) -> list[Figure]:
    figures = []
    for number, series in enumerate(found["memory"], 1):
        early = percentile(series[WARM : WARM + COMPARED], 0.5)
        late = percentile(series[-COMPARED:], 0.5)
        name = f"worker {number}"
        figures += [
            Figure(
                f"{name}: most memory", max(series), "MB", says["megabytes"], samples=len(series)
            ),
            Figure(f"{name}: late ÷ early", late / early, "×", says["growth"], samples=len(series)),
        ]
    return figures
