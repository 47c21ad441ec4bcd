#!/usr/bin/env python
"""Every check of the project, one after the other; all run, and one failure fails the whole.

A part that cannot run is a failure that says what is missing. A test that was skipped in one
suite has to run in another one, else that is a failure too. Called by `./run.sh check`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NETWORK = ROOT / "contrib" / "bluesky-network" / "network.sh"
SCRATCH = ROOT / "contrib" / "pg-redis.sh"
# Settings of whoever calls must not decide what is checked.
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "DEBUG", "PUBLIC_URL")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Failed(Exception):
    """A check failed or cannot run; the text says why."""


def run(*command: str | Path, env: dict[str, str] | None = None, show: bool = False) -> str:
    """Run a command in the project's folder; its output, or Failed with it."""
    clean = {k: v for k, v in os.environ.items() if k.removesuffix("_FILE") not in OURS}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**clean, **(env or {})},
        stdout=None if show else subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        words = " ".join(str(part) for part in command[:4])
        raise Failed(f"{result.stdout or ''}\n{words} … ended with {result.returncode}".strip())
    return result.stdout or ""


# -- the code as text ----------------------------------------------------------------


def style() -> None:
    run(BIN / "ruff", "check", ".")
    run(BIN / "ruff", "format", "--check", ".")
    run("sh", "-n", "run.sh")
    for script in (".ci/run", SCRATCH, NETWORK):
        run("bash", "-n", script)


def templates() -> None:
    run(BIN / "djlint", "templates", "--lint", "--quiet")
    run(BIN / "djlint", "templates", "--check")


def types() -> None:
    run(BIN / "mypy")


def layers() -> None:
    run(BIN / "lint-imports", "--no-logo")


def migrations() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {"SOCIALHUB_VAR": folder}
        run(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", env=env)


def messages() -> None:
    """Every text of the interface is in the Spanish catalogue."""
    if not shutil.which("xgettext"):
        apt_install("gettext")
    run(sys.executable, "contrib/messages.py", "--check")


def networks() -> None:
    """The page about networks says what the adapters do."""
    run(sys.executable, "contrib/networks.py", "--check")


def deploy() -> None:
    """Django's own advice for production, any warning counts."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "SOCIALHUB_VAR": folder,
            "DATABASE_URL": "postgres://socialhub:unused@127.0.0.1:1/socialhub",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "ALLOWED_HOSTS": "hub.example.org",
            "PUBLIC_URL": "https://hub.example.org",
        }
        run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", env=env)


# -- tests ---------------------------------------------------------------------------


class Suites:
    """Runs pytest and remembers which tests ran somewhere."""

    def __init__(self) -> None:
        self.ran: set[str] = set()
        self.skipped: dict[str, str] = {}

    def pytest(self, *arguments: str | Path, env: dict[str, str] | None = None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            command = (sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments)
            try:
                run(*command, env=env, show=True)
            finally:
                if report.exists():
                    self.read(report)

    def read(self, report: Path) -> None:
        """Take over what a JUnit report says about a run."""
        for case in ET.parse(report).iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            skipped = case.find("skipped")
            if skipped is None:
                self.ran.add(name)
            else:
                self.skipped[name] = skipped.get("message") or ""

    def never_ran(self) -> dict[str, str]:
        """Tests that were skipped wherever they were collected, with the reason given."""
        return {name: why for name, why in self.skipped.items() if name not in self.ran}


SUITES = Suites()


# Most tests of the suite wait for other processes: more of them than cores.
PARALLEL = ("-n", "4")


# Everything that opens the database, but what needs software of others.
ON_ANY_DATABASE = (
    *("-m", "not realnet and not realodoo and not browser"),
    "--database-only",
    *("--ignore=crm/odoo", "--ignore=crm/standin", "--ignore=socialhub/sandbox"),
)


def marked(name: str) -> list[Path]:
    """Files that use a mark, and folders whose conftest does: the rest need not be collected, which
    takes every process half a minute."""
    apps = ("socialhub", "analytics", "crm", "experiments", "threads")
    files = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    using = [path for path in files if f"mark.{name}" in path.read_text(encoding="utf-8")]
    return [path.parent if path.name == "conftest.py" else path for path in using]


def suite_sqlite() -> None:
    SUITES.pytest(*PARALLEL)


def suite_postgres() -> None:
    with scratch_servers() as env:
        SUITES.pytest(*PARALLEL, *ON_ANY_DATABASE, env=env)


def thorough() -> None:
    """Faults at every place, on SQLite; PostgreSQL has them in its own step."""
    SUITES.pytest(*PARALLEL, "-m", "thorough and not realnet and not browser", *marked("thorough"))


def browser() -> None:
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        apt_install("chromium", "fonts-liberation")
        chromium = shutil.which("chromium")
    SUITES.pytest(
        "-n", "2", "-m", "browser", *marked("browser"), env={"CHROMIUM_PATH": chromium or ""}
    )


def realnet() -> None:
    with bluesky_network() as env:
        SUITES.pytest("-m", "realnet", "-n", "2", *marked("realnet"), env=env)


# -- what the tests need -------------------------------------------------------------


class Meanwhile:
    """Installs the Bluesky network while tests that mostly wait are running."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([NETWORK, "install"], **quiet)  # type: ignore[call-overload]

    def wait(self) -> None:
        """One installer of packages at a time. What went wrong shows when it is asked again."""
        if self.process is not None:
            self.process.wait()


MEANWHILE = Meanwhile()


@contextlib.contextmanager
def scratch_servers() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis of their own on free ports."""
    ports = {"PG_PORT": str(free_port()), "REDIS_PORT": str(free_port())}
    MEANWHILE.wait()
    try:
        said = subprocess.run(
            [SCRATCH, "start"], env={**os.environ, **ports}, stdout=subprocess.PIPE, check=True
        )
        yield dict(line.split("=", 1) for line in said.stdout.decode().splitlines())
    except subprocess.CalledProcessError:
        raise Failed("PostgreSQL and Redis cannot be started, see above") from None
    finally:
        subprocess.run([SCRATCH, "stop"], env={**os.environ, **ports}, check=False)


@contextlib.contextmanager
def bluesky_network() -> Iterator[dict[str, str]]:
    """A complete Bluesky network; one that runs already is used and left running."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    MEANWHILE.wait()
    runs = subprocess.run([NETWORK, "status"], check=False, **quiet).returncode == 0  # type: ignore[call-overload]
    try:
        if not runs:
            # Installing takes about four minutes the first time.
            subprocess.run([NETWORK, "install"], stdout=subprocess.DEVNULL, check=True)
            subprocess.run([NETWORK, "start"], stdout=subprocess.DEVNULL, check=True)
        lines = subprocess.run([NETWORK, "env"], stdout=subprocess.PIPE, check=True)
        yield dict(re.findall(r"^export (\w+)=(\S+)$", lines.stdout.decode(), re.MULTILINE))
    except subprocess.CalledProcessError:
        raise Failed("the Bluesky network cannot be installed or started, see above") from None
    finally:
        if not runs:
            subprocess.run([NETWORK, "stop"], check=False)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def apt_install(*packages: str) -> None:
    MEANWHILE.wait()
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failed(f"missing; as root: apt-get install {' '.join(packages)}")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=env)
    run("apt-get", "install", "-y", "-qq", *packages, env=env)


# -- the run -------------------------------------------------------------------------

STEPS: dict[str, Callable[[], None]] = {
    "style": style,
    "templates": templates,
    "types": types,
    "layers": layers,
    "migrations": migrations,
    "messages": messages,
    "networks": networks,
    "deploy": deploy,
    "suite-sqlite": suite_sqlite,
    "thorough": thorough,
    "suite-postgres": suite_postgres,
    "browser": browser,
    "realnet": realnet,
}


def attempt(name: str) -> bool:
    """Run one step and print its line."""
    print(f"== {name}", flush=True)
    started = time.monotonic()
    try:
        STEPS[name]()
    except Failed as failure:
        print(failure)
    else:
        print(f"ok      {name}  {time.monotonic() - started:.0f} s", flush=True)
        return True
    print(f"FAILED  {name}  {time.monotonic() - started:.0f} s", flush=True)
    return False


def chosen(arguments: list[str] | None) -> tuple[list[str], Path | None]:
    """The names of the steps to run, and the report of a suite that ran before."""
    parser = argparse.ArgumentParser("./run.sh check", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="only these")
    parser.add_argument("--except", nargs="+", default=[], dest="without", metavar="STEP")
    parser.add_argument("--report", type=Path, help="JUnit report of a suite that ran before")
    parser.add_argument("--list", action="store_true", help="print the names of the steps")
    options = parser.parse_args(arguments)
    for name in (*options.steps, *options.without):
        if name not in STEPS:
            parser.error(f"no step {name}; there are: {' '.join(STEPS)}")
    if options.list:
        print("\n".join(STEPS))
        return [], None
    return [s for s in options.steps or STEPS if s not in options.without], options.report


def main(arguments: list[str] | None = None) -> int:
    names, report = chosen(arguments)
    failed = []
    for name in names:
        if name == "thorough" and "realnet" in names:
            MEANWHILE.start()
        if not attempt(name):
            failed.append(name)
    if report is not None:
        SUITES.read(report)
    ran = {*names, *(["suite-sqlite"] if report else [])}
    # One suite alone cannot run what another one is for.
    if {"suite-sqlite", "suite-postgres", "browser", "realnet"} <= ran and SUITES.never_ran():
        print("== tests that were skipped everywhere")
        print("\n".join(f"   {name}: {why}" for name, why in sorted(SUITES.never_ran().items())))
        failed.append("skipped tests")
    if names:
        print(f"{len(names) - len(set(failed) & set(names))} passed, {len(failed)} failed", end="")
        print(f": {', '.join(failed)}" if failed else "")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
