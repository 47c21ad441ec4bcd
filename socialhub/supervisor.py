"""Starts a few programs, brings back what dies, and leaves nothing behind.

`run(plan_fd)` is the whole of `python -m socialhub.supervisor FD`, which `manage.py demo`
becomes once everything is prepared: Django is not loaded here, so that this process stays small.
Every program runs in its own process group, so that its own children end with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

STOP_SECONDS = float(os.environ.get("SOCIALHUB_STOP_SECONDS", "25"))
LONGEST_WAIT = 30.0
# A program that lived this long starts again at once; a shorter life doubles the wait.
SETTLED_SECONDS = 20.0
LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One supervised program; its output goes to the file `log`."""

    name: str
    argv: Sequence[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    wait: float = 0.5

    def start(self) -> None:
        """Start it in a process group of its own that does not outlive this process."""
        with self._log_file() as log:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.env},
                process_group=0,
                preexec_fn=_end_with_parent(os.getpid()),  # noqa: PLW1509 - one thread
            )
        self.started_at = time.monotonic()

    def _log_file(self) -> IO[bytes]:
        too_long = self.log.exists() and self.log.stat().st_size > LOG_BYTES
        if too_long:
            self.log.replace(self.log.with_suffix(".old.log"))
        return self.log.open("ab")

    def ended(self) -> int | None:
        """Exit code once it has ended; whatever it left in its group is ended too."""
        if self.process is None:
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.kill_group()
        self.process = None
        lived = time.monotonic() - self.started_at
        self.wait = 0.5 if lived > SETTLED_SECONDS else min(self.wait * 2, LONGEST_WAIT)
        self.start_at = time.monotonic() + self.wait
        return code

    def terminate(self) -> None:
        """Ask the program alone: its own children finish what they are doing."""
        if self.process is not None:
            self.process.terminate()

    def kill_group(self) -> None:
        """End the program and whatever it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Keeps programs running until SIGTERM or SIGINT."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.programs = programs
        self.stopping = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def install_signals(self) -> None:
        """A signal writes to a pipe, so that the loop wakes up at once."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def run(self, ready: Ready | None = None) -> None:
        """Start all, restart what ends, stop all."""
        self.install_signals()
        try:
            while not self.stopping:
                self._turn()
                if ready is not None and ready.check():
                    ready = None
                self._sleep(0.2 if ready else 1.0)
        finally:
            self.stop()

    def _turn(self) -> None:
        for program in self.programs:
            code = program.ended()
            if code is not None:
                say(f"{program.name} ended (code {code}), starting it again; see {program.log}")
            if program.process is None and time.monotonic() >= program.start_at:
                program.start()

    def _sleep(self, seconds: float) -> None:
        waiting = [p.start_at - time.monotonic() for p in self.programs if p.process is None]
        self._selector.select(max(0.0, min([seconds, *waiting])))
        if self._selector.select(0):
            os.read(self._wake_read, 4096)

    def stop(self) -> None:
        """TERM to every program, KILL to whatever is left of their groups after a while."""
        running = [(p, p.process) for p in self.programs if p.process is not None]
        for program, _process in running:
            program.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for program, process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{program.name} does not stop, killing it")
            program.kill_group()
            process.wait()


@dataclass
class Ready:
    """What to print once a page answers."""

    url: str
    message: str

    def check(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                answer.read()
        except OSError:
            return False
        print(self.message, flush=True)
        return True


def _end_with_parent(parent: int) -> Any:
    """A preexec hook: SIGTERM when the supervisor is gone, however it went."""
    libc = ctypes.CDLL(None, use_errno=True)

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return hook


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(plan_fd: int) -> None:
    """Read the plan (JSON: log_dir, programs, ready) from `plan_fd` and carry it out.

    It comes through a pipe because it holds a token, which a command line would show.
    """
    with os.fdopen(plan_fd) as file:
        plan = json.load(file)
    folder = Path(plan["log_dir"])
    folder.mkdir(parents=True, exist_ok=True)
    programs = [
        Program(p["name"], p["argv"], folder / f"{p['name']}.log", p.get("env", {}))
        for p in plan["programs"]
    ]
    ready = plan.get("ready")
    Supervisor(programs).run(Ready(**ready) if ready else None)


if __name__ == "__main__":
    run(int(sys.argv[1]))
