"""The supervisor with real processes: it brings back what dies and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

# Prints its process id, starts a child of its own, and lives until it is told to stop.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + PARENT


def until(condition, seconds=20.0):
    """Wait for a condition and return its value; fails when it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("the condition did not come true")


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Started:
    """A running supervisor and what its programs wrote about themselves."""

    def __init__(self, folder: Path, programs: dict[str, str]) -> None:
        self.folder = folder
        plan = {
            "log_dir": str(folder),
            "programs": [
                {"name": name, "argv": [sys.executable, "-c", code]}
                for name, code in programs.items()
            ],
        }
        read, write = os.pipe()
        os.write(write, json.dumps(plan).encode())
        os.close(write)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "socialhub.supervisor", str(read)],
            pass_fds=[read],
            stderr=subprocess.PIPE,
        )
        os.close(read)

    def lives(self, name: str) -> list[tuple[int, int]]:
        """(program, its child) for every start so far."""
        log = self.folder / f"{name}.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [tuple(map(int, line.split())) for line in lines if len(line.split()) == 2]


@pytest.fixture
def supervise(tmp_path):
    started = []

    def start(**programs: str) -> Started:
        started.append(Started(tmp_path, programs))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()
        for log in tmp_path.glob("*.log"):
            for pids in one.lives(log.stem):
                for pid in pids:
                    if alive(pid):
                        os.kill(pid, signal.SIGKILL)


def test_a_killed_program_comes_back_and_its_children_do_not_stay(supervise):
    supervisor = supervise(web=PARENT)
    first, child = until(lambda: supervisor.lives("web"))[0]

    os.kill(first, signal.SIGKILL)

    second, _ = until(lambda: supervisor.lives("web")[1:])[0]
    assert second != first
    until(lambda: not alive(child))
    assert alive(second)


def test_term_ends_everything(supervise):
    supervisor = supervise(web=PARENT, worker=PARENT)
    web = until(lambda: supervisor.lives("web"))[0]
    worker = until(lambda: supervisor.lives("worker"))[0]

    supervisor.process.terminate()

    assert supervisor.process.wait(20) == 0
    assert [pid for pid in (*web, *worker) if alive(pid)] == []


def test_killing_the_supervisor_ends_the_programs(supervise):
    supervisor = supervise(web=PARENT)
    program, _child = until(lambda: supervisor.lives("web"))[0]

    supervisor.process.kill()

    until(lambda: not alive(program))


def test_a_program_that_cannot_start_is_tried_less_and_less_often(supervise, tmp_path):
    supervisor = supervise(broken="import sys; print('started', flush=True); sys.exit(3)")
    started = time.monotonic()
    log = tmp_path / "broken.log"

    until(lambda: log.exists() and len(log.read_text().splitlines()) >= 3)

    # 1 s, then 2 s between the starts.
    assert time.monotonic() - started > 2.5
    supervisor.process.terminate()
    _out, said = supervisor.process.communicate(timeout=20)
    assert b"broken ended (code 3), starting it again" in said


def test_what_ignores_term_is_killed(supervise, monkeypatch):
    monkeypatch.setenv("SOCIALHUB_STOP_SECONDS", "1")
    supervisor = supervise(stubborn=STUBBORN)
    pids = until(lambda: supervisor.lives("stubborn"))[0]

    supervisor.process.terminate()

    assert supervisor.process.wait(20) == 0
    assert [pid for pid in pids if alive(pid)] == []
