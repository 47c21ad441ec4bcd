"""Which error each answer is. Texts recorded from 16, 17, 18 and 19: docs/odoo-api.md section 3."""

from __future__ import annotations

import xmlrpc.client
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crm.odoo import errors
from crm.odoo.answers import from_messages, last_error, retry_after
from crm.odoo.tests.scripted import CUT, KEY, Reply, fault, refused

NO_DATABASE = (
    'psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: '
    'FATAL:  database "nodb" does not exist\n'
)
MISSING = "Record does not exist or has been deleted.\n(Record: {}, User: {})"
RULE = (
    "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
    "Sorry, sales (id=6) doesn't have 'read' access to:\n- Lead (crm.lead)"
)
RIGHT = (
    "You are not allowed to create 'Lead' (crm.lead) records.\n\n"
    "This operation is allowed for the following groups:\n\t- Sales/Administrator"
)
REQUIRED = (
    "The operation cannot be completed: Missing required value for the field 'Opportunity' "
    "(name).\nModel: 'Lead' (crm.lead)\n"
)
NO_DATABASE_PAGE = "<html><p>No database is selected and the requested URL was not found</p>"


def raised_by(client, server, answer, method="write"):
    server.say(answer)
    with pytest.raises(errors.OdooError) as raised:
        client.call("crm.lead", method, [1])
    return raised.value


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (3, "Access Denied", errors.AuthError),
        (2, MISSING.format("res.users(99999,)", 99999), errors.AuthError),
        (2, MISSING.format("crm.lead(9,)", 2), errors.NotFound),
        # Another user is missing: a record like any other.
        (2, MISSING.format("res.users(5,)", 2), errors.NotFound),
        (2, "Object no.such doesn't exist", errors.Unsupported),
        (2, REQUIRED, errors.Invalid),
        (2, "… Another model is using the record … 'Contact' (partner_id) …", errors.Invalid),
        (2, "Invalid language code: de_CH", errors.Invalid),
        (4, RIGHT, errors.AccessRefused),
        (4, RULE, errors.AccessRefused),
        (4, "Private methods (such as 'crm.lead._x') cannot be called", errors.AccessRefused),
        (9, "a code nobody has seen", errors.ServerBug),
    ],
)
def test_faults_by_code(xmlrpc, server, code, text, kind):
    error = raised_by(xmlrpc, server, xmlrpc_fault(code, text))

    assert (type(error), error.status) == (kind, 200)


def xmlrpc_fault(code, text):
    return xmlrpc.client.Fault(code, text)


@pytest.mark.parametrize(
    ("last_line", "kind"),
    [
        (NO_DATABASE, errors.ConfigError),
        ("AttributeError: The method 'crm.lead.frob' does not exist", errors.Unsupported),
        (
            "AttributeError: The method 'frob' does not exist on the model 'crm.lead'",
            errors.Unsupported,
        ),
        ("AttributeError: 'NoneType' object has no attribute 'id'", errors.ServerBug),
        (
            "ValueError: Invalid field crm.lead.no_field in condition ('no_field', '=', 1)",
            errors.Invalid,
        ),
        ("ValueError: Invalid field 'no_field' on 'res.partner'", errors.Invalid),
        ("ValueError: Invalid field 'no_field' on model 'res.partner'", errors.Invalid),
        ("ValueError: Wrong value for product.template.type: 'nonsense'", errors.Invalid),
        ("ValueError: unconverted data remains: .123", errors.Invalid),
        ("ValueError: External ID not found in the system: socialhub.nope", errors.NotFound),
        ("xml.parsers.expat.ExpatError: not well-formed (invalid token)", errors.Invalid),
        ("psycopg2.errors.NumericValueOutOfRange: integer out of range", errors.Invalid),
        (
            "psycopg2.errors.SerializationFailure: could not serialize access due to "
            "concurrent update",
            errors.Conflict,
        ),
        (
            "psycopg2.errors.DeadlockDetected: deadlock detected\nDETAIL:  Process 1 waits",
            errors.Conflict,
        ),
        (
            "psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "
            '"ir_model_data_module_name_uniq_index"\nDETAIL:  Key exists',
            errors.Conflict,
        ),
        (
            "psycopg2.OperationalError: server closed the connection unexpectedly\n"
            "\tThis probably means the server terminated abnormally",
            errors.UnknownOutcome,
        ),
        ("ZeroDivisionError: division by zero", errors.ServerBug),
        ("odoo.addons.base.models.ir_cron.CronError", errors.ServerBug),
    ],
)
def test_fault_1_by_the_last_exception(xmlrpc, server, last_line, kind):
    error = raised_by(xmlrpc, server, fault(last_line))

    assert type(error) is kind
    assert "/opt/odoo" not in error.message + error.safe_text
    assert "/opt/odoo" in error.detail


def test_the_last_exception_is_found_over_several_lines():
    traceback = "Traceback:\n  File x\nKeyError: 'a'\n\nDuring…\nValueError: first\n second\nthird"
    assert last_error(traceback) == ("ValueError", "first\n second\nthird")


@pytest.mark.parametrize(
    ("status", "name", "message", "kind"),
    [
        (401, "werkzeug.exceptions.Unauthorized", "Invalid apikey", errors.AuthError),
        (404, "werkzeug.exceptions.NotFound", "the model 'no.such' does not exist", "unsupported"),
        (403, "odoo.exceptions.AccessError", RULE, errors.AccessRefused),
        (404, "odoo.exceptions.MissingError", MISSING.format("crm.lead(9,)", 2), errors.NotFound),
        (422, "odoo.exceptions.ValidationError", REQUIRED, errors.Invalid),
        (422, "odoo.exceptions.UserError", "Invalid language code: de_CH", errors.Invalid),
        (422, "werkzeug.exceptions.UnprocessableEntity", "missing vals_list", errors.Invalid),
        (500, "builtins.ValueError", "Invalid field 'no_field' in 'crm.lead'", errors.Invalid),
        (500, "builtins.TypeError", "expecting only datetimes with no timezone", errors.Invalid),
        (500, "builtins.ValueError", "External ID not found in the system: a.b", errors.NotFound),
        (500, "psycopg2.errors.NumericValueOutOfRange", "out of range", errors.Invalid),
        (
            500,
            "psycopg2.errors.SerializationFailure",
            "could not serialize access due to concurrent update",
            errors.Conflict,
        ),
        (500, "builtins.ZeroDivisionError", "division by zero", errors.ServerBug),
    ],
)
def test_json2_by_name(json2, server, status, name, message, kind):
    error = raised_by(json2, server, refused(status, name, message))

    expected = errors.Unsupported if kind == "unsupported" else kind
    assert (type(error), error.status) == (expected, status)
    assert "/opt/odoo" not in error.message + error.safe_text


@pytest.mark.parametrize(
    ("answer", "read", "change"),
    [
        (Reply(301, headers={"Location": "https://x.example/"}), "config", "config"),
        (Reply(404, NO_DATABASE_PAGE), "config", "config"),
        (Reply(404, "<h1>Not Found</h1>"), "config", "config"),
        (Reply(405, "<h1>Method Not Allowed</h1>"), "config", "config"),
        (Reply(415, "<h1>Unsupported Media Type</h1>"), "config", "config"),
        (Reply(401, "<h1>Authorization Required</h1>"), "auth", "auth"),
        (Reply(403, "<h1>Forbidden</h1>"), "access", "access"),
        (Reply(400, "<h1>Bad Request</h1>"), "invalid", "invalid"),
        (Reply(413, "<h1>Request Entity Too Large</h1>"), "invalid", "invalid"),
        (Reply(429), "throttled", "throttled"),
        (Reply(408), "unknown_outcome", "unknown_outcome"),
        (Reply(504, "<h1>Gateway Time-out</h1>"), "unknown_outcome", "unknown_outcome"),
        (Reply(502, "<h1>Bad Gateway</h1>"), "unavailable", "unknown_outcome"),
        (Reply(503, "<h1>Service Unavailable</h1>"), "unavailable", "unknown_outcome"),
        (Reply(500, "<h1>Internal Server Error</h1>"), "server_bug", "unknown_outcome"),
        (Reply(200, "<html>We are back soon"), "unavailable", "unknown_outcome"),
        (Reply(200, b""), "unavailable", "unknown_outcome"),
        (CUT, "unknown_outcome", "unknown_outcome"),
    ],
)
def test_answers_without_a_name(client, server, answer, read, change):
    codes = [raised_by(client, server, answer, method).code for method in ("search_read", "write")]

    assert codes == [read, change]


@pytest.mark.parametrize("method", ["create", "load", "message_post", "write", "unlink"])
def test_a_bad_gateway_after_a_change_says_nothing(client, server, method):
    assert raised_by(client, server, Reply(502), method).code == "unknown_outcome"


def test_a_redirect_offers_where_to(client, server):
    error = raised_by(client, server, Reply(302, headers={"Location": "https://x.example/web?a=1"}))
    assert error.redirect_to == "https://x.example"


@pytest.mark.parametrize("location", ["/web/login", "", "https://u:p@x.example/"])
def test_a_redirect_to_nowhere_else_offers_nothing(client, server, location):
    error = raised_by(client, server, Reply(302, headers={"Location": location}))
    assert error.redirect_to == ""


def test_a_redirect_to_the_same_server_offers_nothing(client, server):
    here = {"Location": f"{server.target.url}/web/login"}
    assert raised_by(client, server, Reply(303, headers=here)).redirect_to == ""


@pytest.mark.parametrize("value", ["120", "HTTP-date"])
def test_a_throttled_client_knows_how_long(client, server, value):
    if value == "HTTP-date":
        value = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)

    error = raised_by(client, server, Reply(429, headers={"Retry-After": value}))

    assert 110 < error.retry_after <= 120


@pytest.mark.parametrize("value", ["", "soon", "-5", "1e9"])
def test_retry_after_that_says_nothing(value):
    assert retry_after({"retry-after": value}, datetime.now(UTC)) is None


def test_retry_after_in_the_past_is_now():
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    assert retry_after({"retry-after": past}, datetime.now(UTC)) == 0.0


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("could not serialize access due to concurrent update\n", errors.Conflict),
        (RIGHT, errors.AccessRefused),
        (RULE, errors.AccessRefused),
        ("Missing required value for the field 'Opportunity' (name)", errors.Invalid),
        ("No matching record found for database id '999999' in field 'Contact'", errors.Invalid),
        ("Value 'Nonsense' not found in selection field 'Type'", errors.Invalid),
    ],
)
def test_messages_of_load(client, server, message, kind):
    server.say({"ids": False, "messages": [{"type": "error", "message": message}], "nextrow": 0})

    with pytest.raises(errors.OdooError) as raised:
        client.load("crm.lead", ["id", "name"], [["socialhub.lead_1", "x"]])

    assert type(raised.value) is kind


def test_load_that_gives_no_reason_is_odoos_fault():
    assert type(from_messages([])) is errors.ServerBug


def test_a_method_that_returns_none_has_succeeded(xmlrpc, server):
    server.say(fault("TypeError: cannot marshal None unless allow_none is enabled"))
    assert xmlrpc.call("crm.lead", "action_set_lost", [4]) is None


@pytest.mark.parametrize(
    "last_line", ["TypeError: cannot marshal None: x", "ValueError: 'TypeError"]
)
def test_other_type_errors_have_not(xmlrpc, server, last_line):
    assert raised_by(xmlrpc, server, fault(last_line)).code == "invalid"


def test_a_none_where_none_cannot_be_is_no_success(xmlrpc, server):
    error = raised_by(
        xmlrpc,
        server,
        fault("TypeError: cannot marshal None unless allow_none is enabled"),
        "search_read",
    )
    assert error.code == "invalid"


def test_the_key_is_in_no_text(client, server):
    said = f"ValueError: bad {KEY} here"
    answer = (
        fault(said) if client.transport == "xmlrpc" else refused(500, "builtins.ValueError", said)
    )

    error = raised_by(client, server, answer)

    everything = f"{error!r} {error} {error.message} {error.detail} {error.safe_text}"
    assert KEY not in everything + repr(client.target)
    assert error.__cause__ is None and error.__context__ is None


def test_a_long_answer_of_odoo_is_cut(client, server):
    said = "x" * 3_000
    answer = (
        fault(f"ValueError: {said}")
        if client.transport == "xmlrpc"
        else refused(500, "builtins.ValueError", said)
    )
    assert len(raised_by(client, server, answer).message) == 500


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>
"""


def test_an_answer_that_would_grow_is_not_read(xmlrpc, server):
    assert raised_by(xmlrpc, server, Reply(200, BOMB), "search_read").code == "unavailable"
