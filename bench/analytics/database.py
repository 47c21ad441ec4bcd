"""A scratch database for each measurement, in a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.figures import MissingPart
from bench.stack import ROOT, environment, free_ports

SCRIPT = ROOT / "contrib" / "pg-redis.sh"
# One backend answers one read: its CPU time is then all there is. Plans are as in production.
OPTIONS = (
    "-c shared_buffers=1GB -c work_mem=64MB -c jit=off -c max_parallel_workers_per_gather=0"
    " -c maintenance_work_mem=256MB -c max_wal_size=8GB -c full_page_writes=on"
    " -c track_io_timing=off"
)
Env = dict[str, str]


@contextmanager
def sqlite() -> Iterator[Env]:
    """Variables of a process on a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as folder:
        yield environment(Path(folder), LOG_LEVEL="ERROR")


@contextmanager
def postgres() -> Iterator[Env]:
    """Variables of a process on a new PostgreSQL. Raises MissingPart where there is none."""
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-", dir="/var/tmp") as folder:
        ports = free_ports(2)
        own = {
            "PG_PORT": str(ports[0]),
            "REDIS_PORT": str(ports[1]),
            "SCRATCH_DIR": f"{folder}/servers",
            "PG_OPTIONS": OPTIONS,
        }
        # The servers' own user has to get through to its folder.
        Path(folder).chmod(0o755)
        started = subprocess.run(
            [SCRIPT, "start"],
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        if started.returncode:
            raise MissingPart(f"no scratch PostgreSQL: {started.stderr.strip()}")
        try:
            given = dict(line.split("=", 1) for line in started.stdout.split())
            yield environment(Path(folder) / "var", LOG_LEVEL="ERROR", **given, **_keys())
        finally:
            subprocess.run(
                [SCRIPT, "stop"], env={**os.environ, **own}, capture_output=True, check=False
            )


@contextmanager
def another(server: Env) -> Iterator[Env]:
    """Variables of a process on an empty database of that PostgreSQL."""
    base, _, _name = server["DATABASE_URL"].rpartition("/")
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(server["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield {**server, "DATABASE_URL": f"{base}/{name}"}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _keys() -> Env:
    from cryptography.fernet import Fernet

    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
    }


def measure(env: Env, engine: str, **what: Any) -> dict[str, Any]:
    """What `bench.analytics.child` found out on this database. Raises RuntimeError."""
    read, write = os.pipe()
    command = [sys.executable, "-m", "bench.analytics.child", json.dumps(what), str(write)]
    process = subprocess.Popen(
        command, env={**env, "BENCH_ENGINE": engine}, cwd=ROOT, pass_fds=[write]
    )
    os.close(write)
    with os.fdopen(read) as answer:
        found = answer.read()
    if process.wait() or not found:
        raise RuntimeError(f"the measurement on {engine} ended with code {process.returncode}")
    return dict(json.loads(found))
