"""Which version and transport a client finds, and how it starts without asking."""

from __future__ import annotations

import json

import pytest

from crm.odoo import Target, Version, errors, open_client
from crm.odoo.tests.conftest import FIELDS
from crm.odoo.tests.scripted import CUT, KEY, Reply, fault

ODOO_19 = {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
NOT_FOUND = Reply(404, "<h1>Not Found</h1>")


def version(serie):
    return {"server_version": serie, "server_serie": serie, "protocol_version": 1}


def test_19_with_a_key_is_spoken_to_in_json2(server):
    server.say(Reply(200, json.dumps(ODOO_19), {"Set-Cookie": "session_id=x"}))

    client = open_client(server.target)

    assert (client.transport, client.version) == ("json2", Version("19.0", 19))
    assert [request.path for request in server.seen] == ["/web/version"]


@pytest.mark.parametrize(
    ("serie", "major"), [("16.0", 16), ("17.0", 17), ("18.0", 18), ("saas~17.4", 17)]
)
def test_18_and_older_are_spoken_to_in_xmlrpc(server, serie, major):
    server.say(NOT_FOUND, version(serie))

    client = open_client(server.target)

    assert (client.transport, client.version) == ("xmlrpc", Version(serie, major))
    assert client.requests == 2


def test_without_a_key_json2_is_not_tried(server):
    server.say(version("19.0"))
    target = Target(server.target.url, "odoo", "bot", "")

    assert open_client(target).transport == "xmlrpc"


def test_xmlrpc_can_be_asked_for(server):
    server.say(version("19.0"))
    assert open_client(server.target, transport="xmlrpc").transport == "xmlrpc"


@pytest.mark.parametrize("transport", ["json2", None])
def test_too_old_a_server_is_refused(server, transport):
    server.say(NOT_FOUND, version("15.0"))
    with pytest.raises(errors.Unsupported):
        open_client(server.target, transport=transport)


def test_json2_on_18_is_refused(server):
    server.say(NOT_FOUND, version("18.0"))
    with pytest.raises(errors.Unsupported):
        open_client(server.target, transport="json2")


@pytest.mark.parametrize("page", ["<html>A shop</html>", '{"a": 1}', "[]"])
def test_another_web_site_is_no_odoo(server, page):
    server.say(Reply(200, page), Reply(200, page))
    with pytest.raises(errors.ConfigError):
        open_client(server.target)


def test_a_site_without_xmlrpc_is_no_odoo(server):
    server.say(NOT_FOUND, NOT_FOUND)
    with pytest.raises(errors.ConfigError):
        open_client(server.target)


def test_a_redirect_is_offered_not_followed(server):
    server.say(Reply(301, headers={"Location": "https://erp.example.com/web/version"}))

    with pytest.raises(errors.ConfigError) as raised:
        open_client(server.target)
    assert raised.value.redirect_to == "https://erp.example.com"


def test_a_redirect_on_the_same_server_is_an_older_odoo(server):
    server.say(Reply(303, headers={"Location": "/web/database/selector"}), version("16.0"))
    assert open_client(server.target).version.major == 16


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(503), errors.Unavailable),
        (Reply(429), errors.Throttled),
        (CUT, errors.UnknownOutcome),
    ],
)
def test_a_server_in_trouble_is_not_taken_for_an_old_one(server, answer, kind):
    server.say(answer)
    with pytest.raises(kind):
        open_client(server.target)
    assert len(server.seen) == 1


def test_a_server_in_trouble_over_xmlrpc_is_not_taken_for_a_web_site(server):
    server.say(NOT_FOUND, Reply(503))
    with pytest.raises(errors.Unavailable):
        open_client(server.target)


def test_an_unknown_database_is_told_apart(server):
    server.say(fault('psycopg2.OperationalError: x FATAL:  database "odoo" does not exist'))
    client = open_client(server.target, version="17.0", transport="xmlrpc")

    with pytest.raises(errors.ConfigError, match="no database of this name"):
        client.connect()


def test_what_is_pasted_is_cleaned(server):
    server.say(version("17.0"))
    target = Target(f" {server.target.url}/web#action=1 ", "odoo", "bot", KEY)

    client = open_client(target, transport="xmlrpc")

    assert client.target.url == server.target.url


def test_what_is_no_address_needs_a_person():
    with pytest.raises(errors.ConfigError) as raised:
        open_client(Target("ftp://x", "odoo", "bot", KEY))
    assert raised.value.safe_text == "The address must begin with https:// or http://."


def test_a_known_server_is_asked_nothing_first(server):
    client = open_client(server.target, version="17.0", transport="xmlrpc", uid=7, fields=FIELDS)
    server.say([])

    assert client.search_read("crm.lead", [], ["name"]) == []
    assert [asked[1] for asked in server.asked()] == ["search_read"]


def test_state_survives_json_and_holds_no_secret(client, server):
    stored = json.loads(json.dumps(client.state()))

    again = open_client(server.target, state=stored)

    assert again.state() == client.state()
    assert again.fields("crm.lead") == client.fields("crm.lead")
    assert (again.uid, again.transport, again.version) == (7, client.transport, client.version)
    assert KEY not in json.dumps(stored) and server.seen == []
