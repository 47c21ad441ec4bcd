"""Fixtures for the whole suite. The network is blocked except loopback."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

# Networks that run as processes of their own, one module each, the browser, and what makes
# emptying the database quick: one for all.
pytest_plugins = [
    "socialhub.tests.support.chromium",
    "socialhub.tests.support.flushing",
    "socialhub.tests.support.mastodon",
    "socialhub.tests.support.sandbox",
    "socialhub.tests.support.standin.client",
]

# Migrating takes longer than any test: with several processes one does it, and all take a copy.
# The variable names a file: the database, or a sign that the one named like its folder is there.
TEMPLATE, TEMPLATE_SECONDS = "SOCIALHUB_TEST_TEMPLATE", 180
MIGRATE = """
import os, sys
import django
from django.core.management import call_command
from django.db import connection
django.setup()
if connection.vendor == "postgresql":
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{connection.settings_dict["NAME"]}"')
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
connection.close()
if connection.vendor == "postgresql":
    open(sys.argv[1], "w").close()
os.replace(sys.argv[1], sys.argv[2])
"""

# A test that has none of these opens no database, so it need not run on every one.
DATABASE = {"db", "transactional_db"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="only tests that open the database, with one network where each has its turn",
    )


def pytest_configure(config: pytest.Config) -> None:
    """In the process that starts the others, while they collect."""
    is_one_of_many = hasattr(config, "workerinput")
    if is_one_of_many or not getattr(config.option, "numprocesses", None):
        return
    folder = Path(tempfile.mkdtemp(prefix="socialhub-template-"))
    half, whole = folder / "half", folder / "whole"
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    url = f"sqlite:///{half}"
    if on_server := os.environ.get("DATABASE_URL"):
        url = urlsplit(on_server)._replace(path=f"/{folder.name}").geturl()
        config.add_cleanup(lambda: _drop(on_server, folder.name))
    env = {**os.environ, "DATABASE_URL": url, "SOCIALHUB_VAR": str(folder)}
    env["DJANGO_SETTINGS_MODULE"] = "socialhub.settings_test"
    making = subprocess.Popen([sys.executable, "-c", MIGRATE, str(half), str(whole)], env=env)
    config.add_cleanup(making.kill)
    os.environ[TEMPLATE] = str(whole)


@pytest.fixture(scope="session")
def django_db_keepdb(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_blocker
) -> bool:
    """A copy of the migrated database is kept as it is; without one it is made as usual."""
    given = bool(request.config.getvalue("reuse_db"))
    if given or not os.environ.get(TEMPLATE):
        return given
    template = Path(os.environ[TEMPLATE])
    deadline = time.monotonic() + TEMPLATE_SECONDS
    while not template.exists() and template.parent.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    if template.exists():
        with django_db_blocker.unblock():
            _copy(template)
    return template.exists()


def _copy(template: Path) -> None:
    from django.db import connection

    name = connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        shutil.copyfile(template, name)
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template.parent.name}"')


def _drop(url: str, name: str) -> None:
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    kept, left = [], []
    for item in items:
        again = _opens_database(item) and _with_first_network(item)
        only_once = item.get_closest_marker("one_database") is not None
        (kept if again and not only_once else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _opens_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or bool(DATABASE & set(fixtures))


def _with_first_network(item: pytest.Item) -> bool:
    """Networks differ in what they answer, and databases in what they lock: not in both at once."""
    callspec = getattr(item, "callspec", None)
    return callspec is None or callspec.params.get("network", "sandbox") == "sandbox"


_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address):  # type: ignore[no-untyped-def]
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise OSError(f"tests may not reach {host}")
    return _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    socket.socket.connect = _loopback_only  # type: ignore[method-assign]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]
