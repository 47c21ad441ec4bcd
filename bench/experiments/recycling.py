"""A simulated year of recycling on a new database: is a rule ever broken?

Random accounts, rules, posts and people, by a seed; the daily job, approvals, publishing and
readings are the product's services under an injected clock. The judge (recycling_audit) reads
only what is stored at the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.figures import Figure, MissingPart, limits
from bench.stack import ROOT, environment

# Simulated organisations.
WORLDS = {"ci": 2, "full": 8}


def run(size: str, seed: int) -> list[Figure]:
    """How often each rule was broken, over all organisations, and how much was repeated."""
    if find_spec("time_machine") is None:
        raise MissingPart("the simulated year needs time-machine (requirements-dev.txt)")
    says = limits("experiments")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        worlds = list(pool.map(_world, [seed + n for n in range(WORLDS[size])]))
    repeated = sum(world["repeated"] for world in worlds)
    rules = sorted({rule for world in worlds for rule in world["broken"]})
    return [
        Figure("recycling: repetitions in a year", repeated, "posts", says["repeated"], "min"),
        *(
            Figure(
                f"recycling broken: {rule}",
                sum(world["broken"][rule] for world in worlds),
                "times",
                says["broken"],
                samples=sum(world["checked"][rule] for world in worlds),
            )
            for rule in rules
        ),
    ]


def _world(seed: int) -> dict[str, Any]:
    """One organisation in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as name:
        env = environment(Path(name), LOG_LEVEL="ERROR", OPENBLAS_NUM_THREADS="1")
        read, write = os.pipe()
        command = [sys.executable, "-m", "bench.experiments.recycling_year", str(seed), str(write)]
        process = subprocess.Popen(command, env=env, cwd=ROOT, pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as answer:
            found = answer.read()
        if process.wait() or not found:
            raise RuntimeError(f"the year of seed {seed} ended with {process.returncode}")
    told: dict[str, Any] = json.loads(found)
    print(f"   recycling, seed {seed}: {told['told']}", flush=True)
    return told
