"""One stand-in per version for the whole run; each test gets it empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from crm.standin.tests.support import Api, StandinServer, running

WAYS = [("xmlrpc", 16), ("xmlrpc", 17), ("xmlrpc", 18), ("xmlrpc", 19), ("json2", 19)]


@pytest.fixture(scope="session")
def _standins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], StandinServer]]:
    started: dict[int, StandinServer] = {}
    with ExitStack() as stack:

        def of(version: int) -> StandinServer:
            if version not in started:
                folder = tmp_path_factory.mktemp(f"standin{version}")
                started[version] = stack.enter_context(running(folder, version))
            return started[version]

        yield of


@pytest.fixture(params=[16, 17, 18, 19])
def standin(request: pytest.FixtureRequest, _standins) -> StandinServer:
    server = _standins(request.param)
    server.reset()
    return server


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[1]}-{way[0]}")
def api(request: pytest.FixtureRequest, _standins) -> Api:
    transport, version = request.param
    server = _standins(version)
    server.reset()
    return Api(server, transport)


@pytest.fixture
def standin18(_standins) -> StandinServer:
    _standins(18).reset()
    return _standins(18)


@pytest.fixture
def standin19(_standins) -> StandinServer:
    _standins(19).reset()
    return _standins(19)
