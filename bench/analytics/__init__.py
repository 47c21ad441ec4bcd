"""The dashboard and the collector at 10k, 100k and 1M publications, beside other ways to do it.

Each size and database gets a process of its own, in which first every way has to give the same
figures and then all are timed in turns. Limits are ratios of CPU time: they hold on any machine.
"""

from __future__ import annotations

import json
import os
import platform
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from bench.analytics.generator import SEED
from bench.figures import Figure
from bench.stack import ROOT

# (database, publications)
PLANS = {
    "ci": [("sqlite", 10_000), ("sqlite", 100_000), ("postgres", 10_000), ("postgres", 100_000)],
    "full": [
        ("sqlite", 10_000),
        ("sqlite", 100_000),
        ("postgres", 10_000),
        ("postgres", 100_000),
        ("postgres", 1_000_000),
    ],
}
PACKAGES = ("django", "psycopg", "sqlalchemy", "duckdb", "numpy")
ANSWERS = ROOT / "var" / "bench"


def run(size: str) -> list[Figure]:
    """All figures of the area. Raises MissingPart without PostgreSQL."""
    from bench.analytics import database, judge, volume

    found: dict[tuple[str, int], dict[str, Any]] = {}
    with database.postgres() as server:
        for engine, count in PLANS[size]:
            with database.sqlite() if engine == "sqlite" else database.another(server) as env:
                found[engine, count] = database.measure(env, engine, count=count)
    kept = volume.measure()
    _keep(size, found, kept)
    return [*judge.figures(found), *judge.volume(kept), *_best_times(size)]


def _best_times(size: str) -> list[Figure]:
    if not (Path(__file__).parent.parent / "best_times.py").exists():
        return []
    return list(import_module("bench.best_times").measure(size))


def _keep(
    size: str, found: dict[tuple[str, int], dict[str, Any]], snapshots: dict[str, float]
) -> None:
    """Everything measured, for a closer look."""
    ANSWERS.mkdir(parents=True, exist_ok=True)
    whole = {
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "seed": SEED,
        "found": {f"{engine} {count}": one for (engine, count), one in found.items()},
        "snapshots": snapshots,
    }
    file = ANSWERS / f"analytics-{size}.json"
    file.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    print(f"   all of it: {file.relative_to(ROOT)}", flush=True)
