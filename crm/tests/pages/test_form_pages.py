"""Lead forms and the settings of leads in the admin."""

from __future__ import annotations

import html

import pytest

from crm.models import CrmSettings, LeadForm
from crm.services import forms
from crm.tests.pages.rows import logged_in

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Orders",
    "sites": "shop.example/contact\nhttps://www.shop.example",
    "is_active": "on",
}


def test_a_form_is_made_and_shows_the_line_to_copy():
    client = logged_in()

    client.post("/admin/crm/leadform/add/", {**TYPED, "consent_text": "I agree."})
    row = LeadForm.objects.get()
    page = client.get(f"/admin/crm/leadform/{row.pk}/change/").text

    assert row.sites == ["https://shop.example", "https://www.shop.example"]
    assert row.consent_text == "I agree."
    assert forms.snippet(row) in html.unescape(page)
    assert f'href="{forms.address(row)}"' in page


def test_a_new_form_begins_with_the_consent_of_the_settings():
    CrmSettings.objects.update_or_create(pk=1, defaults={"consent_text": "We may write to you."})

    assert "We may write to you." in logged_in().get("/admin/crm/leadform/add/").text


@pytest.mark.parametrize("site", ["*", "https://*.example", "javascript:alert(1)", "http://"])
def test_what_is_no_site_is_said_beside_the_field(site):
    response = logged_in().post("/admin/crm/leadform/add/", {**TYPED, "sites": site})

    assert response.status_code == 200
    assert "is no site" in response.text
    assert not LeadForm.objects.exists()


def test_a_form_is_switched_off_not_deleted():
    row = forms.create(None, name="Orders")
    client = logged_in("Administrator")

    client.post(f"/admin/crm/leadform/{row.pk}/change/", {"name": "Orders", "sites": ""})

    row.refresh_from_db()
    assert not row.is_active
    assert "It is switched off" in client.get(f"/admin/crm/leadform/{row.pk}/change/").text
    assert client.post(f"/admin/crm/leadform/{row.pk}/delete/").status_code == 403


def test_the_settings_are_one_page():
    client = logged_in("Administrator")

    assert client.get("/admin/crm/crmsettings/")["Location"] == "/admin/crm/crmsettings/1/change/"
    response = client.post(
        "/admin/crm/crmsettings/1/change/",
        {"attribution": "first", "retention_months": "24", "consent_text": "Yes."},
    )

    assert response["Location"] == "/admin/crm/crmsettings/1/change/"
    row = CrmSettings.get()
    assert (row.send_by_itself, row.attribution, row.retention_months) == (False, "first", 24)
    assert client.get("/admin/crm/crmsettings/add/").status_code == 403
    assert client.post("/admin/crm/crmsettings/1/delete/").status_code == 403


def test_no_form_yet_teaches():
    text = logged_in().get("/admin/crm/leadform/").text

    assert "A lead form stands on your own website." in text
