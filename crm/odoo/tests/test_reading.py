"""Reading: fields asked once, pages by id, what changed since."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm.odoo import FieldInfo, Reference, errors, open_client
from crm.odoo.tests.scripted import fault, refused

SHOWN = "2026-11-23 12:00:05"
MOMENT = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


def keywords(client, asked):
    """The named part of a request and its domain, whatever the transport."""
    if client.transport == "xmlrpc":
        return asked[3] | {"domain": asked[2][0]}
    return asked[2]


def rows(*ids):
    return [{"id": number, "name": f"P{number}", "write_date": SHOWN} for number in ids]


def test_fields_are_asked_once(server):
    client = open_client(server.target, version="19.0", transport="json2")
    server.say({"type": {"type": "selection", "string": "Type", "selection": [["lead", "Lead"]]}})

    first, second = client.fields("crm.lead"), client.fields("crm.lead")

    assert first is second
    assert first == {"type": FieldInfo("selection", "Type", selection=(("lead", "Lead"),))}
    assert client.requests == 1


def test_a_field_added_since_is_found(client, server):
    server.say({"x_new": {"type": "date"}}, [{"id": 1, "x_new": "2026-11-23"}])

    (record,) = client.search_read("crm.lead", [], ["x_new"])

    assert record == {"id": 1, "x_new": MOMENT.date()}


def test_a_value_of_the_wrong_type_is_odoos_fault(client, server):
    server.say([{"id": 1, "write_date": "yesterday"}])
    with pytest.raises(errors.ServerBug, match="write_date") as raised:
        client.search_read("crm.lead", [], ["write_date"])
    assert "yesterday" not in str(raised.value)


@pytest.mark.parametrize(
    ("method", "answer"), [("search_read", {}), ("search_ids", True), ("search_count", True)]
)
def test_an_answer_of_another_shape_is_odoos_fault(client, server, method, answer):
    server.say(answer)
    arguments = [["name"]] if method == "search_read" else []
    with pytest.raises(errors.ServerBug):
        getattr(client, method)("crm.lead", [], *arguments)


def test_rights_are_asked_for(client, server):
    server.say(True, False)
    assert [client.may("crm.lead", "create"), client.may("crm.lead", "unlink")] == [True, False]


def test_rights_are_asked_for_in_the_way_the_version_has(json2, server):
    server.say(refused(404, "werkzeug.exceptions.NotFound", "no such method"), True)

    assert json2.may("crm.lead", "read") is True
    assert server.asked()[1] == ("crm.lead", "has_access", {"operation": "read", "ids": []})


def test_counting(client, server):
    server.say(5)
    assert client.search_count("crm.lead", [("name", "=", "x")]) == 5


def test_pages_go_on_after_the_last_id_and_stop_at_a_short_one(client, server):
    server.say(rows(3, 5), rows(8))

    found = list(client.pages("product.template", ["name"], domain=[("a", "=", 1)], page=2))

    assert [[record["id"] for record in page] for page in found] == [[3, 5], [8]]
    asked = [keywords(client, request) for request in server.asked()]
    assert [named["domain"] for named in asked] == [
        [["id", ">", 0], ["a", "=", 1]],
        [["id", ">", 5], ["a", "=", 1]],
    ]
    assert {(named["limit"], named["order"]) for named in asked} == {(2, "id")}


def test_a_full_last_page_is_followed_by_no_empty_one(client, server):
    server.say(rows(3, 5), [])
    assert len(list(client.pages("product.template", ["name"], page=2))) == 1


def test_a_page_is_read_when_it_is_wanted(client, server):
    server.say(rows(3, 5))

    next(client.pages("product.template", ["name"], page=2))

    assert client.requests == 1


def test_pull_reads_what_changed_and_shortly_before_with_archived_ones(client, server):
    server.say(rows(11))

    (page,) = client.pull("product.template", ["name"], MOMENT, after_id=10)

    assert page == [{"id": 11, "name": "P11", "write_date": MOMENT}]
    named = keywords(client, server.asked()[0])
    assert named["domain"] == [["id", ">", 10], ["write_date", ">=", "2026-11-23 11:45:05"]]
    assert named["context"] == {"active_test": False}
    assert named["fields"] == ["name", "write_date"]


def test_pull_from_the_beginning_asks_for_everything(client, server):
    server.say([])

    assert list(client.pull("product.template", ["name"], None)) == []
    assert keywords(client, server.asked()[0])["domain"] == [["id", ">", 0]]


def test_an_external_id_leads_to_its_record(client, server):
    server.say(["crm.lead", 16])

    assert client.reference("lead_1") == Reference("crm.lead", 16)
    asked = server.asked()[0]
    if client.transport == "xmlrpc":
        assert asked[2:] == (["socialhub", "lead_1"], {"context": {"active_test": False}})
    else:
        assert asked[2] == {
            "module": "socialhub",
            "xml_id": "lead_1",
            "context": {"active_test": False},
        }


def test_an_unknown_external_id_is_absent(client, server):
    said = "External ID not found in the system: socialhub.lead_1"
    over_json = refused(500, "builtins.ValueError", said)
    server.say(fault(f"ValueError: {said}") if client.transport == "xmlrpc" else over_json)

    assert client.reference("lead_1") == Reference("", None)


def test_an_external_id_without_a_visible_record_is_not_absent(client, server):
    server.say(["crm.lead", False])
    with pytest.raises(errors.NotVisible):
        client.reference("lead_1")
