"""Fixtures for the whole suite. The network is blocked except loopback."""

from __future__ import annotations

import ipaddress
import socket

import pytest

# Networks that run as processes of their own, one module each, and the browser: one for all.
pytest_plugins = [
    "socialhub.tests.support.chromium",
    "socialhub.tests.support.mastodon",
    "socialhub.tests.support.sandbox",
]

# A test that has none of these opens no database, so it need not run on every one.
DATABASE = {"db", "transactional_db"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="only tests that open the database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    kept, left = [], []
    for item in items:
        (kept if _opens_database(item) else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _opens_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or bool(DATABASE & set(fixtures))


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
