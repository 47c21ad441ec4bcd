"""Workers and the doorbell as processes of their own, on the database of the test.

Limits are shortened by the settings an operator has too; nothing in the engine knows that it
is being tested.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
import requests
from django.conf import settings
from django.db import connections

from socialhub.tests.support.ticker import Ticker

ROOT = Path(__file__).resolve().parents[3]

SHORT_LIMITS = {
    "SOCIALHUB_CALL_DEADLINE": "3",
    "PUBLISH_SEND_WINDOW": "2",
    "PUBLISH_REAP_AFTER": "5",
    "PUBLISH_LOOK_INTERVAL": "1",
    "PUBLISH_BACKOFF_FIRST": "0.5",
    "PUBLISH_RING_AGAIN": "1",
}


def wait_for(
    condition: Callable[[], Any], what: str, seconds: float = 40, every: float = 0.05
) -> Any:
    """The first true value of `condition`, asked every so many seconds; fails naming `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s for: {what}")


def database_url() -> str:
    """The test database as a URL for another process."""
    found = connections["default"].settings_dict
    if found["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{found['NAME']}"
    host, port = found["HOST"] or "localhost", found["PORT"] or 5432
    return f"postgres://{found['USER']}:{found['PASSWORD']}@{host}:{port}/{found['NAME']}"


class Crew:
    """Worker and ticker processes that share one broker of their own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.processes: list[subprocess.Popen[bytes]] = []
        self.tickers: list[Ticker] = []

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "socialhub.settings",
            "DATABASE_URL": database_url(),
            "SOCIALHUB_VAR": str(self.var),
            "REDIS_KEY_PREFIX": f"{self.var}:",
            "SECRET_KEY": settings.SECRET_KEY,
            "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
            "SOCIALHUB_ALLOWED_PRIVATE_HOSTS": "127.0.0.1,localhost",
            "PYTHONUNBUFFERED": "1",
            "CELERY_LOG_LEVEL": "INFO",
            # Django's checks take a quarter of a worker's start; the suite has made them.
            "CELERY_SKIP_CHECKS": "1",
            **SHORT_LIMITS,
            **more,
        }

    def _start(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        log = (self.var / "processes.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment(**more),
            stdout=log,
            stderr=log,
            # A group of its own, so that kill -9 reaches the children too.
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def worker(self, queues: str = "publish,sync", children: int = 2, **more: str) -> Worker:
        """Start a Celery worker."""
        return Worker(
            self._start(
                *("-m", "celery", "-A", "socialhub.celery", "worker", "-Q", queues),
                *("-c", str(children), "-n", f"w{len(self.processes)}@test"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"),
                **more,
            )
        )

    def ticker(self, every: float = 0.5) -> Ticker:
        """Start what beat does, only faster: ring, settle and reap every so many seconds."""
        self.tickers.append(Ticker(*self._broker(), every))
        return self.tickers[-1]

    def _broker(self) -> tuple[str, dict[str, Any]]:
        """Address and options of this crew's broker, as the workers' settings make them."""
        if settings.REDIS_URL:
            return settings.REDIS_URL, {"global_keyprefix": f"{self.var}:"}
        folder = self.var / "queue" / "messages"
        folder.mkdir(parents=True, exist_ok=True)
        control = str(self.var / "queue" / "control")
        options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": control,
        }
        return "filesystem://localhost", options

    def beat(self) -> subprocess.Popen[bytes]:
        """Start a real beat."""
        return self._start("-m", "celery", "-A", "socialhub.celery", "beat", "-l", "INFO")

    def web(self) -> str:
        """Start the web server; its address once it answers."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._start(
            *("-m", "gunicorn", "socialhub.wsgi", "--threads", "4"),
            *("--bind", f"127.0.0.1:{port}"),
            PORT=str(port),
            ALLOWED_HOSTS="127.0.0.1",
        )
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(f"{address}/healthz"), "the web server answers")
        return address

    def message(self, publication_id: int, times: int = 1) -> None:
        """Put the task for one publication into the broker so many times."""
        code = (
            "import django; django.setup(); from socialhub.tasks import publish_publication as p; "
            f"[p.delay({publication_id}) for _ in range({times})]"
        )
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=self.environment(), check=True, timeout=60
        )

    def messages(self, queue: str) -> int:
        """How many messages wait in a queue of the broker."""
        if settings.REDIS_URL:
            return int(redis.from_url(settings.REDIS_URL).llen(f"{self.var}:{queue}"))
        return len(list((self.var / "queue" / "messages").glob(f"*.{queue}.msg")))

    def drop_messages(self) -> None:
        """Throw away every message there is."""
        if settings.REDIS_URL:
            client = redis.from_url(settings.REDIS_URL)
            for key in client.scan_iter(f"{self.var}:*"):
                client.delete(key)
        for path in (self.var / "queue" / "messages").glob("*.msg"):
            path.unlink()

    def command(self, *arguments: str) -> str:
        """Run a management command on the same database; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self) -> str:
        path = self.var / "processes.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        for ticker in self.tickers:
            ticker.kill()
        self.tickers.clear()
        for process in self.processes:
            _signal(process, signal.SIGCONT)
            _signal(process, signal.SIGKILL)
        for process in self.processes:
            process.wait(timeout=10)
        self.processes.clear()


class Worker:
    """One worker with its children."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def kill(self) -> None:
        """kill -9 of the worker and all its children."""
        _signal(self.process, signal.SIGKILL)
        self.process.wait(timeout=10)

    def freeze(self) -> None:
        """SIGSTOP: it stands still, wherever it is."""
        _signal(self.process, signal.SIGSTOP)

    def thaw(self) -> None:
        _signal(self.process, signal.SIGCONT)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
