"""Printing a page by a Chromium of the host, shut off from the network and from scripts."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-quic",
    # No name leads anywhere, loopback included.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)
# 2 = blocked. The flag that switches scripts off altogether would stop the printing too.
PREFERENCES = {"profile": {"default_content_setting_values": {"javascript": 2}}}


class PrintingFailed(Exception):
    """Chromium did not print; the text says why."""


def executable() -> str | None:
    """CHROMIUM_PATH, else the first known name on the path, else None."""
    if settings.CHROMIUM_PATH:
        return str(settings.CHROMIUM_PATH)
    return next(filter(None, map(shutil.which, NAMES)), None)


def to_pdf(page: str, *, seconds: float = SECONDS) -> bytes:
    """The page as PDF. Raises PrintingFailed, also after `seconds`."""
    program = executable()
    if program is None:
        raise PrintingFailed("no Chromium is installed")
    with tempfile.TemporaryDirectory(prefix="socialhub-print-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, encoding="utf-8")
        profile = Path(folder, "profile", "Default")
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps(PREFERENCES))
        command = [program, *FLAGS, f"--user-data-dir={profile.parent}"]
        # Chromium refuses to run as root with its sandbox, as in a container.
        command += ["--no-sandbox"] if os.geteuid() == 0 else []
        _run([*command, f"--print-to-pdf={target}", source.as_uri()], folder, seconds)
        content = target.read_bytes() if target.exists() else b""
    if not content.startswith(b"%PDF"):
        raise PrintingFailed("Chromium made no PDF")
    return content


def _run(command: list[str], folder: str, seconds: float) -> None:
    """The program with its children in a group of their own, ended together."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "LANG": "C.UTF-8"}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            **quiet,
        )
    except OSError as exc:
        raise PrintingFailed(f"Chromium cannot be started: {exc.strerror}") from None
    try:
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise PrintingFailed(f"Chromium took longer than {seconds:g} s") from None
    finally:
        # Also when the task's time is up, and what the program left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if code:
        raise PrintingFailed(f"Chromium ended with code {code}")
