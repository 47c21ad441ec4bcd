"""What Odoo says no to, by version and transport."""

from __future__ import annotations

import pytest

LEAD = {"name": "x"}


def old_or_new(old: str, new: str, newest_old: int = 18):
    return lambda version: old if version <= newest_old else new


# model, method, ids, named → XML-RPC code, JSON-2 status, class, text by version
CASES = {
    "unknown field in a domain": (
        ("crm.lead", "search", None, {"domain": [["no_field", "=", 1]]}),
        (1, 500, "builtins.ValueError"),
        old_or_new("in leaf ('no_field', '=', 1)", "in condition ('no_field', '=', 1)"),
    ),
    "unknown field in fields": (
        ("res.partner", "search_read", None, {"domain": [], "fields": ["no_field"]}),
        (1, 500, "builtins.ValueError"),
        old_or_new(
            "Invalid field 'no_field' on model 'res.partner'",
            "Invalid field 'no_field' on 'res.partner'",
        ),
    ),
    "unknown field in create": (
        ("crm.lead", "create", None, {"vals_list": {**LEAD, "no_field": 1}}),
        (1, 500, "builtins.ValueError"),
        old_or_new(
            "Invalid field 'no_field' on model 'crm.lead'", "Invalid field 'no_field' in 'crm.lead'"
        ),
    ),
    "required field": (
        ("crm.lead", "create", None, {"vals_list": {"type": "lead"}}),
        (2, 422, "odoo.exceptions.ValidationError"),
        old_or_new(
            "Create/update: a mandatory field is not set.",
            "Missing required value for the field 'Opportunity' (name).",
        ),
    ),
    "id that does not exist": (
        ("crm.lead", "create", None, {"vals_list": {**LEAD, "partner_id": 999999}}),
        (2, 422, "odoo.exceptions.ValidationError"),
        lambda _: "Another model is using the record you are trying to delete.",
    ),
    "bad selection": (
        ("crm.lead", "create", None, {"vals_list": {**LEAD, "type": "nonsense"}}),
        (1, 500, "builtins.ValueError"),
        lambda _: "Wrong value for crm.lead.type: 'nonsense'",
    ),
    "bad number": (
        ("crm.lead", "create", None, {"vals_list": {**LEAD, "expected_revenue": "much"}}),
        (1, 500, "builtins.ValueError"),
        lambda _: "could not convert string to float: 'much'",
    ),
    "private method": (
        ("crm.lead", "_compute_display_name", [1], {}),
        (4, 403, "odoo.exceptions.AccessError"),
        lambda _: "Private methods (such as 'crm.lead._compute_display_name') cannot be called",
    ),
    "write to a deleted record": (
        ("crm.lead", "write", [9], {"vals": {"name": "y"}}),
        (2, 404, "odoo.exceptions.MissingError"),
        lambda _: "Record does not exist or has been deleted.\n(Record: crm.lead(9,), User: 5)",
    ),
    "no right": (
        ("product.template", "create", None, {"vals_list": {"name": "x"}}),
        (4, 403, "odoo.exceptions.AccessError"),
        lambda _: "You are not allowed to create 'Product' (product.template) records.",
    ),
    "external ids are not for bots": (
        ("ir.model.data", "search_read", None, {"domain": []}),
        (4, 403, "odoo.exceptions.AccessError"),
        lambda _: "You are not allowed to access 'Model Data' (ir.model.data) records.",
    ),
    "negative limit": (
        ("crm.lead", "search", None, {"domain": [], "limit": -1}),
        (1, 500, "psycopg2.errors.InvalidRowCountInLimitClause"),
        lambda _: "LIMIT must not be negative",
    ),
    "ISO date with zone": (
        ("crm.lead", "create", None, {"vals_list": {**LEAD, "date_deadline": "2026-01-01T10:00Z"}}),
        (1, 500, "builtins.ValueError"),
        lambda _: "does not match format",
    ),
    "microseconds": (
        (
            "sale.order",
            "create",
            None,
            {"vals_list": {"partner_id": 1, "date_order": "2026-01-01 10:00:00.5"}},
        ),
        (1, 500, "builtins.ValueError"),
        lambda _: "unconverted data remains: .5",
    ),
    "missing external id": (
        ("ir.model.data", "check_object_reference", None, {"module": "socialhub", "xml_id": "no"}),
        (1, 500, "builtins.ValueError"),
        lambda _: "External ID not found in the system: socialhub.no",
    ),
    "unknown order": (
        ("crm.lead", "search", None, {"domain": [], "order": "no_field"}),
        (2, 422, "odoo.exceptions.UserError"),
        lambda _: 'Invalid "order" specified (no_field)',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_has_its_code_class_and_words(api, case):
    (model, method, ids, named), (code, status, name), text = CASES[case]

    refused = api.call(model, method, ids, **named)

    expected = text(api.version)
    assert expected in refused.text
    if api.transport == "json2":
        assert (refused.code, refused.name) == (status, name)
    else:
        assert refused.code == code
    assert api.server.rows("crm.lead") == []


@pytest.mark.parametrize("number", [2**31, 2**40])
def test_an_integer_has_32_bits(api, number):
    # xmlrpc.client refuses it by itself, so the request is written by hand.
    if api.transport == "json2":
        refused = api.call("crm.tag", "create", vals_list={"name": "t", "color": number})
        assert (refused.code, refused.name) == (500, "psycopg2.errors.NumericValueOutOfRange")
    else:
        with pytest.raises(OverflowError):
            api.call("crm.tag", "create", vals_list={"name": "t", "color": number})
    assert api.server.rows("crm.tag") == []


def test_unknown_methods_and_models(standin):
    from xmlrpc.client import Fault

    with pytest.raises(Fault) as method:
        standin.execute("crm.lead", "frobnicate", [1])
    with pytest.raises(Fault) as model:
        standin.execute("no.such", "search", [])

    words = {
        16: "The method 'frobnicate' does not exist on the model 'crm.lead'",
        19: "AttributeError: The method 'crm.lead.frobnicate' does not exist",
    }
    assert words[16 if standin.version < 18 else 19] in method.value.faultString
    assert (model.value.faultCode, model.value.faultString) == (2, "Object no.such doesn't exist")


def test_what_became_private_or_new(api):
    lead = api.create("crm.lead", name="x")

    exists = api.call("crm.lead", "exists", [lead])
    rights = api.call("crm.lead", "check_access_rights", operation="create", raise_exception=False)
    access = api.call("crm.lead", "has_access", [], operation="unlink")

    if api.version == 19:
        assert exists.code in (4, 403)
        assert rights.code in (1, 404)
    else:
        assert (exists, rights) == ([lead], True)
    assert access is False if api.version >= 18 else access.code == 1


def test_create_is_all_or_nothing(api):
    refused = api.call("crm.lead", "create", vals_list=[{"name": "good"}, {"name": False}])

    assert refused.code in (2, 422)
    assert api.server.rows("crm.lead") == []


@pytest.mark.parametrize("model", ["utm.source", "utm.medium", "utm.campaign"])
def test_a_name_that_is_taken_gets_a_number(api, model):
    for name in ("Insta", "Insta", "Insta [4]", "Insta"):
        api.create(model, name=name)
    second = [row["id"] for row in api.server.rows(model) if row["name"] == "Insta [2]"]

    refused = api.call(model, "write", second, vals={"name": "Insta"})

    names = [row["name"] for row in api.server.rows(model) if row["name"].startswith("Insta")]
    assert names == ["Insta", "Insta [2]", "Insta [4]", "Insta [3]"]
    assert refused.code in (2, 422)


def test_an_archived_name_is_taken_without_a_number(api):
    api.server.add("utm.medium", name="Radio", active=False)

    refused = api.call("utm.medium", "create", vals_list={"name": "Radio"})

    assert refused.code in (2, 422)
    assert "must be unique" in refused.text


def test_a_campaign_is_named_by_its_title(api):
    first = api.create("utm.campaign", title="Spring", name="spring-26")
    other = api.create("utm.campaign", title="Summer")

    rows = api.call("utm.campaign", "read", [first, other], fields=["name", "display_name"])
    assert [(row["name"], row["display_name"]) for row in rows] == [
        ("spring-26", "Spring"),
        ("Summer", "Summer"),
    ]


def test_names_of_tags_are_unique(api):
    first = api.create("crm.tag", name="Instagram")

    again = api.call("crm.tag", "create", vals_list={"name": "Instagram"})

    assert again.code in (2, 422)
    assert [row["id"] for row in api.server.rows("crm.tag")] == [first]


@pytest.mark.parametrize(
    ("user", "seen"), [("bot", [1, 2, 3]), ("admin", [1, 2, 3]), ("sales", [2, 3])]
)
def test_own_documents_only(api, user, seen):
    for owner in (2, 6, False):
        api.server.add("crm.lead", name="x", user_id=owner)

    assert api.search("crm.lead", order="id", user=user) == seen


def test_one_forbidden_id_fails_the_whole_read(api):
    mine = api.server.add("crm.lead", name="mine", user_id=6)["id"]
    other = api.server.add("crm.lead", name="other", user_id=2)["id"]

    refused = api.call("crm.lead", "read", [mine, other], fields=["name"], user="sales")
    found = api.call("crm.lead", "search_read", domain=[], fields=["name"], user="sales")

    words = (
        "Due to security restrictions, you are not allowed to access 'Lead' (crm.lead) records."
        if api.version == 16
        else "Sorry, sales (id=6) doesn't have 'read' access to:\n- Lead (crm.lead)"
    )
    assert refused.code in (4, 403)
    assert words in refused.text
    assert found == [{"id": mine, "name": "mine"}]


def test_nobody_sees_products_and_no_leads(api):
    api.server.add("product.template", name="Cup")

    assert api.call("crm.lead", "search_count", domain=[], user="nobody").code in (4, 403)
    assert api.call("product.template", "search_count", domain=[], user="nobody") == 1
