"""What is on the wire, for both transports."""

from __future__ import annotations

import json
import xmlrpc.client

import pytest

from crm.odoo import CallRecord, Target, errors, open_client
from crm.odoo.tests.scripted import CUT, KEY, Reply, refused


@pytest.mark.parametrize(
    ("method", "ids", "named", "args", "keywords"),
    [
        ("create", None, {"vals_list": {"name": "x"}}, [[{"name": "x"}]], {}),
        ("create", None, {"vals_list": [{"name": "x"}]}, [[{"name": "x"}]], {}),
        ("write", [1], {"vals": {"name": None}}, [[1], {"name": False}], {}),
        ("write", 1, {"vals": {}}, [[1], {}], {}),
        ("unlink", [1, 2], {}, [[1, 2]], {}),
        ("read", [1], {"fields": ["name"]}, [[1]], {"fields": ["name"]}),
        ("search", None, {"domain": [], "limit": 2}, [[]], {"limit": 2}),
        ("search_count", None, {"domain": [("id", "=", 1)]}, [[["id", "=", 1]]], {}),
        (
            "search_read",
            None,
            {"domain": [], "fields": ["name"]},
            [[]],
            {"fields": ["name"]},
        ),
        ("load", None, {"fields": ["id"], "data": [["a.b"]]}, [["id"], [["a.b"]]], {}),
        ("check_object_reference", None, {"module": "a", "xml_id": "b"}, ["a", "b"], {}),
        (
            "check_access_rights",
            None,
            {"operation": "read", "raise_exception": False},
            ["read"],
            {"raise_exception": False},
        ),
        ("message_post", [1], {"body": "x"}, [[1]], {"body": "x"}),
        ("fields_get", None, {"attributes": ["type"]}, [], {"attributes": ["type"]}),
    ],
)
def test_xmlrpc_places_the_positional_ones(xmlrpc, server, method, ids, named, args, keywords):
    server.say(True)

    xmlrpc.call("crm.lead", method, ids, **named)

    assert server.asked() == [("crm.lead", method, args, keywords)]


def test_xmlrpc_sends_credentials_and_context_with_each_call(xmlrpc, server):
    server.say(True)

    xmlrpc.call("crm.lead", "write", [1], vals={}, context={"active_test": False})

    (request,) = server.seen
    params, method = xmlrpc_params(request.body)
    assert (request.path, method) == ("/xmlrpc/2/object", "execute_kw")
    assert params[:3] == ("odoo", 7, KEY)
    assert params[6] == {"context": {"active_test": False}}


def xmlrpc_params(body):
    return xmlrpc.client.loads(body.decode())


def test_json2_names_everything(json2, server):
    server.say([47])

    made = json2.call("crm.lead", "create", vals_list={"name": "x"}, context={"lang": "en_US"})

    (request,) = server.seen
    assert made == [47]
    assert request.path == "/json/2/crm.lead/create"
    assert json.loads(request.body) == {
        "vals_list": [{"name": "x"}],
        "context": {"lang": "en_US"},
    }
    assert request.headers["authorization"] == f"bearer {KEY}"
    assert request.headers["x-odoo-database"] == "odoo"
    assert request.headers["content-type"] == "application/json"


def test_json2_sends_ids_by_name(json2, server):
    server.say(True)

    json2.call("crm.lead", "write", [4], vals={"name": "y"})

    assert server.asked() == [("crm.lead", "write", {"vals": {"name": "y"}, "ids": [4]})]


def test_relations_as_bare_ids_are_asked_for_in_each_transports_way(client, server):
    server.say([{"id": 1, "partner_id": 3}])

    found = client.search_read("crm.lead", [], ["partner_id"], bare=True)

    asked = server.asked()[0]
    assert found == [{"id": 1, "partner_id": 3}]
    assert (asked[3] if client.transport == "xmlrpc" else asked[2])["load"] == (
        "" if client.transport == "xmlrpc" else None
    )


def test_a_cut_connection_means_one_request(client, server):
    server.say(CUT)

    with pytest.raises(errors.UnknownOutcome):
        client.call("crm.lead", "create", vals_list=[{"name": "x"}])

    assert len(server.seen) == client.requests == 1


def test_texts_are_cleaned_on_the_way_out(client, server):
    server.say([1])

    client.call("crm.lead", "create", vals_list=[{"name": "a\x00\ud800b", "phone": 2**40}])

    asked = server.asked()[0]
    sent = asked[2][0][0] if client.transport == "xmlrpc" else asked[2]["vals_list"][0]
    assert sent == {"name": "ab", "phone": "1099511627776"}


def test_a_value_that_cannot_be_sent_is_refused_before_anything_leaves(client, server):
    with pytest.raises(errors.Invalid):
        client.call("crm.lead", "write", [1], vals={"name": object()})
    assert (server.seen, client.requests) == ([], 0)


def test_login_over_xmlrpc(xmlrpc, server):
    server.say(9)

    assert xmlrpc.connect() == xmlrpc.uid == 9
    assert xmlrpc_params(server.seen[0].body) == (
        ("odoo", "bot@example.com", KEY, {}),
        "authenticate",
    )


def test_login_over_json2(json2, server):
    server.say({"lang": "en_US", "tz": False, "uid": 9})

    assert json2.connect() == json2.uid == 9
    assert server.seen[0].path == "/json/2/res.users/context_get"


def test_a_wrong_password_is_an_answer_not_a_fault(xmlrpc, server):
    server.say(False)
    with pytest.raises(errors.AuthError):
        xmlrpc.connect()


def test_a_wrong_key_is_refused(json2, server):
    server.say(refused(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey"))
    with pytest.raises(errors.AuthError):
        json2.connect()


def test_the_first_call_logs_in_where_that_is_needed(server):
    client = open_client(server.target, version="17.0", transport="xmlrpc")
    server.say(9, [1, 2])

    assert client.search_ids("crm.lead", []) == [1, 2]
    assert client.requests == 2


@pytest.mark.parametrize("key", ["clé", "key\n"])
def test_a_key_that_cannot_be_one_is_not_sent(server, key):
    target = Target(server.target.url, "odoo", "bot@example.com", key)
    client = open_client(target, version="19.0", transport="json2")

    with pytest.raises(errors.AuthError):
        client.connect()
    assert server.seen == []


def test_a_database_name_that_cannot_be_sent_is_refused(server):
    target = Target(server.target.url, "\ud800", "bot@example.com", KEY)
    client = open_client(target, version="17.0", transport="xmlrpc")

    with pytest.raises(errors.ConfigError):
        client.connect()
    assert server.seen == []


def test_each_request_is_observed_once_without_secrets(client, server, records):
    server.say([1], Reply(503), CUT)

    client.search_ids("crm.lead", [])
    for _ in range(2):
        with pytest.raises(errors.OdooError):
            client.call("crm.lead", "write", [1], vals={"name": "private"})

    seen = [(r.model, r.method, r.status, r.outcome) for r in records]
    assert seen == [
        ("crm.lead", "search", 200, "ok"),
        ("crm.lead", "write", 503, "unknown_outcome"),
        ("crm.lead", "write", None, "unknown_outcome"),
    ]
    assert all(isinstance(record, CallRecord) and record.seconds >= 0 for record in records)
    assert KEY not in repr(records) and "private" not in repr(records)


def test_nobody_listening_is_unavailable_and_no_request():
    target = Target("http://127.0.0.1:1", "odoo", "bot", KEY)
    client = open_client(target, version="17.0", transport="xmlrpc", uid=7)

    with pytest.raises(errors.Unavailable):
        client.call("crm.lead", "create", vals_list=[{}])
    assert client.requests == 0


def test_a_private_address_that_is_not_listed_needs_a_person():
    target = Target("http://10.0.0.1:8069", "odoo", "bot", KEY)
    client = open_client(target, version="17.0", transport="xmlrpc", uid=7)

    with pytest.raises(errors.ConfigError):
        client.call("crm.lead", "search", domain=[])


def test_a_server_without_tls_needs_a_person(server):
    server.say(CUT)
    url = server.target.url.replace("http:", "https:")
    client = open_client(Target(url, "odoo", "bot", KEY), version="17.0", transport="xmlrpc", uid=7)

    with pytest.raises(errors.ConfigError):
        client.call("crm.lead", "search", domain=[])
