"""What Odoo is asked: requests for a catalogue and for leads, and the memory a reading takes.

Requests are counted in the log of the stand-in Odoo, a process of its own. Every measurement
gets a new database, a new stand-in and a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.figures import Figure, limits
from bench.stack import ROOT, environment, free_ports, page, running, wait_for

# One in five of the stand-in's invented products is a service.
SERVICES = 5
# XML-RPC and JSON-2.
VERSIONS = ("18", "19")


def run(size: str) -> list[Figure]:
    """All figures of the area."""
    says = limits("crm")
    figures: list[Figure] = []
    for version in VERSIONS:
        figures += _catalogue(version, says)
        figures += _leads(version, says)
    return [*figures, *_memory(says)]


def _catalogue(version: str, says: dict[str, Any]) -> list[Figure]:
    count = says["products"]
    found = _measure("catalogue", version, count)
    name = f"Odoo {version}: "
    quiet = says["quiet_requests"]
    return [
        _requests(
            name + "first reading of products", found["first"], says["first_requests"], count
        ),
        *(
            _requests(f"{name}{kind} again, {when}", found[when][kind], quiet, 1)
            for when in ("at once", "an hour later", "two hours later")
            for kind in ("products", "services")
        ),
    ]


def _requests(name: str, value: float, limit: float, samples: int) -> Figure:
    return Figure(name, value, "requests", limit, samples=samples)


def _leads(version: str, says: dict[str, Any]) -> list[Figure]:
    count = says["leads"]
    figures = []
    for way, limit in (("one by one", says["calls_single"]), ("backfill", says["calls_batch"])):
        found = _measure("leads", version, 0, count=count, way=way)
        name = f"Odoo {version}: leads {way}"
        figures += [
            Figure(name, found["calls"] / count, "calls", limit, samples=count),
            # One lead per lead: neither fewer nor more.
            Figure(f"{name}, missing or double", found["wrong"], "leads", 0, samples=count),
        ]
    return figures


def _memory(says: dict[str, Any]) -> list[Figure]:
    few, many = says["products"], says["many_products"]
    small, large = (_measure("memory", VERSIONS[0], count) for count in (few, many))
    ratio = large["peak"] / small["peak"]
    return [
        Figure(f"peak memory reading {few}", small["peak"], "MB"),
        Figure(f"peak memory reading {many}", large["peak"], "MB"),
        Figure(f"memory {many} ÷ {few}", ratio, "×", says["memory_ratio"]),
        Figure(f"products read of {many}", large["read"], "rows", many, "min", samples=many),
    ]


# -- processes -----------------------------------------------------------------------


def _measure(what: str, version: str, products: int, **more: Any) -> dict[str, Any]:
    """What `bench.crm.child` found out, beside a stand-in with so many products."""
    with tempfile.TemporaryDirectory(prefix="socialhub-bench-") as name:
        folder = Path(name)
        env = environment(folder, LOG_LEVEL="ERROR", SOCIALHUB_ALLOWED_PRIVATE_HOSTS="127.0.0.1")
        with _stand_in(folder, env, version, products * SERVICES // (SERVICES - 1)) as url:
            found = _child(env, {"what": what, "url": url, **more})
            print(f"   {what}, Odoo {version}, {products or more}: {found}", flush=True)
            return found


@contextmanager
def _stand_in(folder: Path, env: dict[str, str], version: str, products: int) -> Iterator[str]:
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "crm.standin", "--port", str(port), "--version", version]
    command += ["--data", str(folder / "odoo"), "--products", str(products)]
    url = f"http://127.0.0.1:{port}"
    with running(command, env, folder / "odoo.log"):
        wait_for(lambda: page(f"{url}/control/settings"), "the stand-in Odoo", 300)
        yield url


def _child(env: dict[str, str], what: dict[str, Any]) -> dict[str, Any]:
    read, write = os.pipe()
    command = [sys.executable, "-m", "bench.crm.child", json.dumps(what), str(write)]
    process = subprocess.Popen(command, env=env, cwd=ROOT, pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as answer:
        found = answer.read()
    if process.wait() or not found:
        raise RuntimeError(f"the measurement of {what['what']} ended with {process.returncode}")
    return dict(json.loads(found))
