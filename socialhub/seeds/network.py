"""The sandbox network while demo data is made, before the supervisor runs it for good."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

from django.conf import settings

from socialhub import http

START_SECONDS = 20.0


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Address of the sandbox network; starts it unless it runs, and stops what it started."""
    url = settings.SANDBOX_URL
    if _answers(url):
        yield url
        return
    data = settings.VAR_DIR / "sandbox"
    options = ["--port", str(settings.SANDBOX_PORT), "--data", str(data)]
    process = subprocess.Popen(
        [sys.executable, "-m", "socialhub.sandbox", *options],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the sandbox network does not start")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return http.request("GET", f"{url}/health", timeout=2).status == 200
    except (http.RequestNotSent, http.AnswerLost):
        return False
