"""What the sync relies on, the same for every server: docs/odoo-api.md."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crm.odoo import Html, Reference, Target, Upserted, errors, open_client
from crm.odoo.exactly_once import LONGEST_WAIT

NOWHERE = 999_999_999


def read(client, lead_id, *fields):
    (record,) = client.search_read(
        "crm.lead", [("id", "=", lead_id)], fields, context={"active_test": False}
    )
    return record


# -- opening --------------------------------------------------------------------------


def test_version_and_transport_are_found(server):
    client = open_client(server.target)

    assert client.version.major >= 16
    assert client.transport == ("json2" if client.version.major >= 19 else "xmlrpc")
    assert server.major in (None, client.version.major)


def test_login(server):
    client = server.open()
    assert client.connect() == client.uid > 0


def test_a_wrong_key_is_refused(server):
    with pytest.raises(errors.AuthError):
        server.open(key="0" * 40).connect()


def test_a_wrong_key_is_refused_with_a_known_user_too(server, client):
    target = Target(server.target.url, server.target.database, server.target.login, "0" * 40)
    stranger = open_client(target, state=client.state())

    with pytest.raises(errors.AuthError):
        stranger.search_ids("crm.lead", [])


def test_an_unknown_database_is_told(server):
    with pytest.raises(errors.ConfigError):
        server.open(database="no_such_database").connect()


def test_a_client_goes_on_from_its_state(server, client):
    client.fields("crm.lead")

    again = open_client(server.target, state=client.state())
    again.search_read("crm.lead", [], ["name"], limit=1)

    assert again.requests == 1


def test_rights(client):
    assert client.may("crm.lead", "create") is True
    assert client.may("product.template", "read") is True
    assert client.may("ir.model.data", "create") is False


# -- fields and values ----------------------------------------------------------------


def test_fields_have_their_types(client):
    fields = client.fields("crm.lead")

    types = {
        "name": "char",
        "description": "html",
        "active": "boolean",
        "type": "selection",
        "user_id": "many2one",
        "tag_ids": "many2many",
        "expected_revenue": "monetary",
        "write_date": "datetime",
    }
    assert {name: fields[name].type for name in types} == types
    assert fields["name"].required
    assert fields["user_id"].relation == "res.users"
    assert {"lead", "opportunity"} == {value for value, _label in fields["type"].selection}


def test_values_come_back_as_python_has_them(client, lead):
    before = datetime.now(UTC) - timedelta(days=1)
    _name, number = lead()

    record = read(
        client, number, "active", "email_from", "tag_ids", "expected_revenue", "write_date"
    )

    assert record["id"] == number
    assert record["active"] is True
    assert record["email_from"] is None
    assert record["tag_ids"] == ()
    assert isinstance(record["expected_revenue"], Decimal)
    assert before < record["write_date"] < before + timedelta(days=2)


def test_relations_come_with_names_or_bare(client, lead):
    _name, number = lead(**{"user_id/.id": str(client.uid)})

    named = read(client, number, "user_id")["user_id"]
    (bare,) = client.search_read("crm.lead", [("id", "=", number)], ["user_id"], bare=True)

    assert named[0] == bare["user_id"] == client.uid
    assert isinstance(named[1], str)


def test_a_lead_can_belong_to_nobody(client, lead):
    _name, number = lead(**{"user_id/.id": ""})
    assert read(client, number, "user_id")["user_id"] is None


def test_tags_are_set_by_id(client, lead):
    tags = client.call(
        "crm.tag", "create", vals_list=[{"name": f"contract {uuid.uuid4().hex}"} for _ in "ab"]
    )
    _name, number = lead(**{"tag_ids/.id": ",".join(map(str, tags))})

    assert sorted(read(client, number, "tag_ids")["tag_ids"]) == sorted(tags)


def test_text_arrives_as_written(client, lead):
    _name, number = lead(contact_name="Niño & Peña <🎉>", email_from="a\x00b\ud800@example.org")

    record = read(client, number, "contact_name", "email_from")

    assert record["contact_name"] == "Niño & Peña <🎉>"
    assert record["email_from"] == "ab@example.org"


def test_text_in_an_html_field_is_shown_as_written(client, lead):
    _name, number = lead(description="1 < 2 <script>x</script>\nnext & last")

    shown = read(client, number, "description")["description"].replace("<br/>", "<br>")

    assert "1 &lt; 2 &lt;script&gt;x&lt;/script&gt;<br>next &amp; last" in shown


def test_html_is_taken_as_html(client, lead):
    _name, number = lead(description=Html("<b>bold</b>"))
    assert "<b>bold</b>" in read(client, number, "description")["description"]


def test_a_long_text_is_taken(client, lead):
    _name, number = lead(description="€" * 100_000)
    assert read(client, number, "description")["description"].count("€") == 65_536 // 3


# -- reading --------------------------------------------------------------------------


def test_pages_by_id(client, lead):
    mark = uuid.uuid4().hex
    made = [lead(contact_name=mark)[1] for _ in range(5)]
    before = client.requests

    pages = list(client.pages("crm.lead", ["name"], domain=[("contact_name", "=", mark)], page=2))

    assert [[record["id"] for record in page] for page in pages] == [made[:2], made[2:4], made[4:]]
    assert client.requests - before == 3
    assert client.search_count("crm.lead", [("contact_name", "=", mark)]) == 5


def test_pull_finds_what_was_written_archived_ones_too(client, lead):
    _name, kept = lead()
    _name, archived = lead()
    client.call("crm.lead", "write", [archived], vals={"active": False})
    since = read(client, archived, "write_date")["write_date"]

    found = [
        record["id"]
        for page in client.pull("crm.lead", ["name"], since, after_id=kept - 1, page=1)
        for record in page
    ]

    assert {kept, archived} <= set(found)
    assert found == sorted(found)
    assert client.search_ids("crm.lead", [("id", "in", [kept, archived])]) == [kept]


def test_pull_leaves_out_what_is_older(client, lead):
    _name, number = lead()
    later = read(client, number, "write_date")["write_date"] + timedelta(seconds=1)

    pages = client.pull("crm.lead", [], later, overlap=timedelta(0), domain=[("id", "=", number)])

    assert list(pages) == []


# -- creating once --------------------------------------------------------------------


def test_a_lead_is_made_once(client, lead):
    name, number = lead()

    again = client.upsert_once("crm.lead", name, {"name": "overwritten?"})

    assert again == Upserted(number, created=False)
    assert client.reference(name) == Reference("crm.lead", number)
    assert read(client, number, "name")["name"] == name


def test_an_unknown_external_id_is_absent(client):
    assert client.reference(f"contract_{uuid.uuid4().hex}") == Reference("", None)


def test_an_archived_lead_is_found_not_made_again(client, lead):
    name, number = lead()
    client.call("crm.lead", "write", [number], vals={"active": False})

    assert client.upsert_once("crm.lead", name, {"name": "x"}) == Upserted(number, created=False)


def test_six_at_once_make_one_lead(server, client):
    name = f"contract_{uuid.uuid4().hex}"
    found: list[object] = []

    def upsert():
        mine = open_client(server.target, state=client.state())
        try:
            found.append(mine.upsert_once("crm.lead", name, {"name": name, "type": "lead"}).id)
        except errors.OdooError as exc:
            found.append(exc)

    client.fields("crm.lead")
    threads = [threading.Thread(target=upsert) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20 * LONGEST_WAIT)

    ids = client.search_ids("crm.lead", [("name", "=", name)])
    assert len(ids) == 1
    assert found == ids * 6
    client.call("crm.lead", "write", ids, vals={"active": False})


def test_rows_are_loaded_all_or_none(client):
    mark = uuid.uuid4().hex
    rows = [[f"socialhub.contract_{mark}_{n}", f"{mark} {n}", "lead"] for n in range(3)]
    bad = [*rows[:2], [rows[2][0], "", "lead"]]

    with pytest.raises(errors.Invalid):
        client.load("crm.lead", ["id", "name", "type"], bad)
    assert client.search_count("crm.lead", [("name", "like", mark)]) == 0

    ids = client.load("crm.lead", ["id", "name", "type"], rows)
    assert client.search_ids("crm.lead", [("name", "like", mark)]) == sorted(ids)
    client.call("crm.lead", "write", ids, vals={"active": False})


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x", "type": "nonsense"},
        {"name": "x", "partner_id/.id": str(NOWHERE)},
    ],
    ids=["required", "selection", "relation"],
)
def test_values_odoo_will_not_take(client, values):
    name = f"contract_{uuid.uuid4().hex}"

    with pytest.raises(errors.Invalid):
        client.upsert_once("crm.lead", name, values)
    assert client.reference(name).id is None


# -- writing --------------------------------------------------------------------------


def test_an_untouched_lead_is_written(client, lead):
    _name, number = lead()
    seen = read(client, number, "write_date")["write_date"]

    moment = client.write_if_unchanged("crm.lead", number, seen, {"description": "a < b"})

    record = read(client, number, "description", "write_date")
    assert "a &lt; b" in record["description"]
    assert record["write_date"] == moment >= seen


def test_a_lead_somebody_touched_is_not_written(client, lead):
    name, number = lead()
    stale = read(client, number, "write_date")["write_date"] - timedelta(seconds=1)

    with pytest.raises(errors.Moved) as raised:
        client.write_if_unchanged("crm.lead", number, stale, {"name": "ours"})

    assert raised.value.record["name"] == name
    assert read(client, number, "name")["name"] == name


def test_a_lead_that_is_not_there_is_not_written(client):
    with pytest.raises(errors.NotFound):
        client.write_if_unchanged("crm.lead", NOWHERE, datetime.now(UTC), {"name": "x"})
    with pytest.raises(errors.NotFound):
        client.call("crm.lead", "write", [NOWHERE], vals={"name": "x"})


def test_a_field_is_emptied_with_none(client, lead):
    _name, number = lead(email_from="a@example.org")

    client.call("crm.lead", "write", [number], vals={"email_from": None})

    assert read(client, number, "email_from")["email_from"] is None


def test_a_method_without_result_succeeds(client, lead):
    _name, number = lead()
    client.call("crm.lead", "write", [number], vals={"active": False})

    client.call("crm.lead", "action_unarchive", [number])

    assert read(client, number, "active")["active"] is True


def test_a_note_is_text_on_the_lead(client, lead):
    _name, number = lead()

    message = client.post_note("crm.lead", number, "Answer: <b>yes</b>")

    assert message is not None
    (note,) = client.search_read("mail.message", [("id", "=", message)], ["body", "res_id"])
    assert "&lt;b&gt;yes&lt;/b&gt;" in note["body"]
    assert note["res_id"] == number


# -- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "method", "ids", "named", "kind"),
    [
        ("no.such.model", "search", None, {"domain": []}, errors.Unsupported),
        ("crm.lead", "frobnicate", [1], {}, errors.Unsupported),
        ("crm.lead", "_compute_display_name", [1], {}, errors.AccessRefused),
        ("crm.lead", "search", None, {"domain": [("no_field", "=", 1)]}, errors.Invalid),
        ("crm.lead", "search_read", None, {"domain": [], "fields": ["no_f"]}, errors.Invalid),
        ("crm.lead", "create", None, {"vals_list": [{"no_field": 1}]}, errors.Invalid),
        ("crm.lead", "create", None, {"vals_list": [{"type": "lead"}]}, errors.Invalid),
        ("crm.lead", "create", None, {"vals_list": [{"name": "x", "type": "q"}]}, errors.Invalid),
        ("ir.model.data", "create", None, {"vals_list": [{"name": "x"}]}, errors.AccessRefused),
    ],
    ids=[
        "model",
        "method",
        "private",
        "field in domain",
        "field in fields",
        "field in values",
        "required",
        "selection",
        "right",
    ],
)
def test_what_odoo_refuses(client, model, method, ids, named, kind):
    with pytest.raises(errors.OdooError) as raised:
        client.call(model, method, ids, **named)
    assert type(raised.value) is kind
