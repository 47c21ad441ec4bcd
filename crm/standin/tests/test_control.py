"""What an experimenter can do: play people, take things away, look at the truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from crm.standin.tests.support import BOT_LOGIN, KEY, USERS


def test_records_are_made_changed_and_removed(standin18):
    made = standin18.add("product.template", name="Cup", list_price=5)
    standin18.control("POST", f"records/product.template/{made['id']}", {"list_price": 6})

    [row] = standin18.rows("product.template")
    assert (row["list_price"], row["active"]) == (6, True)
    assert row["write_date"] > made["write_date"]

    standin18.control("DELETE", f"records/product.template/{made['id']}")
    assert standin18.rows("product.template") == standin18.rows("product.product") == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "records/no.such", None, 404),
        ("POST", "records/crm.lead", {"colour": 1}, 422),
        ("POST", "records/crm.lead/99", {"name": "x"}, 422),
        ("POST", "win/99", {"amount": 1}, 422),
        ("POST", "quote/1", {}, 422),
        ("POST", "settings", {"colour": 1}, 422),
        ("POST", "settings", {"version": 15}, 422),
        ("GET", "nothing", None, 404),
    ],
)
def test_requests_that_make_no_sense(standin18, method, path, body, status):
    url = f"{standin18.base_url}/control/{path}"

    answer = requests.request(method, url, json=body, timeout=10)

    assert (answer.status_code, set(answer.json())) == (status, {"error", "message"})


# -- deals --------------------------------------------------------------------------


def lead_with_source(api) -> int:
    source = api.server.add("utm.source", name="Instagram")["id"]
    return api.server.add(
        "crm.lead", name="Coffee for 12", contact_name="Ana", email_from="a@x.com", source_id=source
    )["id"]


def test_a_quotation_becomes_an_order_and_an_invoice(api):
    lead = lead_with_source(api)

    quoted = api.server.control("POST", f"quote/{lead}", {"amount": 900})
    won = api.server.control("POST", f"win/{lead}", {"amount": 1200.5})
    billed = api.server.control("POST", f"invoice/{lead}", {"amount": 1200.5})

    [order] = api.call("sale.order", "search_read", domain=[["opportunity_id", "=", lead]])
    [move] = api.call("account.move", "search_read", domain=[["id", "in", order["invoice_ids"]]])
    assert quoted["order"] == won["order"] == order["id"]
    assert billed["invoice"] == move["id"]
    assert (order["state"], order["amount_untaxed"], order["source_id"][1]) == (
        "sale",
        1200.5,
        "Instagram",
    )
    assert (move["move_type"], move["state"], move["amount_untaxed_signed"]) == (
        "out_invoice",
        "posted",
        1200.5,
    )
    assert move["invoice_origin"] == order["name"]
    row = api.one("crm.lead", lead, fields=["probability", "expected_revenue", "partner_id"])
    assert (row["probability"], row["expected_revenue"]) == (100.0, 1200.5)
    assert row["partner_id"][1] == "Ana"


def test_a_credit_note_is_negative(api):
    lead = lead_with_source(api)
    api.server.control("POST", f"win/{lead}", {"amount": 100})

    api.server.control("POST", f"invoice/{lead}", {"amount": -40})

    api.server.control("POST", f"invoice/{lead}", {"amount": 60})

    moves = api.call("account.move", "search_read", domain=[], order="id")
    [order] = api.call("sale.order", "search_read", domain=[])
    assert [(move["move_type"], move["amount_untaxed_signed"]) for move in moves] == [
        ("out_refund", -40.0),
        ("out_invoice", 60.0),
    ]
    assert len({move["name"] for move in moves}) == 2
    assert order["invoice_ids"] == [move["id"] for move in moves]


def test_without_sales_a_lead_can_still_be_won(api):
    api.server.settings(apps={"sale": False})
    lead = lead_with_source(api)

    won = api.server.control("POST", f"win/{lead}", {"amount": 50})

    assert won == {"lead": lead}
    assert api.one("crm.lead", lead)["expected_revenue"] == 50
    assert "order_ids" not in api.call("crm.lead", "fields_get", attributes=["type"])


def test_losing_archives(api):
    lead = lead_with_source(api)

    api.server.control("POST", f"lose/{lead}", {})

    assert api.search("crm.lead") == []
    row = api.one("crm.lead", lead)
    assert (row["active"], row["probability"], row["lost_reason_id"]) == (
        False,
        0.0,
        [1, "Too expensive"],
    )


# -- settings -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("app", "model"), [("crm", "crm.lead"), ("product", "product.template"), ("sale", "sale.order")]
)
def test_an_app_that_is_not_installed(api, app, model):
    api.server.settings(apps={app: False})

    refused = api.call(model, "search", domain=[])
    api.server.settings(apps={app: True})

    assert refused.code == (404 if api.transport == "json2" else 2)
    assert model in refused.text
    assert api.search(model) == []


def test_rights_of_the_bot(api):
    api.server.settings(
        rights={"crm.lead": {"create": False}, "product.template": {"create": True}}
    )

    assert api.call("crm.lead", "create", vals_list={"name": "x"}).code in (4, 403)
    assert api.create("product.template", name="Cup") == 1


def test_a_setting_replaces_what_was_set_before(api):
    api.server.settings(rules={"crm.lead": {"hidden_ids": [1]}}, apps={"crm": False})
    api.server.settings(rules={}, apps={"sale": False})
    lead = api.server.add("crm.lead", name="x")["id"]

    assert api.search("crm.lead") == [lead]


def test_a_new_key(api):
    api.server.settings(key="another")

    refused = api.call("crm.lead", "search", domain=[])

    assert refused.code in (3, 401)
    assert api.server.xmlrpc("common", "authenticate", "odoo", BOT_LOGIN, "another", {}) == 5
    assert api.server.xmlrpc("common", "authenticate", "odoo", BOT_LOGIN, KEY, {}) is False


def test_a_key_that_ends(api):
    soon = datetime.now(UTC) + timedelta(hours=1)
    api.server.settings(key_expires=soon.isoformat())
    before = api.search("crm.lead")
    shown = api.call("res.users.apikeys", "search_read", domain=[], fields=["name", "scope"])
    api.server.settings(clock_offset_seconds=7200)

    after = api.search("crm.lead")

    assert before == []
    assert [(one["name"], one["scope"]) for one in shown] == [("SocialHub", "rpc")]
    if api.version >= 18:
        assert after.code in (3, 401)
    else:
        assert after == []


def test_the_end_of_the_key_can_be_read(api):
    api.server.settings(key_expires="2030-01-02T03:04:05+01:00")

    [row] = api.call("res.users.apikeys", "search_read", domain=[])

    assert row.get("expiration_date") == ("2030-01-02 02:04:05" if api.version >= 18 else None)
    assert row["user_id"] == [5, "SocialHub"]


def test_the_clock_of_the_server(api):
    api.server.settings(clock_offset_seconds=-86400)
    lead = api.create("crm.lead", name="x")

    written = datetime.fromisoformat(api.one("crm.lead", lead)["write_date"] + "+00:00")

    assert timedelta(hours=23) < datetime.now(UTC) - written < timedelta(hours=25)


def test_a_renamed_field(api):
    api.server.settings(renamed_fields={"product.template.list_price": "x_price"})
    api.server.add("product.template", name="Cup", x_price=5)

    read = api.call("product.template", "search_read", domain=[], fields=["x_price"])
    refused = api.call("product.template", "search_read", domain=[], fields=["list_price"])

    assert read == [{"id": 1, "x_price": 5.0}]
    assert "Invalid field 'list_price'" in refused.text


def test_another_version_without_a_restart(standin18):
    standin18.settings(version="19")

    assert standin18.xmlrpc("common", "version")["server_serie"] == "19.0"
    assert standin18.json2("crm.lead", "search", {"domain": []}).json() == []


# -- log ----------------------------------------------------------------------------


def test_the_log_tells_what_was_asked_and_kept(api):
    lead = api.create("crm.lead", name="x")
    api.call("crm.lead", "write", [lead], vals={"name": False})
    loaded = api.call("crm.lead", "load", fields=["id", "name"], data=[["s.a", "y"]])
    api.call("crm.lead", "read", [lead], fields=["name"])

    seen = [
        (one["method"], one["ids"], one["committed"], one["created"]) for one in api.server.log()
    ]
    assert seen == [
        ("create", [lead], True, [lead]),
        ("write", [lead], False, []),
        ("load", loaded["ids"], True, loaded["ids"]),
        ("read", [lead], False, []),
    ]
    numbers = [one["n"] for one in api.server.log()]
    assert [one["n"] for one in api.server.log(after=numbers[1])] == numbers[2:]


def test_the_log_holds_no_secrets(api):
    api.create("crm.lead", name="Confidential")
    api.call("crm.lead", "search", domain=[["name", "=", "Confidential"]])

    told = str(api.server.log())

    assert "Confidential" not in told
    assert all(key not in told for _, key in USERS.values())


# -- start --------------------------------------------------------------------------


def test_the_demo_is_a_small_shop(standin19):
    standin19.reset(demo=True)

    products = standin19.rows("product.template")

    assert [one["type"] for one in products].count("consu") == 12
    assert [one["type"] for one in products].count("service") == 5
    assert all(one["list_price"] > 0 and one["image_512"] for one in products)
    assert {"Lucía Romero", "Diego Campos"} <= {one["name"] for one in standin19.rows("res.users")}
    assert len(standin19.rows("product.product")) == 17


def test_as_many_products_as_wanted(standin18):
    standin18.reset(products=1200)

    page = standin18.execute(
        "product.template", "search_read", [["id", ">", 500]], limit=500, order="id"
    )

    assert standin18.execute("product.template", "search_count", []) == 1200
    assert [page[0]["id"], page[-1]["id"], len(page)] == [501, 1000, 500]
