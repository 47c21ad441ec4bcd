"""Search domains, and the traps of write_date (docs/odoo-api.md 4a)."""

from __future__ import annotations

import pytest

LEADS = [
    {"name": "Alpha", "email_from": "A@x.com", "expected_revenue": 10, "tag_ids": [1]},
    {"name": "beta", "expected_revenue": 20, "tag_ids": [1, 2], "user_id": 2},
    {"name": "Gamma_1", "email_from": "", "user_id": False, "type": "lead"},
    {"name": "gone", "active": False, "expected_revenue": 30},
]


@pytest.fixture
def leads(api):
    for name in ("one", "two"):
        api.server.add("crm.tag", name=name)
    for values in LEADS:
        api.server.add("crm.lead", **({"user_id": 6} | values))
    return api


FINDS = [
    ([], [1, 2, 3]),
    ([["name", "=", "Alpha"]], [1]),
    ([["name", "!=", "Alpha"]], [2, 3]),
    ([["email_from", "=", False]], [2]),
    ([["email_from", "!=", False]], [1, 3]),
    ([["email_from", "!=", "A@x.com"]], [2, 3]),
    ([["expected_revenue", ">", 10]], [2]),
    ([["expected_revenue", ">=", 10]], [1, 2]),
    ([["expected_revenue", "<", 10]], [3]),
    ([["expected_revenue", "<=", 10]], [1, 3]),
    ([["expected_revenue", "=", 0]], [3]),
    ([["id", "in", [1, 3, 99]]], [1, 3]),
    ([["id", "in", []]], []),
    ([["id", "not in", [1, 3]]], [2]),
    ([["id", ">", 1]], [2, 3]),
    ([["name", "in", ["beta", "gone"]]], [2]),
    ([["email_from", "in", ["A@x.com", False]]], [1, 2]),
    ([["name", "ilike", "ALPH"]], [1]),
    ([["name", "like", "ALPH"]], []),
    ([["name", "not ilike", "a_"]], [2]),
    ([["name", "=ilike", "b%"]], [2]),
    ([["name", "=like", "Gamma\\_1"]], [3]),
    ([["user_id", "=", 2]], [2]),
    ([["user_id", "=", False]], [3]),
    ([["user_id", "!=", 2]], [1, 3]),
    ([["user_id", "in", [2, False]]], [2, 3]),
    ([["user_id", "ilike", "admin"]], [2]),
    ([["user_id.login", "=", "admin"]], [2]),
    ([["stage_id.is_won", "=", False]], [1, 2, 3]),
    ([["tag_ids", "in", [2]]], [2]),
    ([["tag_ids", "=", 1]], [1, 2]),
    ([["tag_ids", "=", False]], [3]),
    ([["tag_ids.name", "=", "two"]], [2]),
    ([["tag_ids", "not in", [1]]], [3]),
    (["|", ["name", "=", "Alpha"], ["name", "=", "beta"]], [1, 2]),
    (["!", ["name", "=", "Alpha"]], [2, 3]),
    (["&", "!", ["name", "=", "Alpha"], ["type", "=", "lead"]], [3]),
    ([["type", "=", "lead"], ["name", "=", "Alpha"]], []),
    (["|", ["active", "=", True], ["active", "=", False]], [1, 2, 3, 4]),
    ([["active", "=", False]], [4]),
    ([["active", "in", [True, False]]], [1, 2, 3, 4]),
    ([["id", "child_of", [2]]], [2]),
    ([[1, "=", 1]], [1, 2, 3]),
    ([[0, "=", 1]], []),
]


def test_each_domain_finds_its_leads(leads):
    found = [(domain, leads.search("crm.lead", *domain, order="id")) for domain, _ in FINDS]
    counted = [leads.call("crm.lead", "search_count", domain=domain) for domain, _ in FINDS]

    assert found == FINDS
    assert counted == [len(ids) for _, ids in FINDS]


def test_archived_records_are_there_when_asked_for(leads):
    found = leads.search("crm.lead", order="id", context={"active_test": False})
    read = leads.call("crm.lead", "read", [4], fields=["name"])

    assert found == [1, 2, 3, 4]
    assert read == [{"id": 4, "name": "gone"}]


def test_pages_and_order(leads):
    backwards = leads.search("crm.lead", order="id desc", limit=2)
    second = leads.search("crm.lead", order="expected_revenue desc, id", offset=1, limit=1)
    all_of_them = leads.search("crm.lead", limit=0, order="name")

    assert (backwards, second, all_of_them) == ([3, 2], [1], [1, 3, 2])


@pytest.mark.parametrize(
    ("operator", "old", "new"),
    [
        ("=", False, True),
        (">", True, False),
        ("<=", False, True),
        (">=", True, True),
        ("<", False, False),
    ],
)
def test_hidden_microseconds_compare_by_version(api, operator, old, new):
    lead = api.create("crm.lead", name="x")
    shown = api.one("crm.lead", lead, fields=["write_date"])["write_date"]
    assert not api.server.rows("crm.lead")[0]["write_date"].endswith(".000000")

    found = api.search("crm.lead", ["write_date", operator, shown])

    assert found == ([lead] if (new if api.version == 19 else old) else [])


@pytest.mark.parametrize("given", ["2020-01-01T00:00:00Z", "2020-01-01 00:00:00+01:00"])
def test_a_zone_in_a_domain(api, given):
    lead = api.create("crm.lead", name="x")

    found = api.search("crm.lead", ["write_date", ">=", given])

    if api.version == 19:
        assert "expecting only datetimes with no timezone" in found.text
        assert found.code in (1, 500)
    else:
        assert found == [lead]


@pytest.mark.parametrize("domain", [["name"], [["name", "~", "x"]], ["&"], "name", [["name", "="]]])
def test_a_broken_domain_is_refused(api, domain):
    refused = api.call("crm.lead", "search", domain=domain)

    assert refused.code in (1, 500)


def test_a_path_across_two_models(api):
    lead = api.create("crm.lead", name="x")
    api.server.control("POST", f"quote/{lead}", {"amount": 10})

    lines = api.search("sale.order.line", ["order_id.opportunity_id", "=", lead])
    leads = api.search("crm.lead", ["order_ids.state", "=", "draft"])

    assert (lines, leads) == ([1], [lead])
