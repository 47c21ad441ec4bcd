"""One contract, five stand-ins and, with `-m realodoo`, a real server."""

from __future__ import annotations

import uuid

import pytest

from crm.odoo.tests.contract.server import VARIABLES, OdooServer, real, stand_in

STAND_INS = [(16, "xmlrpc"), (17, "xmlrpc"), (18, "xmlrpc"), (19, "xmlrpc"), (19, "json2")]


def names():
    return [f"{major}-{transport}" for major, transport in STAND_INS]


@pytest.fixture(scope="session", params=STAND_INS, ids=names())
def standin(request, tmp_path_factory):
    """For what only a stand-in can do on request."""
    server = stand_in(tmp_path_factory.mktemp("odoo"), *request.param)
    yield server
    server.stop()


@pytest.fixture(
    scope="session",
    params=[
        *[pytest.param(given, id=name) for given, name in zip(STAND_INS, names(), strict=True)],
        pytest.param(None, id="real", marks=pytest.mark.realodoo),
    ],
)
def server(request, tmp_path_factory):
    if request.param is None:
        found = real()
        if found is None:
            pytest.skip(f"a real Odoo needs {', '.join(VARIABLES)}")
        yield found
        return
    started = stand_in(tmp_path_factory.mktemp("odoo"), *request.param)
    yield started
    started.stop()


@pytest.fixture
def client(server: OdooServer):
    client = server.open()
    client.connect()
    return client


@pytest.fixture
def lead(client):
    """`lead(name=…)` makes a lead and returns external name and id; archived afterwards."""
    made = []

    def make(**values):
        name = f"contract_{uuid.uuid4().hex}"
        upserted = client.upsert_once("crm.lead", name, {"name": name, "type": "lead", **values})
        made.append(upserted.id)
        return name, upserted.id

    yield make
    if made:
        client.call("crm.lead", "write", made, vals={"active": False})
