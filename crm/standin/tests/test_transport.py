"""Both transports: who gets in, and what comes instead of an answer."""

from __future__ import annotations

from xmlrpc.client import Fault, dumps, loads

import pytest
import requests

from crm.standin.tests.support import BOT, BOT_LOGIN, KEY


def fault_of(standin, *params, service="object", method="execute_kw") -> Fault:
    with pytest.raises(Fault) as raised:
        standin.xmlrpc(service, method, *params)
    return raised.value


READ = ("crm.lead", "search", [[]], {})


def test_version_says_which_odoo(standin):
    said = standin.xmlrpc("common", "version")

    assert said == {
        "server_version": f"{standin.version}.0",
        "server_version_info": [standin.version, 0, 0, "final", 0, ""],
        "server_serie": f"{standin.version}.0",
        "protocol_version": 1,
    }


@pytest.mark.parametrize(
    ("login", "secret", "uid"),
    [
        (BOT_LOGIN, KEY, BOT),
        ("admin", "admin", 2),
        ("admin", "admin-key", 2),
        (BOT_LOGIN, "wrong", False),
        (BOT_LOGIN, "admin", False),
        (BOT_LOGIN, "", False),
        ("unknown", KEY, False),
    ],
)
def test_authenticate_answers_false_instead_of_a_fault(standin, login, secret, uid):
    answer = standin.xmlrpc("common", "authenticate", "odoo", login, secret, {})

    assert (answer, type(answer)) == (uid, type(uid))


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        (("odoo", BOT, "wrong", *READ), 3, "Access Denied"),
        (("odoo", BOT, "", *READ), 3, "Access Denied"),
        (("odoo", 2, KEY, *READ), 3, "Access Denied"),
        (("odoo", 99999, KEY, *READ), 2, "(Record: res.users(99999,), User: 99999)"),
        (("nodb", BOT, KEY, *READ), 1, 'FATAL:  database "nodb" does not exist'),
    ],
)
def test_refusals_at_the_door_are_http_200(standin, params, code, text):
    refused = fault_of(standin, *params)

    assert refused.faultCode == code
    assert text in refused.faultString


def test_an_unknown_database_is_a_fault_at_authenticate_too(standin):
    refused = fault_of(standin, "nodb", BOT_LOGIN, KEY, {}, service="common", method="authenticate")

    assert refused.faultCode == 1
    assert "psycopg2.OperationalError" in refused.faultString


def test_authenticate_needs_its_fourth_argument(standin):
    refused = fault_of(standin, "odoo", BOT_LOGIN, KEY, service="common", method="authenticate")

    assert refused.faultCode == 1
    assert "TypeError" in refused.faultString


@pytest.mark.parametrize("body", [b"<methodCall><methodName>", b"not xml"])
def test_malformed_xml_is_a_fault(standin, body):
    answer = standin.post("/xmlrpc/2/object", body)

    assert answer.status_code == 200
    with pytest.raises(Fault, match="ExpatError"):
        loads(answer.content)


def test_a_control_character_is_not_xml(standin):
    vals = [{"name": "ab\x0bcd"}]
    body = dumps(("odoo", BOT, KEY, "crm.lead", "create", [vals], {}), "execute_kw")

    answer = standin.post("/xmlrpc/2/object", body.encode())

    with pytest.raises(Fault, match=r"xml\.parsers\.expat\.ExpatError: not well-formed"):
        loads(answer.content)
    assert standin.rows("crm.lead") == []


def test_xmlrpc_is_only_for_post(standin):
    answer = requests.get(f"{standin.base_url}/xmlrpc/2/object", timeout=10)

    assert (answer.status_code, answer.headers["content-type"][:9]) == (405, "text/html")


def test_unarchiving_cannot_be_answered_but_is_done(standin):
    lead = standin.add("crm.lead", name="Away", active=False)

    refused = fault_of(
        standin, "odoo", BOT, KEY, "crm.lead", "action_unarchive", [[lead["id"]]], {}
    )

    assert refused.faultCode == 1
    assert "cannot marshal None unless allow_none is enabled" in refused.faultString
    assert standin.rows("crm.lead")[0]["active"] is True
    assert standin.log()[-1]["committed"] is True


def test_18_cannot_answer_set_lost(standin):
    lead = standin.add("crm.lead", name="Lost")

    if standin.version == 18:
        with pytest.raises(Fault, match="cannot marshal None"):
            standin.execute("crm.lead", "action_set_lost", [lead["id"]])
    else:
        assert standin.execute("crm.lead", "action_set_lost", [lead["id"]]) is True

    [row] = standin.rows("crm.lead")
    assert (row["active"], row["probability"]) == (False, 0)


# -- JSON-2 -------------------------------------------------------------------------


def test_json2_came_with_19(standin):
    said = requests.get(f"{standin.base_url}/web/version", timeout=10)
    called = standin.json2("crm.lead", "search", {"domain": []})

    if standin.version == 19:
        assert said.json() == {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
        assert (called.status_code, called.json()) == (200, [])
    else:
        assert (said.status_code, called.status_code) == (404, 404)
        assert called.text.lower().startswith("<!doctype html>")


@pytest.mark.parametrize("given", ["bearer wrong", "bearer admin", "bearer ", "Basic x", ""])
def test_json2_needs_a_key_and_no_password(standin19, given):
    answer = standin19.json2("crm.lead", "search", {"domain": []}, Authorization=given)

    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid apikey")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_json2_for_another_database_is_a_page(standin19):
    answer = standin19.json2("crm.lead", "search", {"domain": []}, **{"X-Odoo-Database": "nodb"})

    assert answer.status_code == 404
    assert "No database is selected" in answer.text


def test_json2_takes_json_only(standin19):
    answer = standin19.post("/json/2/crm.lead/search", "{}", Authorization=f"bearer {KEY}")

    assert (answer.status_code, answer.headers["content-type"][:9]) == (415, "text/html")


@pytest.mark.parametrize(
    ("model", "method", "body", "status", "name"),
    [
        ("no.such", "search", {"domain": []}, 404, "werkzeug.exceptions.NotFound"),
        ("crm.lead", "frobnicate", {}, 404, "werkzeug.exceptions.NotFound"),
        ("crm.lead", "search", {"args": []}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("crm.lead", "search", {}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("crm.lead", "write", {"ids": [1]}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("crm.lead", "load", {"fields": []}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("crm.lead", "search", {"ids": [1]}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("crm.lead", "create", {"vals_list": {"name": "a\0b"}}, 500, "builtins.ValueError"),
    ],
)
def test_json2_refuses_with_a_name(standin19, model, method, body, status, name):
    answer = standin19.json2(model, method, body)

    said = answer.json()
    assert (answer.status_code, said["name"]) == (status, name)
    assert set(said) == {"name", "message", "arguments", "context", "debug"}
    assert said["debug"].startswith("Traceback")


def test_json2_breaks_at_a_lone_surrogate(standin19):
    answer = standin19.json2("crm.lead", "create", {"vals_list": {"name": "a\ud800b"}})

    assert (answer.status_code, answer.headers["content-type"][:9]) == (500, "text/html")
    assert standin19.rows("crm.lead") == []


def test_json2_create_answers_a_list_and_null_for_nothing(standin19):
    made = standin19.json2("crm.lead", "create", {"vals_list": {"name": "one"}})
    archived = standin19.json2("crm.lead", "action_archive", {"ids": made.json()})

    assert made.json() == [1]
    assert (archived.status_code, archived.text) == (200, "null")
