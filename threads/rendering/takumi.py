"""The built-in renderer: pytakumi in a process of its own that is kept and limited."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from threads.rendering import wire
from threads.rendering.pages import FailureCode, Limits, Overflow, Page, Picture, RenderFailed

ROOT = Path(__file__).resolve().parents[2]
# A new process after so many pictures, or when it has grown to so many bytes.
MOST_PICTURES = 200
MOST_RESIDENT = 320 * 1024 * 1024
START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready for the other renderer."""

    page: Page
    overflow: tuple[Overflow, ...]


class TakumiRenderer:
    """Draws with pytakumi; nothing of a page is read in the process that calls it."""

    name = "takumi"

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: Child | None = None

    def render(self, page: Page) -> Picture:
        began = time.monotonic()
        head, blobs = self._ask("draw", page)
        spent = round((time.monotonic() - began) * 1000)
        return Picture(blobs[0], spent, _overflow(head))

    def prepare(self, page: Page) -> Prepared:
        """The page with its font sizes set and its images made small, not drawn."""
        head, blobs = self._ask("prepare", page)
        images = dict(zip(head["images"], blobs, strict=True))
        ready = Page(head["html"], head["css"], page.width, page.height, images, page.language)
        return Prepared(ready, _overflow(head))

    def close(self) -> None:
        with self._lock:
            self._drop()

    @property
    def child_pid(self) -> int | None:
        """Of the drawing process, while there is one."""
        return self._child.process.pid if self._child else None

    def _ask(self, what: str, page: Page) -> wire.Message:
        with self._lock:
            child = self._ready_child()
            try:
                head, blobs = child.ask(what, page, self.limits)
            except BaseException:
                # Also when the task's time is up: its answer would be taken for the next one's.
                self._drop()
                raise
            if child.asked >= MOST_PICTURES or child.resident() > MOST_RESIDENT:
                self._drop()
        if failed := head.get("failed"):
            raise RenderFailed(failed, head["detail"])
        return head, blobs

    def _ready_child(self) -> Child:
        # After a fork the process is the parent's, and so is the conversation with it.
        if self._child is not None and self._child.owner != os.getpid():
            self._child.forget()
            self._child = None
        if self._child is not None and self._child.process.poll() is not None:
            self._drop()
        if self._child is None:
            self._child = Child(self.limits)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class Child:
    """One drawing process and the socket to it."""

    def __init__(self, limits: Limits) -> None:
        self.owner, self.asked = os.getpid(), 0
        self.sock, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "threads.rendering.child"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            # A pipe, for it may write to no file; what it says before it dies fits into one.
            stderr=subprocess.PIPE,
            cwd="/",
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        theirs.close()
        try:
            wire.send(self.sock, {"memory_bytes": limits.memory_bytes})
            wire.receive(self.sock, until=time.monotonic() + START_SECONDS)
        except (OSError, wire.Closed) as exc:
            said = self.last_words()
            self.end()
            raise RenderFailed("missing", said or str(exc)) from None

    def ask(self, what: str, page: Page, limits: Limits) -> wire.Message:
        """What it answers. Any RenderFailed from here means that it has to go."""
        self.asked += 1
        until = time.monotonic() + limits.wall_seconds
        head = {
            "do": what,
            "html": page.html,
            "css": page.css,
            "width": page.width,
            "height": page.height,
            "language": page.language,
            "images": list(page.images),
            "pixels": limits.image_pixels,
            "cpu_seconds": limits.cpu_seconds,
        }
        try:
            self.sock.settimeout(limits.wall_seconds)
            wire.send(self.sock, head, list(page.images.values()))
            return wire.receive(self.sock, until=until)
        except TimeoutError:
            raise RenderFailed("too_slow", f"more than {limits.wall_seconds:g} s") from None
        except (OSError, ValueError, wire.Closed):
            raise RenderFailed(*self._why()) from None

    def resident(self) -> int:
        """Bytes of memory now. Its own ru_maxrss would begin with that of its parent."""
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(self.process.pid).memory_info().rss)
        return 0

    def _why(self) -> tuple[FailureCode, str]:
        """What ended it. It is dead or about to be."""
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "crashed", "it stopped answering"
        said = self.last_words()
        if code == -signal.SIGXCPU:
            return "too_slow", "CPU time"
        if "memory allocation" in said or "MemoryError" in said:
            return "too_much_memory", said
        return "crashed", said or f"ended with {code}"

    def last_words(self) -> str:
        """What it wrote to standard error; it has ended, or says nothing any more."""
        said = self.process.stderr
        if said is None or said.closed:
            return ""
        os.set_blocking(said.fileno(), False)
        return (said.read() or b"").decode(errors="replace").strip()[-300:]

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.forget()

    def forget(self) -> None:
        self.sock.close()
        if self.process.stderr:
            self.process.stderr.close()


def _overflow(head: dict[str, Any]) -> tuple[Overflow, ...]:
    return tuple(Overflow(tuple(one["fields"]), one["cut"]) for one in head["overflow"])
