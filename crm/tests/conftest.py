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


@pytest.fixture
def odoo_as(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., StandIn]]:
    """`odoo_as("18")`, `odoo_as("19-xmlrpc")`, `odoo_as("17", "--products", "50")`."""
    with ExitStack() as stack:

        def start(name: str, *options: str) -> StandIn:
            version, _, transport = name.partition("-")
            folder = tmp_path_factory.mktemp("odoo")
            return stack.enter_context(
                running(folder, version, *options, transport=transport or None)
            )

        yield start


@pytest.fixture
def odoo(request: pytest.FixtureRequest, odoo_as: Callable[..., StandIn]) -> StandIn:
    """An empty stand-in Odoo, version 18 unless a test is parametrised indirectly."""
    return odoo_as(getattr(request, "param", "18"))


@pytest.fixture
def connection(db: None, odoo: StandIn) -> OdooConnection:
    """The connection in use, ready, to `odoo`."""
    return make_connection(odoo.url, transport=odoo.transport)
