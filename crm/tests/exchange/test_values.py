"""What a lead looks like on its way to Odoo, whatever was put into it."""

from __future__ import annotations

import re

import pytest

from crm.models import OdooSyncLog, OdooSyncRun, SyncKind
from crm.odoo import FieldInfo
from crm.services.odoo import lead_values
from crm.tests.exchange.support import comment_lead
from crm.tests.support import make_lead, sync

pytestmark = pytest.mark.django_db

HTML, PLAIN = FieldInfo("html"), FieldInfo("text")
DIRTY = "ok\x01\x0b\x7f\ud800 & <b>ñ</b>\n" + "ñ&" * 40_000


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_long_message_arrives_capped_clean_and_with_its_origin(odoo, connection):
    message = DIRTY.replace("\ud800", "")
    lead = comment_lead(message=message)

    sync(connection, SyncKind.EXPORT)

    (record,) = odoo.records("crm.lead")
    text = record["description"]
    assert 60_000 < len(text.encode()) < 66_000
    assert "\x01" not in text
    assert "ok &amp; &lt;b&gt;ñ&lt;/b&gt;<br>" in text
    assert "https://sandbox.example/c/1" in text
    assert f"/crm/lead/{lead.pk}/" in text


@pytest.mark.parametrize("info", [HTML, PLAIN])
def test_lone_surrogates_and_cut_characters_never_leave(info):
    lead = comment_lead()
    lead.message = DIRTY

    text = lead_values.description(lead, info)

    sent = text.encode("utf-8")
    assert len(sent) <= 65_536
    assert not any(mark in text for mark in ("\x01", "\x0b", "\x7f", "\ud800"))
    if info is HTML:
        assert re.findall(r"&(?!(?:amp|lt|gt|quot|#x27);)", text) == []
        assert text.count("<") == text.count("<br>") == text.count(">")


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_address_that_is_none_arrives_as_it_was_written(odoo, connection):
    make_lead(queued=True, email="ana at example", email_key="", name="  two\n lines ")

    sync(connection, SyncKind.EXPORT)

    (record,) = odoo.records("crm.lead")
    assert (record["email_from"], record["name"]) == ("ana at example", "two lines")


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_no_log_row_holds_a_secret_or_what_a_person_told(odoo, connection):
    told = {
        "name": "Zebra question",
        "contact_name": "Quirina Zapatera",
        "email": "quirina@zapatera.example",
        "phone": "+34 699 88 77 66",
        "company": "Zapatería Quirina",
        "message": "I live in Calle Zurbano",
    }
    lead = comment_lead(**told)
    odoo.fault("load", "serialize")
    sync(connection, SyncKind.EXPORT)
    lead.refresh_from_db()
    odoo.change("crm.lead", lead.odoo_id, phone="+34 611 22 33 44", partner_name="Otra Zapatería")
    type(lead).objects.filter(pk=lead.pk).update(contact_name="Quirina Z. Nueva")
    sync(connection, SyncKind.LEADS)
    odoo.settings(rights={"crm.lead": {"write": False}})
    type(lead).objects.filter(pk=lead.pk).update(email="nueva@zapatera.example")
    sync(connection, SyncKind.LEADS)

    rows = [str(row) for row in OdooSyncLog.objects.values()]
    rows += [str(row) for row in OdooSyncRun.objects.values()]

    assert len(OdooSyncLog.objects.filter(object_type="lead")) >= 4
    secrets = [*told.values(), "Quirina", "zapatera.example", "611 22 33 44", "standin-key"]
    secrets += ["Otra Zapatería", "Calle Zurbano"]
    for row in rows:
        assert [secret for secret in secrets if secret.lower() in row.lower()] == []
