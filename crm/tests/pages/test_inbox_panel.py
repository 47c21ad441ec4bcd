"""The inbox: a comment becomes a lead by one click, and whose lead it is already."""

from __future__ import annotations

import pytest

from crm.models import Lead, LeadTouch
from crm.services import capture
from crm.tests.capture.rows import again, comment
from crm.tests.pages.rows import logged_in, offline, said, words
from socialhub.tests.factories import AccountFactory, InteractionFactory

pytestmark = pytest.mark.django_db


def panel(client, row) -> str:
    response = client.get(f"/admin/crm/interaction/{row.pk}/")
    assert response.status_code == 200
    return words(response.text)


def make(client, row, **headers):
    return client.post(f"/admin/crm/interaction/{row.pk}/lead/", headers=headers)


def test_the_inbox_loads_the_panel():
    row = comment()

    page = logged_in().get(f"/admin/inbox/?i={row.pk}").text

    assert f'hx-get="/admin/crm/interaction/{row.pk}/"' in page


def test_one_click_makes_the_lead():
    row, client = comment("olga", "How much for 20?"), logged_in()
    assert "Make lead" in panel(client, row)

    response = make(client, row, hx_request="true")

    lead = Lead.objects.get()
    assert (lead.message, lead.publication, lead.created_by) == (
        "How much for 20?",
        row.publication,
        client.user,
    )
    assert "This comment belongs to a lead" in words(response.text)
    assert f"/admin/crm/lead/{lead.pk}/change/" in response.text
    assert "A new lead." in response["HX-Trigger"]


def test_a_second_click_makes_no_second_lead():
    row, client = comment(), logged_in()

    make(client, row)
    response = make(client, row, hx_request="true")

    assert Lead.objects.count() == 1
    assert LeadTouch.objects.count() == 1
    assert "This comment belongs to a lead" in words(response.text)


def test_without_scripts_the_inbox_comes_back():
    row = comment()

    response = make(logged_in(), row)

    assert response["Location"] == f"/admin/inbox/?i={row.pk}"


def test_a_known_person_is_shown_and_the_comment_added():
    first, client = comment("olga"), logged_in()
    lead, _created = capture.convert(first, client.user)
    later = again(first)

    assert "This person is a lead already" in panel(client, later)
    response = make(client, later, hx_request="true")

    assert Lead.objects.get() == lead
    assert lead.touches.count() == 2
    assert "Added to the lead of this person." in response["HX-Trigger"]


def test_state_and_the_way_to_odoo_are_shown():
    connection, client, row = offline(), logged_in(), comment()
    lead, _created = capture.convert(row, None)
    Lead.objects.filter(pk=lead.pk).update(
        state="linked", connection=connection, odoo_id=42, stage_name="Qualified"
    )

    text = client.get(f"/admin/crm/interaction/{row.pk}/").text

    assert "Stage in Odoo: Qualified" in words(text)
    assert 'href="http://127.0.0.1:9/odoo/crm.lead/42"' in text


def test_a_lead_of_an_account_one_may_not_use_is_not_told():
    first = comment("olga", "My number is 555")
    capture.convert(first, None)
    mine = AccountFactory()
    later = InteractionFactory(
        author_handle="olga", publication__account=mine, account=mine, text="And in blue?"
    )

    text = panel(logged_in("Marketer", mine), later)

    assert text == "This person is a lead of an account you may not use."


def test_who_sees_no_leads_sees_no_panel_and_makes_none():
    row, client = comment(), logged_in("Approver")

    assert client.get(f"/admin/crm/interaction/{row.pk}/").text == ""
    assert make(client, row).status_code == 403
    assert not Lead.objects.exists()


def test_a_comment_of_another_account_does_not_exist():
    row, client = comment(), logged_in("Marketer", AccountFactory())

    assert client.get(f"/admin/crm/interaction/{row.pk}/").status_code == 404
    assert make(client, row).status_code == 404


def test_many_at_once_are_counted():
    client = logged_in()
    first, second = comment("olga"), comment("pia")
    later = again(first)

    response = client.post(
        "/admin/socialhub/interaction/",
        {"action": "make_leads", "_selected_action": [first.pk, second.pk, later.pk]},
        follow=True,
    )

    assert said(response) == ["2 new leads, 1 of a person who is a lead already."]
    assert Lead.objects.count() == 2


def test_the_action_is_offered_to_who_may():
    comment()

    assert "make_leads" in logged_in().get("/admin/socialhub/interaction/").text
    assert "make_leads" not in logged_in("Analyst").get("/admin/socialhub/interaction/").text
