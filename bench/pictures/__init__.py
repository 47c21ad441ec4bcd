"""Pictures from templates: what our bulk pipeline costs beside the bare renderer, and Chromium.

The built-in renderer draws the same pages in this process and through the pipeline, block by
block in turn, so that a busy machine slows both. Each measurement gets a process and a database
of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.figures import Figure, limits
from bench.stack import ROOT, environment

BLOCK = 20


def run(size: str) -> list[Figure]:
    """All figures of the area."""
    says = limits("pictures")
    return [*_ratio(says), *_memory(says), *_chromium(says)]


def _ratio(says: dict[str, Any]) -> list[Figure]:
    count = says["pictures"]
    found = _measure({"what": "ratio", "blocks": count // BLOCK, "block": BLOCK})
    # One pair per block: bare and pipeline drew it one after the other.
    cpu = statistics.median(found["pipeline_cpu"]) / statistics.median(found["bare_cpu"])
    wall = statistics.median(found["pipeline_wall"]) / statistics.median(found["bare_wall"])
    bare = statistics.median(found["bare_cpu"]) * 1000
    return [
        Figure("bare renderer, CPU per picture", bare, "ms", samples=count),
        Figure("bulk pipeline ÷ bare, CPU", cpu, "×", says["ratio"], samples=count),
        Figure("bulk pipeline ÷ bare, clock", wall, "×", says["ratio"], samples=count),
        Figure("pictures stored", found["stored"], "pictures", count, "min", samples=count),
        Figure("same input, different bytes", found["different"], "pictures", 0, samples=5),
    ]


def _memory(says: dict[str, Any]) -> list[Figure]:
    found = _measure({"what": "memory", "count": says["pictures"]})
    samples = says["pictures"]
    return [
        Figure("worker before the first picture", found["before"], "MB"),
        Figure("pipeline: what the worker grows by", found["worker"], "MB", samples=samples),
        Figure("pipeline: the drawing process", found["child"], "MB", samples=samples),
        Figure(
            "pipeline: both",
            found["worker"] + found["child"],
            "MB",
            says["megabytes"],
            samples=samples,
        ),
    ]


def _chromium(says: dict[str, Any]) -> list[Figure]:
    count = says["chromium_pictures"]
    found = _measure({"what": "chromium", "count": count})
    if not found:
        print("   no Chromium here: not measured", flush=True)
        return []
    return [
        Figure("Chromium: browsers started", found["starts"], "browsers", 1, samples=count),
        Figure("Chromium: CPU per picture", found["cpu"] * 1000, "ms", samples=count),
        Figure("Chromium: different bytes", found["different"], "pictures", 0, samples=count),
    ]


def _measure(what: dict[str, Any]) -> dict[str, Any]:
    """What `bench.pictures.child` found out on a new database."""
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as folder:
        env = environment(Path(folder), LOG_LEVEL="ERROR", RENDERER="takumi")
        read, write = os.pipe()
        command = [sys.executable, "-m", "bench.pictures.child", json.dumps(what), str(write)]
        process = subprocess.Popen(command, env=env, cwd=ROOT, pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as answer:
            said = answer.read()
        if process.wait() or not said:
            raise RuntimeError(f"the measurement of {what['what']} ended with {process.returncode}")
        return dict(json.loads(said))
