"""From `git clone` with empty caches to the first page, and what the idle stack then takes."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure, MissingPart
from bench.stack import ROOT, environment, memory_megabytes, page, running, wait_for

# Packages come from the network each time.
NO_CACHE = {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}


def measure(limits: dict[str, Any]) -> list[Figure]:
    """Two figures; a copy of the last commit is installed and started."""
    if not (ROOT / ".git").exists():
        raise MissingPart("this is no git repository, so there is nothing to clone")
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as scratch:
        folder = Path(scratch)
        env = environment(folder / "var", **NO_CACHE)
        clone, log = folder / "clone", folder / "demo.log"
        started = time.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        with running(["./run.sh", "demo"], env, log, cwd=clone) as demo:
            url = f"http://127.0.0.1:{env['PORT']}/admin/login/"
            wait_for(lambda: page(url) or _ended(demo, log), "the first page", 600)
            seconds = time.monotonic() - started
            ready = f"http://127.0.0.1:{env['PORT']}/readyz"
            wait_for(lambda: page(ready), "beat and workers", 180, every=1)
            megabytes = _idle(demo, limits["idle_after_seconds"])
    return [
        Figure("clone to first page", seconds, "s", limits["first_page_seconds"]),
        Figure("idle stack, PSS summed", megabytes, "MB", limits["idle_megabytes"]),
    ]


def _idle(demo: subprocess.Popen[bytes], after: float) -> float:
    """Workers have forked, published and collected by then; the largest of five samples."""
    time.sleep(after)
    samples = []
    for _ in range(5):
        samples.append(memory_megabytes(demo))
        time.sleep(2)
    return max(samples)


def _ended(demo: subprocess.Popen[bytes], log: Path) -> None:
    if demo.poll() is not None:
        raise MissingPart(f"the demo does not start:\n{log.read_text(errors='replace')[-2000:]}")
