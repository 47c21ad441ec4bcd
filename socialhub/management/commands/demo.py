"""Everything on this machine with demo data: web, workers, beat and the sandbox network."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import module_has_submodule

from socialhub import env
from socialhub.models import ApiToken
from socialhub.seeds import people

TOKEN_NAME = "demo"
TOKEN_DAYS = 7


class Command(BaseCommand):
    help = "Start everything on this machine with demo data. Ctrl+C stops it."
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-seed", action="store_true", help="start with an empty database")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_production()
        check_ports(ports())
        hold_lock()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not options["no_seed"]:
            call_command("seed_demo", verbosity=0)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        become_supervisor(plan())


def refuse_production() -> None:
    """Demo people have a published password: never beside real data."""
    if not settings.EMBEDDED:
        raise CommandError(
            "demo is for a first look on SQLite and refuses a PostgreSQL database. "
            "Unset DATABASE_URL, or see docs/installing.md for a real installation.",
            returncode=2,
        )


def ports() -> dict[str, int]:
    """Setting → port of everything that listens."""
    found = {"PORT": settings.PORT, "SANDBOX_PORT": settings.SANDBOX_PORT}
    for child in children():
        found.update(child.ports)
    return found


def check_ports(wanted: Mapping[str, int]) -> None:
    """Before anything starts: a program that is in the way would answer in our place."""
    taken: dict[int, str] = {}
    for name, number in wanted.items():
        if number in taken:
            raise CommandError(f"{taken[number]} and {name} must differ.", returncode=2)
        taken[number] = name
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", number))
            except OSError:
                raise CommandError(
                    f"Port {number} is in use by another program. "
                    f"Choose another one: {name}={number + 10} ./run.sh demo",
                    returncode=2,
                ) from None


@dataclass(frozen=True, slots=True)
class Child:
    """A program that an app above adds: what to run, where it listens, a line to print."""

    name: str
    argv: list[str]
    ports: dict[str, int]
    line: str


def children() -> list[Child]:
    """`<app>/demo_children.py` of the apps above: `children() -> list[Child]`."""
    found: list[Child] = []
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "demo_children"):
            found += import_module(f"{config.name}.demo_children").children()
    return found


def hold_lock() -> None:
    """One demo per data folder. The open file passes on to the supervisor and ends with it."""
    descriptor = os.open(settings.VAR_DIR / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CommandError(
            f"A demo with the data in {settings.VAR_DIR} runs already. "
            "Stop it, or choose another folder with SOCIALHUB_VAR.",
            returncode=2,
        ) from None
    os.set_inheritable(descriptor, True)


def plan() -> dict[str, Any]:
    """What the supervisor starts, and what it prints when the first page answers."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "socialhub.celery"]
    worker = ["worker", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    threads = ["-k", "gthread", "--threads", "8", "--no-control-socket"]
    web = f"127.0.0.1:{settings.PORT}"
    # A minute on the sandbox network is like this many minutes elsewhere.
    speed = str(env.number("SANDBOX_SPEED", 60))
    sandbox = ["--port", str(settings.SANDBOX_PORT), "--data", str(settings.VAR_DIR / "sandbox")]
    added = {child.name: [*python, *child.argv] for child in children()}
    programs = {
        **added,
        "sandbox": [*python, "socialhub.sandbox", *sandbox, "--speed", speed],
        "web": [*python, "gunicorn", "socialhub.wsgi", "-b", web, *threads],
        "publish": [*celery, *worker, "-Q", "publish", "-c", "4", "-n", "publish@demo"],
        "sync": [*celery, *worker, "-Q", "sync,render", "-c", "2", "-n", "sync@demo"],
        "beat": [*celery, "beat", "--pidfile="],
    }
    # glibc keeps a memory pool per thread; two are enough for these programs.
    extra = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
    # A browser would take as much memory as everything else together.
    extra["RENDERER"] = env.text("RENDERER", "takumi")
    # This command was checked already; it takes a quarter of a worker's start.
    extra["CELERY_SKIP_CHECKS"] = "1"
    own = {"beat": {"DJANGO_SETTINGS_MODULE": "socialhub.settings_beat"}}
    return {
        "log_dir": str(settings.VAR_DIR / "log"),
        "programs": [
            {"name": name, "argv": argv, "env": {**extra, **own.get(name, {})}}
            for name, argv in programs.items()
        ],
        "ready": {"url": f"http://{web}/admin/login/", "message": message(f"http://{web}")},
    }


def message(url: str) -> str:
    """URL, login, and a line to try the API with."""
    lines = [
        f"SocialHub        {url}/",
        f"Sandbox network  {settings.SANDBOX_URL}/",
        *[child.line for child in children()],
    ]
    token = make_token()
    if token:
        lines += [
            f"Log in as        {', '.join(people.NAMES)}   password: {people.PASSWORD}",
            f"API              curl -H 'Authorization: Bearer {token}' {url}/api/posts/",
        ]
    lines.append(f"Ctrl+C stops everything. Logs are in {settings.VAR_DIR / 'log'}.")
    return "\n".join(lines)


def make_token() -> str:
    """A new token that may write; the ones of earlier starts end. "" without demo people."""
    user = User.objects.filter(username="admin", is_active=True).first()
    if user is None or not user.check_password(people.PASSWORD):
        return ""
    ApiToken.objects.filter(user=user, name=TOKEN_NAME).delete()
    _row, token = ApiToken.objects.create(
        user, expiry=timedelta(days=TOKEN_DAYS), name=TOKEN_NAME, can_write=True
    )
    return str(token)


def become_supervisor(what: dict[str, Any]) -> None:
    """Replace this process, which has Django loaded, by a small one."""
    from django.db import connections

    connections.close_all()
    read, write = os.pipe()
    os.set_inheritable(read, True)
    os.write(write, json.dumps(what).encode())
    os.close(write)
    sys.stdout.flush()
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, [sys.executable, "-m", "socialhub.supervisor", str(read)])
