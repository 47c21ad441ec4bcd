"""Connecting Odoo, the checklist, and a connection's buttons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import ConnectionState, OdooConnection, OdooCredential, OdooSyncRun
from crm.services.checklist import STEPS
from crm.tests.pages.rows import logged_in, offline, said, words
from crm.tests.support import BOT, BOT_KEY, make_lead
from crm.views import connections as pages
from socialhub.models import JobRun
from socialhub.services import jobs

pytestmark = pytest.mark.django_db

ENTERED = {
    "url": "https://company.example/web#menu_id=3",
    "database": "company",
    "login": "bot@company.example",
    "key": "very-secret",
    "name": "Odoo",
    "lead_type": "opportunity",
    "prices_include_tax": "unknown",
}


def page(row, role="Administrator"):
    return logged_in(role).get(f"/admin/crm/odooconnection/{row.pk}/change/")


def press(client, row, verb, **headers):
    return client.post(f"/admin/crm/odooconnection/{row.pk}/do/{verb}/", headers=headers)


def test_connecting_says_what_is_needed_in_odoo():
    text = logged_in("Administrator").get("/admin/crm/odooconnection/add/").text

    for part in ("Custom pricing plan", "named SocialHub", "Sales / User: All Documents"):
        assert part in text


def test_what_is_entered_is_stored_and_tested():
    client = logged_in("Administrator")

    response = client.post("/admin/crm/odooconnection/add/", ENTERED)

    row = OdooConnection.objects.get()
    assert response["Location"] == f"/admin/crm/odooconnection/{row.pk}/change/"
    assert (row.url, row.is_active, row.state) == ("https://company.example", True, "untested")
    assert OdooCredential.objects.get().key == "very-secret"
    job = JobRun.objects.get()
    assert (job.kind, job.arguments) == ("odoo_test", {"connection": row.pk})


def test_a_wrong_address_stays_in_the_form():
    response = logged_in("Administrator").post(
        "/admin/crm/odooconnection/add/", {**ENTERED, "url": "ftp://company.example"}
    )

    assert response.status_code == 400
    assert "must begin with https://" in response.text
    assert 'value="ftp://company.example"' in response.text
    assert "very-secret" not in response.text
    assert not OdooConnection.objects.exists()


def test_the_key_is_never_shown():
    row = offline()
    OdooCredential.objects.create(connection=row, key="very-secret")

    assert "very-secret" not in page(row).text


def test_every_step_of_the_checklist_has_a_name():
    assert list(pages.STEPS) == list(STEPS)


def test_while_the_test_waits_and_runs_the_page_asks_every_second():
    row = offline(state="untested", version="", transport="")
    job = JobRun.objects.create(kind="odoo_test", arguments={"connection": row.pk})
    client = logged_in("Administrator")
    live = f"/admin/crm/odooconnection/{row.pk}/live/"

    waiting = client.get(live).text
    assert 'hx-trigger="every 1s"' in waiting and "Waiting for the worker" in waiting
    assert waiting.count("crm-check--waiting") == len(STEPS)

    JobRun.objects.filter(pk=job.pk).update(state="running")
    OdooConnection.objects.filter(pk=row.pk).update(
        checks=[
            {"code": "reachable", "ok": True, "state": "ok", "message": "The server answers."},
            {"code": "is_odoo", "ok": False, "state": "running", "message": ""},
        ]
    )
    running = client.get(live).text
    assert 'hx-trigger="every 1s"' in running and "The server answers." in running
    assert running.count("crm-check--waiting") == len(STEPS) - 2

    JobRun.objects.filter(pk=job.pk).update(state="done")
    assert "every 1s" not in client.get(live).text


def test_a_failed_step_shows_its_remedy_and_the_offered_address():
    check = {
        "code": "reachable",
        "ok": False,
        "state": "failed",
        "message": "It leads elsewhere.",
        "remedy": "Use the address it leads to.",
        "url": "https://other.example",
    }
    row = offline(state="incomplete", checks=[check])
    client = logged_in("Administrator")

    text = words(client.get(f"/admin/crm/odooconnection/{row.pk}/change/").text)
    press(client, row, "address")

    assert "It leads elsewhere. Use the address it leads to. Use https://other.example" in text
    row.refresh_from_db()
    assert row.url == "https://other.example"
    assert JobRun.objects.get().kind == "odoo_test"


def test_a_ready_connection_says_so_in_one_line():
    row = offline(key_expires_at=timezone.now() + timedelta(days=30, minutes=1))
    OdooSyncRun.objects.create(
        connection=row,
        kind="leads",
        direction="both",
        state="done",
        finished_at=timezone.now() - timedelta(minutes=4),
    )

    text = words(page(row).text)

    assert "Odoo 18.0, XML-RPC; last sync 4 minutes ago; the key ends in 30 days." in text


def test_a_paused_connection_says_why_and_goes_on():
    row = offline(state="paused", paused_reason="Odoo refuses the login or the API key.")
    client = logged_in("Administrator")

    text = words(client.get(f"/admin/crm/odooconnection/{row.pk}/change/").text)
    press(client, row, "resume")

    assert "The connection is paused: Odoo refuses the login or the API key." in text
    row.refresh_from_db()
    assert row.state == ConnectionState.READY


def test_setting_aside_and_taking_into_use():
    row, client = offline(), logged_in("Administrator")

    press(client, row, "set-aside")
    row.refresh_from_db()
    assert not row.is_active
    offline(name="Other")
    response = client.post(f"/admin/crm/odooconnection/{row.pk}/do/activate/", follow=True)
    assert said(response)[-1] == "Another connection is in use. Put that one aside first."


@pytest.mark.parametrize("verb", ["test", "activate", "set-aside", "resume", "address"])
def test_a_marketer_changes_no_connection(verb):
    row = offline(checks=[{"code": "reachable", "url": "https://evil.example"}])

    press(logged_in("Marketer"), row, verb)

    after = OdooConnection.objects.get()
    assert (after.url, after.is_active, JobRun.objects.count()) == (row.url, True, 0)
    assert "Test the connection" not in page(row, "Marketer").text


@pytest.mark.parametrize(
    "kind", ["all", "export", "leads", "revenue", "products", "services", "scan"]
)
def test_a_marketer_syncs_now(kind):
    row, client = offline(), logged_in("Marketer")
    assert f'value="{kind}"' in page(row, "Marketer").text

    response = client.post(
        f"/admin/crm/odooconnection/{row.pk}/sync/",
        {"kind": kind},
        headers={"hx-request": "true"},
    )

    run = OdooSyncRun.objects.get()
    assert (run.kind, run.started_by) == (kind, client.user)
    assert "Starts as soon as the worker is free." in response.text
    assert 'hx-trigger="every 2s"' in response.text


def test_what_cannot_be_synced_says_why():
    row = offline(state="paused", paused_reason="Wrong key.")

    response = logged_in().post(
        f"/admin/crm/odooconnection/{row.pk}/sync/",
        {"kind": "all"},
        headers={"hx-request": "true"},
    )

    assert "The connection is paused: Wrong key." in response["HX-Trigger"]
    assert not OdooSyncRun.objects.exists()


def test_an_unknown_kind_does_not_exist():
    row = offline()

    response = logged_in().post(f"/admin/crm/odooconnection/{row.pk}/sync/", {"kind": "x"})

    assert response.status_code == 404


def test_a_run_under_way_shows_counts_and_time_left():
    row = offline()
    now = timezone.now()
    OdooSyncRun.objects.create(
        connection=row,
        kind="products",
        direction="in",
        state="running",
        started_at=now - timedelta(seconds=100),
        beat_at=now,
        total=1500,
        done=1000,
        created=990,
        updated=10,
    )

    text = words(page(row).text)

    assert "about 50 seconds left" in text
    assert "1,000 / 1,500" in text and "990 created · 10 updated" in text


def test_who_may_change_what_is_shown():
    text = words(page(offline()).text)

    assert "Both may change it; if both did, a person chooses contact, e-mail, phone" in text


def test_a_change_of_what_it_connects_to_tests_again():
    row, client = offline(), logged_in("Administrator")
    data = {**ENTERED, "url": "https://new.example", "key": ""}

    client.post(f"/admin/crm/odooconnection/{row.pk}/change/", data)

    row.refresh_from_db()
    assert (row.url, row.state, JobRun.objects.count()) == ("https://new.example", "untested", 1)


def test_another_name_needs_no_test():
    row, client = offline(login="bot"), logged_in("Administrator")
    data = {**ENTERED, "url": row.url, "database": row.database, "login": "bot", "key": ""}

    client.post(f"/admin/crm/odooconnection/{row.pk}/change/", {**data, "name": "Sales"})

    row.refresh_from_db()
    assert (row.name, row.state, JobRun.objects.count()) == ("Sales", "ready", 0)


def test_another_database_is_refused_beside_the_field():
    row, client = offline(), logged_in("Administrator")
    make_lead(connection=row, odoo_id=3, state="linked")

    response = client.post(
        f"/admin/crm/odooconnection/{row.pk}/change/", {**ENTERED, "key": "", "url": row.url}
    )

    assert response.status_code == 400
    assert "Make another connection for the other database." in response.text


def test_the_whole_way_with_a_real_server(odoo):
    """From the form to a green checklist; the test runs as the worker does it."""
    client = logged_in("Administrator")
    data = {**ENTERED, "url": odoo.url, "database": "odoo", "login": BOT, "key": BOT_KEY}
    client.post("/admin/crm/odooconnection/add/", data)

    jobs.run(JobRun.objects.get().pk)

    row = OdooConnection.objects.get()
    text = client.get(f"/admin/crm/odooconnection/{row.pk}/change/").text
    assert row.state == ConnectionState.READY
    assert "Odoo 18.0, XML-RPC; never synced" in words(text)
    good = text.count("crm-check--ok") + text.count("crm-check--warning")
    assert good == len(STEPS)


def test_without_a_connection_the_list_teaches():
    text = logged_in("Administrator").get("/admin/crm/odooconnection/").text

    assert "Connect your Odoo, 16 or later" in text
    assert 'href="/admin/crm/odooconnection/add/"' in text
    assert "An administrator can connect it." in logged_in().get("/admin/crm/odooconnection/").text


def test_two_connections_are_listed():
    offline(name="One")
    offline(name="Two", is_active=False)

    text = logged_in("Administrator").get("/admin/crm/odooconnection/").text

    assert "One" in text and "Two" in text and "not in use" in text
