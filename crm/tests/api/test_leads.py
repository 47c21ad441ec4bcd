"""/api/leads/"""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.utils import timezone

from crm.models import Lead, LeadConflict, LeadNote, LeadRevenue, LeadTouch, OdooConnection
from crm.services import capture, following
from crm.tests.capture.rows import again, api_origin, comment, told, tracked_link
from crm.tests.support import make_lead, make_product
from socialhub.models import AccountGrant
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
)

pytestmark = pytest.mark.django_db
LEADS = "/api/leads/"
SHAPE = {
    *("id", "uuid", "name", "email", "phone", "company", "message", "state", "odoo_id"),
    *("odoo_url", "stage", "probability", "publication", "campaign", "variant_key", "revenue"),
}


def connected(**fields) -> OdooConnection:
    given = {"url": "https://odoo.example", "database": "shop", "login": "bot"}
    ready = {"state": "ready", "version": "18.0", "transport": "xmlrpc"}
    return OdooConnection.objects.create(**{**given, **ready, **fields})


# -- making -------------------------------------------------------------------------


def test_a_program_brings_a_lead_and_its_origin(marketer):
    post = PostFactory(approved=True, campaign=CampaignFactory(), variant_key="a")
    publication = PublicationFactory(post=post, published=True)
    body = {
        "name": "Two chairs",
        "email": "ana@shop.example",
        "phone": "600112233",
        "company": "Shop",
        "message": "How much?",
        "publication": publication.pk,
        "product": make_product().pk,
        "consent_text": "Yes, write to me.",
        "consent_at": "2026-11-20T10:00:00+01:00",
    }

    response = marketer.post(LEADS, body)

    assert response.status_code == 201, response.data
    found = response.json()
    assert set(found) >= SHAPE
    assert {name: found[name] for name in body if name != "consent_at"} == {
        name: value for name, value in body.items() if name != "consent_at"
    }
    assert (found["state"], found["source"], found["odoo_id"]) == ("new", "api", None)
    assert (found["odoo_url"], found["stage"], found["probability"]) == (None, None, None)
    assert (found["post"], found["campaign"]) == (post.pk, post.campaign_id)
    assert (found["account"], found["variant_key"]) == (publication.account_id, "a")
    assert found["revenue"] == {
        "quoted": None,
        "won": None,
        "invoiced": None,
        "currency": None,
        "estimate": None,
    }


def test_the_same_person_again_is_200_and_the_same_id(marketer):
    first = marketer.post(LEADS, {"name": "Ana", "email": "ana@shop.example"})

    again = marketer.post(LEADS, {"email": "ANA@shop.example", "message": "And?"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert LeadNote.objects.get().text == "And?"


def test_an_idempotency_key_gives_the_first_answer_again(marketer):
    body, headers = {"name": "Ana"}, {"Idempotency-Key": "one"}

    first = marketer.post(LEADS, body, headers=headers)
    second = marketer.post(LEADS, body, headers=headers)
    other = marketer.post(LEADS, {"name": "Bo"}, headers=headers)

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == second.json()
    assert (Lead.objects.count(), LeadTouch.objects.count()) == (1, 1)


def test_a_link_tells_where_a_lead_came_from(marketer):
    publication = PublicationFactory(published=True)
    link = tracked_link(slug="chairs", publication=publication, keys=("a", "b"))

    found = marketer.post(LEADS, {"name": "Ana", "link": "chairs", "variant_key": "b"}).json()

    assert (found["publication"], found["variant_key"]) == (publication.pk, "b")
    assert LeadTouch.objects.get().link == link


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"message": "x"}, "name"),
        ({"name": "x", "email": "nobody"}, "email"),
        ({"name": "x" * 301}, "name"),
        ({"name": "x", "state": "linked"}, "state"),
        ({"name": "x", "odoo_id": 4}, "odoo_id"),
        ({"name": "x", "publication": 99}, "publication"),
        ({"name": "x", "link": "nowhere"}, "link"),
        ({"name": "x", "campaign": 99}, "campaign"),
        ({"name": "x", "consent_at": "2026-11-20T10:00:00"}, "consent_at"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x", "message": "x" * 64_001}, "message"),
        ({"name": "x", "unheard": 1}, "unheard"),
    ],
)
def test_a_wrong_body_is_400_and_names_the_field(marketer, body, field):
    response = marketer.post(LEADS, body)

    assert response.status_code == 400
    assert field in response.json()["fields"]
    assert Lead.objects.count() == 0


# -- converting ---------------------------------------------------------------------


def test_converting_twice_is_201_and_200_with_one_id(marketer):
    asked = comment()

    first = marketer.post(f"{LEADS}convert/", {"interaction": asked.pk})
    second = marketer.post(f"{LEADS}convert/", {"interaction": asked.pk})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert set(first.json()) >= SHAPE
    assert first.json()["publication"] == asked.publication_id


def test_converting_several(marketer):
    first = comment()
    body = {"interactions": [first.pk, again(first).pk, comment("bo").pk]}

    response = marketer.post(f"{LEADS}convert-many/", body)

    assert (response.status_code, response.json()) == (
        200,
        {"created": 2, "existing": 1, "refused": 0},
    )


@pytest.mark.parametrize("body", [{}, {"interaction": 99}, {"interaction": "x"}])
def test_converting_nothing_is_400(marketer, body):
    response = marketer.post(f"{LEADS}convert/", body)

    assert response.status_code == 400
    assert "interaction" in response.json()["fields"]


# -- reading ------------------------------------------------------------------------


def test_one_lead_with_its_story_and_the_reason(marketer):
    first = comment()
    lead, _created = capture.convert(first, marketer.user)
    following.follow(again(first))

    found = marketer.get(f"{LEADS}{lead.pk}/").json()

    assert [touch["kind"] for touch in found["touches"]] == ["interaction", "interaction"]
    assert [note["text"] for note in found["notes"]] == ["And in blue?"]
    assert found["why"]["code"] == "no_connection"
    assert found["conflicts"] == []


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("16.0", "https://odoo.example/web#id=7&model=crm.lead&view_type=form"),
        ("17.0+e", "https://odoo.example/web#id=7&model=crm.lead&view_type=form"),
        ("18.0", "https://odoo.example/odoo/crm.lead/7"),
        ("saas~19.1", "https://odoo.example/odoo/crm.lead/7"),
    ],
)
def test_a_lead_opens_in_every_odoo(marketer, version, url):
    lead = make_lead(state="exported", odoo_id=7, connection=connected(version=version))

    assert marketer.get(f"{LEADS}{lead.pk}/").json()["odoo_url"] == url


def test_revenue_as_odoo_has_it(marketer):
    lead = make_lead()
    LeadRevenue.objects.create(
        lead=lead, won="1200.50", currency="EUR", is_estimate=True, read_at=timezone.now()
    )

    assert marketer.get(f"{LEADS}{lead.pk}/").json()["revenue"] == {
        "quoted": None,
        "won": "1200.50",
        "invoiced": None,
        "currency": "EUR",
        "estimate": True,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=new,queued", 2),
        ("state=parked", 0),
        ("outcome=won", 1),
        ("source=admin", 2),
        ("search=chair", 1),
        ("erased=true", 0),
        ("variant_key=b", 1),
        ("created_after=2020-01-01T00:00:00Z", 2),
        ("created_before=2020-01-01T00:00:00Z", 0),
    ],
)
def test_lists_are_narrowed(marketer, query, found):
    make_lead(name="A chair", outcome="won")
    make_lead(variant_key="b", queued=True)

    assert marketer.get(f"{LEADS}?{query}").json()["count"] == found


@pytest.mark.parametrize("query", ["state=sold", "account=x", "erased=maybe", "created_after=soon"])
def test_a_filter_that_makes_no_sense_is_400(marketer, query):
    assert marketer.get(f"{LEADS}?{query}").status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("address", ["", "download/"])
def test_lists_cost_a_fixed_number_of_queries(
    marketer, django_assert_max_num_queries, rows, address
):
    connection = connected()
    for number in range(rows):
        lead, _created = capture.convert(comment(f"person{number}"), marketer.user)
        Lead.objects.filter(pk=lead.pk).update(
            state="linked", odoo_id=number + 1, connection=connection
        )
        LeadRevenue.objects.create(lead=lead, currency="EUR", read_at=timezone.now())
    marketer.get(LEADS)

    with django_assert_max_num_queries(6):
        response = marketer.get(f"{LEADS}{address}")
        content = b"".join(response.streaming_content) if response.streaming else response.content

    assert content.count(b"person") >= rows


# -- changing -----------------------------------------------------------------------


def test_contact_fields_can_be_corrected(marketer):
    lead = make_lead()

    response = marketer.patch(f"{LEADS}{lead.pk}/", {"email": "New@shop.example"})

    assert (response.status_code, response.json()["email"]) == (200, "New@shop.example")
    lead.refresh_from_db()
    assert lead.email_key == "new@shop.example"


@pytest.mark.parametrize("body", [{"state": "linked"}, {"odoo_id": 3}, {"stage": "Won"}])
def test_what_is_odoos_cannot_be_written(marketer, body):
    response = marketer.patch(f"{LEADS}{make_lead().pk}/", body)

    assert (response.status_code, response.json()["type"]) == (400, "read_only_field")


def test_an_erased_lead_is_409(admin):
    lead = make_lead()
    erased = admin.post(f"{LEADS}{lead.pk}/erase-person/")

    again_ = admin.patch(f"{LEADS}{lead.pk}/", {"email": "a@b.example"})

    assert (erased.status_code, erased.json()["leads"]) == (200, [lead.pk])
    assert (again_.status_code, again_.json()["type"]) == (409, "erased")


def test_there_is_no_delete(admin):
    lead = make_lead()

    assert admin.delete(f"{LEADS}{lead.pk}/").status_code == 405
    assert admin.put(f"{LEADS}{lead.pk}/", {}).status_code == 405


def test_exporting_is_202_and_names_the_run(marketer):
    connected()
    lead = make_lead()

    response = marketer.post(f"{LEADS}export/", {"ids": [lead.pk]})

    assert response.status_code == 202
    run = marketer.get(f"/api/odoo/sync/{response.json()['run']}/").json()
    assert (run["kind"], run["state"], run["errors"]) == ("export", "queued", [])
    assert marketer.get(f"{LEADS}{lead.pk}/").json()["state"] == "queued"


@pytest.mark.parametrize(
    ("body", "status"), [({"ids": []}, 400), ({"ids": [99]}, 400), ({}, 400), ({"ids": "x"}, 400)]
)
def test_exporting_nothing_is_400(marketer, body, status):
    assert marketer.post(f"{LEADS}export/", body).status_code == status


def test_exporting_without_an_odoo_is_409(marketer):
    response = marketer.post(f"{LEADS}export/", {"ids": [make_lead().pk]})

    assert (response.status_code, response.json()["type"]) == (409, "no_connection")


def test_parked_leads_are_tried_again(marketer):
    lead = make_lead(state="parked", park_code="invalid", park_reason="No")

    response = marketer.post(f"{LEADS}retry/", {"ids": [lead.pk]})

    assert (response.status_code, response.json()) == (200, {"retried": 1})


def test_a_conflict_is_settled_on_its_lead_only(marketer):
    lead, other = make_lead(email="a@b.example"), make_lead()
    conflict = LeadConflict.objects.create(
        lead=lead, field="email", ours="a@b.example", theirs="c@d.example"
    )
    body = {"conflict": conflict.pk, "choice": "theirs"}

    elsewhere = marketer.post(f"{LEADS}{other.pk}/settle-conflict/", body)
    here = marketer.post(f"{LEADS}{lead.pk}/settle-conflict/", body)

    assert (elsewhere.status_code, here.status_code) == (404, 200)
    assert here.json()["email"] == "c@d.example"


# -- downloads ----------------------------------------------------------------------


def test_a_formula_is_a_text_in_csv_and_xlsx(marketer):
    make_lead(name='=HYPERLINK("http://evil.example")', phone="+34600112233", company="@x")

    text = marketer.get(f"{LEADS}download/?format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(text.streaming_content).decode())))
    sheet = marketer.get(f"{LEADS}download/?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    names, values = (list(row) for row in book.active.iter_rows())
    cells = dict(zip([cell.value for cell in names], values, strict=True))

    assert text["Content-Type"].startswith("text/csv")
    assert "attachment" in text["Content-Disposition"]
    assert rows[0]["name"] == '\'=HYPERLINK("http://evil.example")'
    assert (rows[0]["phone"], rows[0]["company"]) == ("'+34600112233", "'@x")
    assert (rows[0]["won"], rows[0]["odoo_id"]) == ("", "")
    assert (cells["name"].value, cells["name"].data_type) == (
        '=HYPERLINK("http://evil.example")',
        "s",
    )


def test_a_download_has_the_filtered_rows_only(marketer):
    make_lead(name="Mine", outcome="won")
    make_lead(name="Other")

    lines = b"".join(marketer.get(f"{LEADS}download/?outcome=won").streaming_content).decode()

    assert "Mine" in lines and "Other" not in lines
    assert marketer.get(f"{LEADS}download/?format=pdf").status_code == 400


# -- who may ------------------------------------------------------------------------

ALLOWED = {
    "view_leads": {"Administrator", "Marketer"},
    "change_lead": {"Administrator", "Marketer"},
    "capture_lead": {"Administrator", "Marketer"},
    "export_lead": {"Administrator", "Marketer"},
    "erase_lead": {"Administrator"},
}
CALLS = [
    ("view_leads", "get", "", None),
    ("view_leads", "get", "{}/", None),
    ("view_leads", "get", "download/", None),
    ("capture_lead", "post", "", {"name": "x"}),
    ("capture_lead", "post", "convert/", {"interaction": 0}),
    ("capture_lead", "post", "convert-many/", {"interactions": []}),
    ("change_lead", "patch", "{}/", {"name": "y"}),
    ("change_lead", "post", "{}/settle-conflict/", {"conflict": 1, "choice": "ours"}),
    ("export_lead", "post", "export/", {"ids": []}),
    ("export_lead", "post", "retry/", {"ids": []}),
    ("erase_lead", "post", "{}/erase-person/", {}),
]


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
@pytest.mark.parametrize(("verb", "method", "address", "body"), CALLS)
def test_roles(as_role, role, verb, method, address, body):
    path = f"{LEADS}{address.format(make_lead().pk)}"

    response = getattr(as_role(role), method)(path, body)

    assert (response.status_code == 403) == (role not in ALLOWED[verb])


def test_nobody_without_a_login(client):
    assert client.get(LEADS).status_code == 401


def test_rows_of_accounts_not_granted_do_not_exist(marketer):
    mine, other = AccountFactory(), AccountFactory()
    AccountGrant.objects.create(user=marketer.user, account=mine)
    shown, _created = capture.capture(told(name="Mine"), api_origin(account=mine))
    hidden, _created = capture.capture(told(name="Other"), api_origin(account=other))
    asked = comment(publication=PublicationFactory(account=other, published=True))

    listed = marketer.get(LEADS).json()

    assert [row["id"] for row in listed["results"]] == [shown.pk]
    for method, address in (
        ("get", ""),
        ("patch", ""),
        ("post", "settle-conflict/"),
    ):
        response = getattr(marketer, method)(f"{LEADS}{hidden.pk}/{address}", {})
        assert response.status_code == 404, address
    assert marketer.post(f"{LEADS}export/", {"ids": [hidden.pk]}).status_code == 400
    assert marketer.post(f"{LEADS}convert/", {"interaction": asked.pk}).status_code == 400
    assert b"Other" not in b"".join(marketer.get(f"{LEADS}download/").streaming_content)
