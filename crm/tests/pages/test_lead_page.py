"""A lead's page: where it stands, what to do, and what a person may correct."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Lead, LeadConflict, LeadState, OdooSyncRun
from crm.services import capture
from crm.tests.capture.rows import comment
from crm.tests.pages.rows import commented, logged_in, offline, said, won, words
from crm.tests.support import make_lead, make_product
from socialhub.tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db


def page(lead, role="Marketer"):
    return logged_in(role).get(f"/admin/crm/lead/{lead.pk}/change/")


def correct(client, lead, **changes):
    told = {name: getattr(lead, name) for name in ("name", "contact_name", "email", "phone")}
    return client.post(f"/admin/crm/lead/{lead.pk}/change/", {**told, **changes})


def test_the_story_runs_from_our_post_to_the_order():
    now = timezone.now()
    row = comment("olga", "How much for 20?", created_at=now - timedelta(days=2))
    row.publication.published_at = now - timedelta(days=3)
    row.publication.save()
    lead, _created = capture.convert(row, None)
    connection = offline()
    Lead.objects.filter(pk=lead.pk).update(
        state="linked",
        connection=connection,
        odoo_id=5,
        exported_at=now - timedelta(days=1),
        created_at=now - timedelta(days=1, hours=2),
    )
    lead.orders.create(
        model="sale.order",
        odoo_id=9,
        kind="order",
        number="S00009",
        amount="178.00",
        currency="EUR",
        happened_at=now,
    )

    text = words(page(lead).text).partition("The story")[2]

    parts = ["Our post went out", "olga wrote on", "How much for 20?", "Became a lead"]
    parts += ["Sent to Odoo", "Order S00009 178.00 EUR"]
    assert [text.find(part) > 0 for part in parts] == [True] * len(parts)
    assert [text.find(part) for part in parts] == sorted(text.find(part) for part in parts)


def test_a_won_lead_says_so_on_top():
    lead = won(offline(), "1178.5", 7)

    text = words(page(lead).text)

    day = timezone.localtime(lead.closed_at)
    assert f"{day:%Y}: 1,178.50 EUR." in text
    assert "Won on" in text


def test_a_parked_lead_says_why_and_goes_on_its_way_again():
    offline()
    lead = make_lead(state="parked", park_code="invalid", park_reason="Odoo says: no such team")
    client = logged_in()

    text = client.get(f"/admin/crm/lead/{lead.pk}/change/").text
    response = client.post(f"/admin/crm/lead/{lead.pk}/do/retry/", follow=True)

    assert "It could not be sent: Odoo says: no such team" in text
    assert f'action="/admin/crm/lead/{lead.pk}/do/retry/"' in text
    assert said(response) == ["It is tried again."]
    lead.refresh_from_db()
    assert lead.state == LeadState.QUEUED


def test_a_new_lead_is_sent_by_its_button():
    offline()
    lead = make_lead()
    client = logged_in()

    assert "Send to Odoo" in page(lead).text
    client.post(f"/admin/crm/lead/{lead.pk}/do/export/")

    lead.refresh_from_db()
    assert lead.state == LeadState.QUEUED
    assert OdooSyncRun.objects.get().selected == [lead.pk]


def test_what_cannot_be_sent_says_why():
    lead = make_lead()

    response = logged_in().post(f"/admin/crm/lead/{lead.pk}/do/export/", follow=True)

    assert said(response) == ["No Odoo is connected. Connect one first."]


def test_an_unknown_verb_does_not_exist():
    lead = make_lead()

    assert logged_in().post(f"/admin/crm/lead/{lead.pk}/do/delete/").status_code == 404
    assert logged_in().get(f"/admin/crm/lead/{lead.pk}/do/retry/").status_code == 405


@pytest.mark.parametrize(("choice", "phone"), [("ours", "111"), ("theirs", "222")])
def test_a_conflict_is_decided_by_one_of_two_buttons(choice, phone):
    lead = make_lead(phone="111")
    row = LeadConflict.objects.create(lead=lead, field="phone", ours="111", theirs="222")
    client = logged_in()
    before = words(client.get(f"/admin/crm/lead/{lead.pk}/change/").text)

    client.post(f"/admin/crm/lead/{lead.pk}/conflicts/{row.pk}/", {"choice": choice})

    assert "Two values for “phone”" in before and "111" in before and "222" in before
    lead.refresh_from_db()
    assert lead.phone == phone
    assert "Two values" not in page(lead).text


def test_a_conflict_of_another_lead_is_not_found():
    row = LeadConflict.objects.create(lead=make_lead(), field="phone", ours="1", theirs="2")
    path = f"/admin/crm/lead/{make_lead().pk}/conflicts/{row.pk}/"

    assert logged_in().post(path, {"choice": "ours"}).status_code == 404


def test_what_a_person_told_can_be_corrected():
    lead, product = make_lead(), make_product()

    response = correct(logged_in(), lead, email="new@example.org", product=product.pk)

    assert response.status_code == 302
    lead.refresh_from_db()
    assert (lead.email, lead.email_key, lead.product) == (
        "new@example.org",
        "new@example.org",
        product,
    )


def test_a_wrong_address_stays_in_the_form_and_says_so():
    lead = make_lead(email="old@example.org")

    response = correct(logged_in(), lead, email="not an address", company="Kept")

    assert response.status_code == 400
    assert "This is no e-mail address." in response.text
    assert 'value="not an address"' in response.text and 'value="Kept"' in response.text
    lead.refresh_from_db()
    assert lead.email == "old@example.org"


def test_markup_of_strangers_is_text():
    lead = commented(name="<script>alert(1)</script>", message="<b>bold</b>")

    text = page(lead).text

    assert "<script>alert(1)</script>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text


def test_a_lead_is_written_by_hand():
    client = logged_in()

    response = client.post(
        "/admin/crm/lead/add/", {"name": "Phoned us", "phone": "+34 600 111 222"}, follow=True
    )

    lead = Lead.objects.get()
    assert (lead.name, lead.source, lead.created_by) == ("Phoned us", "admin", client.user)
    assert "The story" in response.text


def test_a_lead_without_title_is_refused():
    response = logged_in().post("/admin/crm/lead/add/", {"phone": "600"})

    assert response.status_code == 400
    assert not Lead.objects.exists()


def test_erasing_asks_first_and_says_what_goes():
    connection = offline()
    lead = make_lead(
        contact_name="Olga",
        email="olga@example.org",
        state="linked",
        odoo_id=3,
        connection=connection,
    )
    make_lead(email="olga@example.org")
    client = logged_in("Administrator")

    asked = words(client.get(f"/admin/crm/lead/{lead.pk}/erase/").text)
    assert "Erase everything SocialHub knows of Olga?" in asked
    assert "1 other lead with the same e-mail" in asked
    response = client.post(f"/admin/crm/lead/{lead.pk}/erase/", follow=True)

    assert "Odoo still holds this person" in said(response)[0]
    assert "Olga" not in response.text and "olga@" not in response.text
    assert "The data of this person was erased" in words(response.text)


def test_the_list_sends_retries_and_downloads_what_is_selected():
    offline()
    new, parked = make_lead(), make_lead(state="parked", park_code="x", park_reason="y")
    client = logged_in()

    def act(action, *rows):
        data = {"action": action, "_selected_action": [row.pk for row in rows]}
        return client.post("/admin/crm/lead/", data, follow=True)

    sent = act("send_selected", new)
    assert "They are being sent" in said(sent)[0] and "Watch the run" in said(sent)[0]
    assert said(act("retry_selected", parked, new)) == ["1 is tried again."]
    table = b"".join(act("download_csv", new)).decode()
    assert table.splitlines()[0].startswith("﻿id,uuid") or table.startswith("id,uuid")
    assert len(table.splitlines()) == 2
    assert [row.state for row in Lead.objects.order_by("pk")] == ["queued", "queued"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state__exact=parked", {"Parked one"}),
        ("outcome__exact=won", {"Won one"}),
        ("stage=Won", {"Won one"}),
        ("source__exact=interaction", {"Won one"}),
        ("q=parked", {"Parked one"}),
        ("campaign=x", set()),
        ("campaign=99999", set()),
        ("", {"Parked one", "Won one"}),
    ],
)
def test_the_list_is_narrowed(query, names):
    make_lead(name="Parked one", state="parked", park_code="x", park_reason="y")
    won(offline(), "10", 3, name="Won one", campaign=CampaignFactory())

    text = logged_in().get(f"/admin/crm/lead/?{query}").text

    assert {name for name in ("Parked one", "Won one") if name in text} == names


def test_an_empty_list_teaches():
    text = logged_in().get("/admin/crm/lead/").text

    assert "A lead is somebody who may buy." in text
    assert 'href="/admin/inbox/"' in text
