"""The pages as a person uses them: one click to a lead, the live checklist, board, filters."""

from __future__ import annotations

import re
from threading import Thread

import pytest
from django.db import connections as databases
from playwright.sync_api import expect

from crm.models import Lead, OdooConnection, OdooStage
from crm.services import connections
from crm.tests.pages.rows import commented, offline, won
from crm.tests.support import BOT, BOT_KEY, make_lead, make_product
from socialhub.models import JobRun, Post
from socialhub.services import jobs
from socialhub.tests.factories import InteractionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("dark", [False, True])
def test_a_comment_becomes_a_lead_by_one_click(open_as, dark):
    row = InteractionFactory(author_handle="olga", text="How much for 20?")
    page = open_as("Marketer", width=390 if dark else 1280, dark=dark)
    page.goto(f"/admin/inbox/?i={row.pk}")

    page.get_by_role("button", name="Make lead").click()

    expect(page.get_by_text("This comment belongs to a lead")).to_be_visible()
    expect(page.locator("#sh-toasts")).to_contain_text("A new lead.")
    page.get_by_role("link", name="olga: How much for 20?").click()
    expect(page.get_by_role("heading", name="The story")).to_be_visible()
    expect(page.locator(".sh-life")).to_contain_text("How much for 20?")
    assert Lead.objects.count() == 1
    assert _overflow(page) == 0


def test_the_checklist_ticks_while_the_test_runs(open_as, odoo):
    page = open_as("Administrator")
    row = connections.create(
        None, url=odoo.url, database="odoo", login=BOT, key=BOT_KEY, name="Ours"
    )
    job = JobRun.objects.create(kind="odoo_test", arguments={"connection": row.pk})
    page.goto(f"/admin/crm/odooconnection/{row.pk}/change/")
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    expect(page.locator(".crm-check--waiting")).to_have_count(8)

    # A step that takes its time is seen while it runs.
    odoo.fault("authenticate", "slow", seconds=4)
    worker = Thread(target=_work, args=(job.pk,))
    worker.start()

    expect(page.locator(".crm-check--running")).to_contain_text("Database")
    expect(page.locator(".crm-check--ok").first).to_contain_text("The server answers.")
    expect(page.locator("#crm-live")).to_contain_text("Odoo 18.0, XML-RPC", timeout=20_000)
    worker.join()
    expect(page.locator(".crm-check--waiting")).to_have_count(0)
    assert OdooConnection.objects.get().state == "ready"


def _work(job_id) -> None:
    try:
        jobs.run(job_id)
    finally:
        databases.close_all()


def test_a_wrong_key_is_told_with_its_remedy(open_as, odoo):
    page = open_as("Administrator", width=390)
    page.goto("/admin/crm/odooconnection/add/")
    for name, value in (("url", odoo.url), ("database", "odoo"), ("login", BOT), ("key", "no")):
        page.locator(f"[name={name}]").fill(value)

    page.get_by_role("button", name="Save and test").click()

    expect(page.locator(".crm-check--failed")).to_contain_text("User and key")
    expect(page.locator(".crm-check--not_tried")).to_have_count(4)
    assert _overflow(page) == 0


def test_the_board_shows_all_stages_wide_and_one_when_narrow(open_as):
    connection = offline()
    new = OdooStage.objects.create(connection=connection, odoo_id=1, name="New", sequence=1)
    make_lead(name="There", state="linked", connection=connection, odoo_id=1, stage=new)
    won(connection, "178", 2, name="Bought")
    page = open_as()
    page.goto("/admin/crm/board/")
    expect(page.locator(".crm-column:visible")).to_have_count(4)

    page.set_viewport_size({"width": 390, "height": 900})
    expect(page.locator(".crm-column:visible")).to_have_count(1)
    expect(page.get_by_text("There", exact=True)).to_be_visible()
    page.locator("#crm-stage").select_option("won")

    expect(page).to_have_url(re.compile("stage=won"))
    expect(page.get_by_text("Bought")).to_be_visible()
    expect(page.get_by_text("There", exact=True)).to_be_hidden()
    assert _overflow(page) == 0


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_filters_of_the_funnel_page(open_as, width, dark):
    lead = won(offline(), "178", 1)
    commented()
    page = open_as("Marketer", width=width, dark=dark)
    page.goto("/admin/crm/")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator(".sh-lead")).to_have_text(re.compile("^2 leads"))

    page.locator("#crm-account").select_option(str(lead.account_id))

    expect(page).to_have_url(re.compile(f"account={lead.account_id}"))
    expect(page.locator(".sh-lead")).to_have_text(re.compile("^1 lead .*178.00"))
    expect(page.locator("#crm-posts tbody tr")).to_have_count(1)
    page.get_by_role("link", name="7 days").click()
    expect(page.locator("#crm-account")).to_have_value(str(lead.account_id))
    assert _overflow(page) == 0


def test_a_panel_that_cannot_be_read_offers_to_try_again(open_as):
    commented()
    page = open_as()
    page.route("**/admin/crm/panel/posts/**", lambda route: route.fulfill(status=500))
    page.goto("/admin/crm/")
    broken = page.locator("#crm-posts")
    expect(broken).to_contain_text("This panel could not be read.")
    expect(page.locator("#crm-funnel")).to_contain_text("Leads")

    page.unroute("**/admin/crm/panel/posts/**")
    broken.get_by_role("button", name="Try again").click()

    expect(page.locator("#crm-posts tbody tr")).to_have_count(1)
    page.troubles.clear()


def test_a_product_is_inserted_where_one_writes(open_as):
    row = make_product(name="Oil 500 ml", price="14.90", url="https://shop.example/oil")
    make_product(name="Vinegar")
    page = open_as()
    page.goto("/admin/socialhub/post/add/")
    page.locator("#composer-text").fill("Fresh today.")

    page.get_by_text("Insert product").click()
    page.locator("#crm-insert-search").fill("oil")
    expect(page.locator("#crm-insert-found button")).to_have_count(1)
    page.locator("#crm-insert-found button").click()

    expect(page.locator("#composer-text")).to_have_value("Fresh today.\n\nOil 500 ml\n\n€14.90")
    expect(page.locator("#composer-link")).to_have_value("https://shop.example/oil")
    expect(page.locator("#composer-text")).to_be_focused()
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#composer-text")).to_have_value(re.compile("Oil 500 ml"))
    assert list(row.posts.all()) == [Post.objects.get()]


def _overflow(page) -> int:
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
