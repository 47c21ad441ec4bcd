"""A job of a minute for the worker, to see that it does not hold publications up."""

from __future__ import annotations

import hashlib
import time

from socialhub.models import JobRun
from socialhub.services import jobs

KIND = "bench_minute"
SECONDS = 60


@jobs.job(KIND)
def minute(row: JobRun) -> None:
    """Compute half of every second and write the progress, for a minute."""
    for second in range(SECONDS):
        end = time.monotonic() + 1
        while time.monotonic() < end - 0.5:
            hashlib.sha256(b"x" * 100_000).digest()
        jobs.progress(row, second + 1, SECONDS)
        time.sleep(max(0.0, end - time.monotonic()))
