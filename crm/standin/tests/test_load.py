"""load(): the one way to create exactly once (docs/odoo-api.md 5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

COLUMNS = ["id", "name", "email_from", "description", "type", "user_id/.id", "tag_ids/.id"]
ROW = ["socialhub.lead_1", "Loaded lead", "l@example.com", "hello", "lead", "2", "1"]
CONFLICT = "could not serialize access due to concurrent update\n"


def load(api, *rows, columns=COLUMNS, model="crm.lead", **named):
    data = [list(row) for row in rows]
    return api.call(model, "load", fields=columns, data=data, **named)


def reference(api, name="lead_1", **context):
    named = {"context": context} if context else {}
    return api.call(
        "ir.model.data", "check_object_reference", module="socialhub", xml_id=name, **named
    )


@pytest.fixture
def tagged(api):
    api.server.add("crm.tag", name="Instagram")
    return api


def test_a_second_load_updates_the_same_lead(tagged):
    first = load(tagged, ROW)
    again = load(tagged, ["socialhub.lead_1", "Other", "", "", "lead", "", ""])

    assert first == {"ids": [1], "messages": [], "nextrow": 0}
    assert again == first
    [row] = tagged.server.rows("crm.lead")
    assert (row["name"], row["email_from"], row["user_id"]) == ("Other", None, None)
    assert (row["external_ids"], row["tag_ids"]) == (["socialhub.lead_1"], [])


def test_columns_of_every_kind(tagged):
    load(tagged, ROW)

    row = tagged.one("crm.lead", 1)

    assert (row["user_id"], row["tag_ids"], row["type"]) == ([2, "Administrator"], [1], "lead")
    assert (row["description"], row["email_from"]) == ("<p>hello</p>", "l@example.com")
    assert reference(tagged) == ["crm.lead", 1]


def test_relations_by_name_and_by_external_id(tagged):
    load(tagged, ["socialhub.s_1", "Insta"], columns=["id", "name"], model="utm.source")

    loaded = load(
        tagged,
        ["socialhub.lead_2", "x", "Insta", "Qualified", "12.5"],
        ["socialhub.lead_3", "y", "Insta", "Won", ""],
        columns=["id", "name", "source_id", "stage_id", "expected_revenue"],
    )
    other = load(
        tagged, ["socialhub.lead_4", "z", "socialhub.s_1"], columns=["id", "name", "source_id/id"]
    )

    rows = tagged.server.rows("crm.lead")
    assert (loaded["ids"], other["ids"]) == ([1, 2], [3])
    assert [(r["source_id"], r["stage_id"], r["expected_revenue"]) for r in rows] == [
        (1, 2, 12.5),
        (1, 4, 0),
        (1, 1, 0),
    ]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("name", "", "Missing required value for the field 'Opportunity' (name)"),
        (
            "partner_id/.id",
            "999999",
            "No matching record found for database id '999999' in field 'Contact'",
        ),
        ("partner_id", "Nobody", "No matching record found for name 'Nobody' in field 'Contact'"),
        (
            "partner_id/id",
            "a.b",
            "No matching record found for external id 'a.b' in field 'Contact'",
        ),
        ("type", "", "Missing required value for the field 'Type' (type)"),
        ("type", "Nonsense", "Value 'Nonsense' not found in selection field 'Type'"),
        (
            "expected_revenue",
            "much",
            "'much' does not seem to be a number for field 'Expected Revenue'",
        ),
        ("id", "socialhub.a b", "The operation cannot be completed: External IDs cannot"),
    ],
)
def test_bad_data_comes_without_a_fault(api, column, value, message):
    good = {"id": "socialhub.good", "name": "good", "type": "lead"}
    bad = {"id": "socialhub.bad", "name": "bad", "type": "lead", column: value}
    columns = list(good | bad)

    answer = load(
        api,
        [good.get(one, "") for one in columns],
        [bad.get(one, "") for one in columns],
        columns=columns,
    )

    assert answer["ids"] is False
    [said] = answer["messages"]
    assert said["message"].startswith(message)
    assert (said["type"], said["rows"]) == ("error", {"from": 1, "to": 1})
    assert api.server.rows("crm.lead") == []


def test_missing_rights_come_inside_too(api):
    answer = load(api, ["socialhub.p", "Cup"], columns=["id", "name"], model="product.template")

    assert answer["ids"] is False
    assert answer["messages"][0]["message"].startswith("You are not allowed to create 'Product'")


def test_without_an_external_id_each_load_creates(api):
    for _ in range(2):
        load(api, ["", "x"], columns=["id", "name"])

    assert [row["external_ids"] for row in api.server.rows("crm.lead")] == [[], []]


# -- check_object_reference -----------------------------------------------------------


def test_a_lost_lead_has_a_reference_without_an_id(tagged):
    load(tagged, ROW)
    tagged.server.control("POST", "lose/1", {})

    assert reference(tagged) == ["crm.lead", False]
    assert reference(tagged, active_test=False) == ["crm.lead", 1]


def test_a_hidden_lead_has_a_reference_without_an_id(tagged):
    load(tagged, ROW)
    tagged.server.settings(rules={"crm.lead": {"hidden_ids": [1]}})

    assert reference(tagged, active_test=False) == ["crm.lead", False]
    assert tagged.search("crm.lead") == []
    assert tagged.call("crm.lead", "read", [1], fields=["name"]).code in (4, 403)


def test_with_the_lead_the_key_is_gone(tagged):
    load(tagged, ROW)
    tagged.server.control("DELETE", "records/crm.lead/1")

    assert "External ID not found" in reference(tagged).text
    assert load(tagged, ROW)["ids"] == [2]


def test_while_it_is_being_created_it_has_no_id(tagged):
    tagged.server.fault("load", "commit_delay", seconds=1.0)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(load, tagged, ROW)
        answers = []
        while not slow.done():
            answers.append(str(reference(tagged, active_test=False)))

    assert slow.result()["ids"] == [1]
    assert "['crm.lead', False]" in answers
    assert reference(tagged, active_test=False) == ["crm.lead", 1]


def test_parallel_loads_make_one_lead(tagged):
    tagged.server.fault("load", "commit_delay", seconds=0.5)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: load(tagged, ROW), range(6)))

    won = [one for one in answers if one["ids"]]
    lost = [one["messages"][0]["message"] for one in answers if not one["ids"]]
    assert {tuple(one["ids"]) for one in won} == {(1,)}
    assert set(lost) == {CONFLICT}
    assert len(tagged.server.rows("crm.lead")) == 1


def test_a_conflict_on_request(tagged):
    tagged.server.fault("crm.lead.load", "serialize")

    first, second = load(tagged, ROW), load(tagged, ROW)

    assert (first["ids"], first["messages"][0]["message"]) == (False, CONFLICT)
    assert second["ids"] == [1]
