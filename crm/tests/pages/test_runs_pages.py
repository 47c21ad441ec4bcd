"""Runs, log, and "why is this lead not in Odoo"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import OdooSyncLog, OdooSyncRun
from crm.tests.pages.rows import logged_in, offline, words
from crm.tests.support import make_lead

pytestmark = pytest.mark.django_db


def ended(connection, **fields):
    now = timezone.now()
    values = {
        "kind": "leads",
        "direction": "both",
        "state": "done",
        "started_at": now - timedelta(seconds=130),
        "finished_at": now,
        "created": 3,
        "requests": 4,
    }
    return OdooSyncRun.objects.create(connection=connection, **{**values, **fields})


def line(run, **fields):
    values = {"direction": "in", "object_type": "lead", "operation": "update", "outcome": "ok"}
    return OdooSyncLog.objects.create(run=run, connection=run.connection, **{**values, **fields})


def test_a_run_shows_its_counts_and_lines():
    run = ended(offline())
    line(run, object_id=7, changes={"stage_name": ["New", "Won"], "email": "changed"})
    line(run, object_id=8, outcome="failed", message="Wrong value for phone", attempt=3)

    text = words(logged_in().get(f"/admin/crm/odoosyncrun/{run.pk}/change/").text)

    assert "3 created · 0 updated · 0 unchanged · 4 requests" in text
    assert "took 2 min 10 s" in text and "Started by the clock" in text
    assert "email: changed · stage_name: New → Won" in text
    assert "update try 3" in text and "Wrong value for phone" in text


def test_lines_are_narrowed_by_outcome():
    run = ended(offline())
    line(run, object_id=7, message="As it was")
    line(run, object_id=8, outcome="failed", message="Wrong value")
    client = logged_in()

    text = client.get(f"/admin/crm/odoosyncrun/{run.pk}/change/?outcome=failed").text

    assert "Wrong value" in text and "As it was" not in text
    odd = client.get(f"/admin/crm/odoosyncrun/{run.pk}/change/?outcome=x&page=y")
    assert "As it was" in odd.text


def test_a_run_under_way_is_followed_until_it_ends():
    run = ended(offline(), state="running", finished_at=None, total=10, done=5)
    client, live = logged_in(), f"/admin/crm/odoosyncrun/{run.pk}/live/"

    going = client.get(live)
    OdooSyncRun.objects.update(state="done", finished_at=timezone.now())
    over = client.get(live)

    assert 'hx-trigger="every 2s"' in going.text and "HX-Refresh" not in going
    assert over["HX-Refresh"] == "true" and "every 2s" not in over.text


def test_an_interrupted_run_says_that_nothing_is_sent_twice():
    run = ended(offline(), state="interrupted", error="Odoo cannot be reached.")

    text = words(logged_in().get(f"/admin/crm/odoosyncrun/{run.pk}/change/").text)

    assert "Odoo cannot be reached." in text
    assert "The next run goes on from there; nothing is sent twice." in text


def test_runs_and_log_cannot_be_written():
    run = ended(offline())
    row = line(run, object_id=7)
    client = logged_in("Administrator")

    for path in ("odoosyncrun", "odoosynclog"):
        assert client.get(f"/admin/crm/{path}/add/").status_code == 403
    assert client.post(f"/admin/crm/odoosyncrun/{run.pk}/delete/").status_code == 403
    assert client.post(f"/admin/crm/odoosynclog/{row.pk}/change/", {}).status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("object_type=lead&object_id=7", ["mine"]),
        ("object_type=product", ["other"]),
        ("outcome__exact=failed", ["other"]),
        ("object_id=x", []),
        ("object_id=99999999999999999999", []),
        ("q=mine", ["mine"]),
        ("", ["mine", "other"]),
    ],
)
def test_the_log_is_narrowed(query, shown):
    run = ended(offline())
    line(run, object_id=7, message="mine")
    line(run, object_type="product", object_id=8, outcome="failed", message="other")

    text = logged_in().get(f"/admin/crm/odoosynclog/?{query}").text

    assert [name for name in ("mine", "other") if f">{name}<" in text] == shown


@pytest.mark.parametrize("text", ["olga", "Olga Person", "OLGA@example.org", "{pk}", "4711"])
def test_why_answers_by_name_mail_and_number(text):
    offline(state="paused", paused_reason="Wrong key.")
    lead = make_lead(
        name="Inquiry of Olga Person",
        email="olga@example.org",
        state="parked",
        park_code="x",
        park_reason="No such team.",
        odoo_id=4711,
    )
    make_lead(name="Somebody else", email="else@example.org")

    response = logged_in().get("/admin/crm/why/", {"q": text.format(pk=lead.pk)})

    found = words(response.text)
    assert "the last exchange failed: No such team." in found
    assert "Put right what is named here or in Odoo, then try again." in found
    assert "Somebody else" not in found


def test_why_as_a_fragment_and_without_words():
    client = logged_in()

    part = client.get("/admin/crm/why/?q=nobody", headers={"hx-request": "true"}).text
    empty = client.get("/admin/crm/why/?q=").text

    assert "<html" not in part and "No lead has this name" in part
    assert "No lead has this name" not in empty
