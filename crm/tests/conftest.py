"""Fixtures of the crm tests: a stand-in Odoo over a real socket, and a connection to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from crm.models import OdooConnection
from crm.tests.support import StandIn, make_connection, running

# For `@pytest.mark.parametrize("odoo", VERSIONS, indirect=True)`: version, and the transport
# where it is not the one the client would choose.
VERSIONS = ("16", "17", "18", "19", "19-xmlrpc")
TRANSPORTS = ("17", "18", "19")


@pytest.fixture(scope="session")
def _stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], StandIn]]:
    """One process per version for the whole session."""
    with ExitStack() as stack:
        started: dict[str, StandIn] = {}

        def of(version: str) -> StandIn:
            if version not in started:
                folder = tmp_path_factory.mktemp(f"odoo{version}-")
                started[version] = stack.enter_context(running(folder, version))
            return started[version]

        yield of


@pytest.fixture
def odoo_as(_stand_ins: Callable[[str], StandIn]) -> Callable[..., StandIn]:
    """`odoo_as("18")`, `odoo_as("19-xmlrpc")`, `odoo_as("17", products=50)`: an emptied one.

    One per version: a second call for the same version empties the first.
    """

    def emptied(name: str, **seeds: object) -> StandIn:
        version, _, transport = name.partition("-")
        server = _stand_ins(version)
        server.transport = transport or None
        if not server.is_up:
            server.start()
        server.control("reset", {"version": version, **seeds})
        return server

    return emptied


@pytest.fixture
def odoo(request: pytest.FixtureRequest, odoo_as: Callable[..., StandIn]) -> StandIn:
    """An empty stand-in Odoo, version 18 unless a test is parametrised indirectly."""
    return odoo_as(getattr(request, "param", "18"))


@pytest.fixture
def connection(db: None, odoo: StandIn) -> OdooConnection:
    """The connection in use, ready, to `odoo`."""
    return make_connection(odoo.url, transport=odoo.transport)
