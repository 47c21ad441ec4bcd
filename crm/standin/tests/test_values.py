"""Values on their way in and out, with what differs between the versions."""

from __future__ import annotations

import re

import pytest

from crm.standin.tests.support import BOT


def test_empty_is_false(api):
    lead = api.create("crm.lead", name="x", phone="", user_id=False)

    row = api.one("crm.lead", lead)

    assert {name: row[name] for name in ("email_from", "partner_id", "description")} == {
        "email_from": False,
        "partner_id": False,
        "description": False,
    }
    assert (row["phone"], row["user_id"], row["date_closed"]) == ("", False, False)
    assert (row["expected_revenue"], row["tag_ids"], row["active"]) == (0.0, [], True)


def test_the_bot_is_the_salesperson_unless_told_otherwise(api):
    lead = api.create("crm.lead", name="x")

    assert api.one("crm.lead", lead, fields=["user_id"])["user_id"] == [BOT, "SocialHub"]


@pytest.mark.parametrize("bare", ["", None])
def test_a_relation_is_a_pair_or_a_bare_id(api, bare):
    lead = api.create("crm.lead", name="x", user_id=2)

    named = api.one("crm.lead", lead, fields=["user_id", "stage_id"])
    plain = api.one("crm.lead", lead, fields=["user_id"], load=bare)

    assert named == {"id": lead, "user_id": [2, "Administrator"], "stage_id": [1, "New"]}
    assert plain == {"id": lead, "user_id": 2}


def test_lists_of_links(api):
    tags = [api.create("crm.tag", name=name) for name in ("a", "b", "c")]
    lead = api.create("crm.lead", name="x", tag_ids=[[6, 0, tags[:2]]])

    api.call("crm.lead", "write", [lead], vals={"tag_ids": [[4, tags[2], 0], [3, tags[0], 0]]})

    assert api.one("crm.lead", lead, fields=["tag_ids"])["tag_ids"] == tags[1:]


def test_dates_are_utc_text_by_the_second(api):
    lead = api.create("crm.lead", name="x", date_deadline="2026-05-01")

    row = api.one("crm.lead", lead, context={"tz": "Europe/Madrid"})

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["write_date"])
    assert row["date_deadline"] == "2026-05-01"
    stored = api.server.rows("crm.lead")[0]["write_date"]
    assert stored.startswith(row["write_date"] + ".")


def test_write_date_and_create_date_cannot_be_set(api):
    lead = api.create("crm.lead", name="x", write_date="2001-01-01 00:00:00")

    done = api.call("crm.lead", "write", [lead], vals={"create_date": "2001-01-01 00:00:00"})

    row = api.one("crm.lead", lead, fields=["write_date", "create_date"])
    assert done is True
    assert row["write_date"][:2] == row["create_date"][:2] == "20"
    assert row["write_date"][:4] != "2001" != row["create_date"][:4]


def test_an_empty_write_moves_write_date(api):
    lead = api.create("crm.lead", name="x")
    before = api.server.rows("crm.lead")[0]["write_date"]

    done = api.call("crm.lead", "write", [lead], vals={})

    assert done is True
    assert api.server.rows("crm.lead")[0]["write_date"] > before


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("line1\nline2 <b>html</b>", "<p>line1\nline2 <b>html</b></p>"),
        ("a<script>alert(1)</script>b", "<p>ab</p>"),
        ('<a href="https://x" onclick="y()">l</a>', '<p><a href="https://x">l</a></p>'),
        ("<p>one</p><p>two</p>", "<p>one</p><p>two</p>"),
        ("5 &lt; 6<br>7", "<p>5 &lt; 6<br>7</p>"),
    ],
)
def test_html_is_cleaned_and_wrapped(api, sent, kept):
    lead = api.create("crm.lead", name="x", description=sent)

    assert api.one("crm.lead", lead, fields=["description"])["description"] == kept


def test_create_takes_one_or_many(api):
    one = api.call("crm.lead", "create", vals_list={"name": "a"})
    many = api.call("crm.lead", "create", vals_list=[{"name": "b"}, {"name": "c"}])
    none = api.call("crm.lead", "create", vals_list=[])

    assert one == ([1] if api.transport == "json2" else 1)
    assert (many, none) == ([2, 3], [])


def test_reading_what_is_deleted_gives_nothing(api):
    kept, gone = (api.create("crm.lead", name=name) for name in ("kept", "gone"))
    api.server.control("DELETE", f"records/crm.lead/{gone}")

    assert api.call("crm.lead", "read", [gone, kept], fields=["name"]) == [
        {"id": kept, "name": "kept"}
    ]


def test_fields_get_names_the_fields_of_the_version(api):
    attributes = ["type", "string", "relation", "selection", "required", "readonly"]
    lead = api.call("crm.lead", "fields_get", attributes=attributes)
    product = api.call("product.template", "fields_get", attributes=["type"])
    keys = api.call("res.users.apikeys", "fields_get", attributes=["type"])

    assert lead["user_id"] == {
        "type": "many2one",
        "string": "Salesperson",
        "relation": "res.users",
        "required": False,
        "readonly": False,
    }
    assert lead["type"]["selection"] == [["lead", "Lead"], ["opportunity", "Opportunity"]]
    assert ("won_status" in lead) == (api.version == 19)
    assert ("detailed_type" in product) == (api.version < 18)
    assert ("expiration_date" in keys) == (api.version >= 18)
    assert product["list_price"] == {"type": "float"}


@pytest.mark.parametrize(("sent", "old", "new"), [(19.999, 20.0, 19.999), (12.5, 12.5, 12.5)])
def test_prices_are_rounded_until_18(api, sent, old, new):
    product = api.create("product.template", user="admin", name="Cup", list_price=sent)

    shown = api.one("product.template", product, fields=["list_price"])["list_price"]

    assert shown == (new if api.version == 19 else old)


def test_the_kind_of_a_product(api):
    field = "type" if api.version >= 18 else "detailed_type"
    product = api.create("product.template", user="admin", name="Advice", **{field: "service"})

    assert api.one("product.template", product, fields=["type"])["type"] == "service"
    combo = api.call(
        "product.template", "create", vals_list={"name": "x", field: "combo"}, user="admin"
    )
    assert (not hasattr(combo, "code")) == (api.version >= 18)


def test_a_template_follows_its_single_variant(api):
    template = api.create("product.template", user="admin", name="Cup", list_price=5)
    variant = api.search("product.product", ["product_tmpl_id", "=", template])[0]
    before = api.server.rows("product.template")[0]["write_date"]

    api.call(
        "product.product",
        "write",
        [variant],
        vals={"default_code": "CUP", "lst_price": 7, "standard_price": 3},
        user="admin",
    )

    row = api.server.rows("product.template")[0]
    assert (row["default_code"], row["list_price"], row["standard_price"]) == ("CUP", 7, 3)
    assert row["write_date"] > before
    assert api.one("product.template", template)["display_name"] == "[CUP] Cup"


def test_with_two_variants_the_template_has_no_code(api):
    template = api.create("product.template", user="admin", name="Shirt", default_code="S")
    second = api.create(
        "product.product", user="admin", product_tmpl_id=template, default_code="S-2"
    )

    row = api.one("product.template", template)
    names = api.call("product.product", "read", row["product_variant_ids"], fields=["name"])
    assert (row["default_code"], row["product_variant_count"]) == (False, 2)
    assert [one["name"] for one in names] == ["Shirt", "Shirt"]
    assert api.one("product.product", second)["default_code"] == "S-2"


def test_a_variant_alone_brings_its_template(api):
    variant = api.create("product.product", user="admin", name="Mug", lst_price=4)

    template = api.one("product.product", variant, load="")["product_tmpl_id"]

    row = api.one("product.template", template)
    assert (row["name"], row["list_price"], row["product_variant_ids"]) == ("Mug", 4.0, [variant])


# -- languages ----------------------------------------------------------------------


def test_a_second_language(api):
    product = api.create("product.template", user="admin", name="Coffee")
    spanish = {"lang": "es_ES"}

    api.call(
        "product.template", "write", [product], vals={"name": "Café"}, context=spanish, user="admin"
    )

    there = api.one("product.template", product, fields=["name"], context=spanish)
    here = api.one("product.template", product, fields=["name"])
    stage = api.call("crm.stage", "read", [1], fields=["name"], context=spanish)
    assert (there["name"], here["name"]) == ("Café", "Coffee")
    assert stage == [{"id": 1, "name": "Nuevo"}]


def test_a_language_that_is_not_installed(api):
    answer = api.call("crm.stage", "read", [1], fields=["name"], context={"lang": "de_CH"})

    if api.version >= 18:
        assert answer.text == "Invalid language code: de_CH"
        assert answer.code in (2, 422)
    else:
        assert answer == [{"id": 1, "name": "New"}]


def test_languages_can_be_read(api):
    installed = api.call("res.lang", "search_read", domain=[], fields=["code"])

    assert [one["code"] for one in installed] == ["en_US", "es_ES"]


# -- notes --------------------------------------------------------------------------


def test_a_note_shows_its_tags_as_text(api):
    lead = api.create("crm.lead", name="x")
    before = api.server.rows("crm.lead")[0]["write_date"]

    posted = api.call("crm.lead", "message_post", [lead], body="a <b>bold</b> & co")

    [note] = api.server.rows("mail.message")
    assert posted == ([note["id"]] if api.version == 19 else note["id"])
    assert note["body"] == "<p>a &lt;b&gt;bold&lt;/b&gt; &amp; co</p>"
    assert (note["model"], note["res_id"]) == ("crm.lead", lead)
    assert api.server.rows("crm.lead")[0]["write_date"] == before
    assert api.one("crm.lead", lead)["message_ids"] == [note["id"]]


def test_a_note_needs_a_sender(api):
    lead = api.create("crm.lead", name="x")
    api.server.settings(bot_email=False)

    refused = api.call("crm.lead", "message_post", [lead], body="hello")

    assert refused.code in (2, 422)
    assert refused.text.startswith("Unable to send message, please configure the sender's email")
    assert api.server.rows("mail.message") == []


# -- leads --------------------------------------------------------------------------


def test_won_and_lost(api):
    won, lost, back = (api.create("crm.lead", name=name) for name in ("w", "l", "b"))

    api.call("crm.lead", "action_set_won", [won])
    for lead in (lost, back):
        api.call("crm.lead", "action_set_lost", [lead], lost_reason_id=1)
    api.call("crm.lead", "write", [back], vals={"active": True})

    rows = api.server.rows("crm.lead")
    seen = [(r["active"], r["probability"], r["stage_id"], bool(r["date_closed"])) for r in rows]
    assert seen == [(True, 100, 4, True), (False, 0, 1, True), (True, 10, 1, False)]
    assert [r["lost_reason_id"] for r in rows] == [None, 1, None]
    if api.version == 19:
        assert [r["won_status"] for r in rows] == ["won", "lost", "pending"]


def test_leaving_the_won_stage(api):
    lead = api.create("crm.lead", name="x", stage_id=4)

    api.call("crm.lead", "write", [lead], vals={"stage_id": 2})

    row = api.one("crm.lead", lead)
    assert (row["probability"], row["date_closed"]) == (35.0, False)
