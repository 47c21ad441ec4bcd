"""A stack of its own for a measurement: free ports, a scratch folder, nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
# What a caller's shell may set and a measurement must not see.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "SANDBOX_URL", "DJANGO_SETTINGS_MODULE", "DEBUG")


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Variables of a stack with its data in `folder`."""
    port, sandbox_port, odoo_port = free_ports(3)
    clean = {k: v for k, v in os.environ.items() if k not in FOREIGN}
    ports = {"PORT": port, "SANDBOX_PORT": sandbox_port, "ODOO_PORT": odoo_port}
    own = {"SOCIALHUB_VAR": str(folder), **{name: str(number) for name, number in ports.items()}}
    return {**clean, **own, **more}


def wait_for(condition: Callable[[], Any], what: str, seconds: float, every: float = 0.05) -> Any:
    """The first true value of `condition`. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every)
    raise TimeoutError(f"waited {seconds:.0f} s for {what}")


def page(url: str, body: Any = None) -> bytes | None:
    """A page's content, None while nothing answers well. `body` makes it a POST of JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())
    except (OSError, urllib.error.URLError):
        return None


@contextlib.contextmanager
def running(
    command: list[str],
    env: Mapping[str, str],
    log: Path,
    *,
    fd: int | None = None,
    cwd: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with everything it started. `fd` is handed to it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdout=output,
            stderr=output,
            pass_fds=[] if fd is None else [fd],
            start_new_session=True,
        )
    try:
        yield process
    finally:
        family = _family(process)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        for left in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
        process.wait()


def supervised(plan: Mapping[str, Any], env: Mapping[str, str], log: Path) -> Any:
    """The supervisor with this plan, as `manage.py demo` becomes it."""
    read, write = os.pipe()
    os.write(write, json.dumps(plan).encode())
    os.close(write)
    return running([sys.executable, "-m", "socialhub.supervisor", str(read)], env, log, fd=read)


def _family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        root = psutil.Process(process.pid)
        return [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return []


def memory_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Proportional set size of a process and all it started, in 10⁶ bytes."""
    total = 0
    for one in _family(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += one.memory_full_info().pss
    return total / 1e6
