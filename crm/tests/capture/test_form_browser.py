"""The form in a real browser: on its own page, and in somebody else's."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crm.models import Lead, LeadForm
from crm.tests.capture.rows import tracked_link
from socialhub.tests.factories import PublicationFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def website(snippet: str):
    """A site on another port: another origin."""
    body = f"<!DOCTYPE html><title>Shop</title><h1>Shop</h1>{snippet}".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def open_at(browser):
    contexts = []

    def make(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    yield make
    for context in contexts:
        context.close()


def fill(where) -> None:
    where.get_by_label("Name").fill("Ana")
    where.get_by_label("E-mail").fill("ana@shop.example")
    where.get_by_label("Message").fill("How much?")
    where.get_by_role("checkbox").check()
    where.get_by_role("button", name="Send").click()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("dark", [True, False])
def test_on_a_phone_by_day_and_by_night(live_server, open_at, scripts, dark):
    form = LeadForm.objects.create(name="Contact", heading="Write to us", consent_text="I agree.")
    page = open_at(
        viewport={"width": 390, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    page.goto(f"{live_server.url}/lead-forms/{form.key}/")

    width = page.locator("html").bounding_box()["width"]
    widest = max(box["width"] for box in boxes(page))
    fill(page)
    page.get_by_text("Thank you.").wait_for()

    assert (width, widest <= 390) == (390, True)
    assert Lead.objects.get().consent_text == "I agree."


def boxes(page) -> list[dict]:
    found = [item.bounding_box() for item in page.locator("main, main *").all()]
    return [box for box in found if box]


def test_in_another_website_the_link_is_remembered(live_server, open_at):
    publication = PublicationFactory(published=True)
    tracked_link(slug="chairs", publication=publication)
    form = LeadForm.objects.create(name="Contact", consent_text="I agree.")
    snippet = f'<script src="{live_server.url}/lead-forms/{form.key}.js" async></script>'
    with website(f'<div id="here">{snippet}</div>') as shop:
        LeadForm.objects.update(sites=[shop])
        page = open_at(viewport={"width": 390, "height": 800})
        page.goto(f"{shop}/?sh_l=chairs")
        frame = page.frame_locator("#here iframe")
        fill(frame)
        frame.get_by_text("Thank you.").wait_for()
        # The frame is as high as what it shows.
        page.wait_for_function("document.querySelector('iframe').offsetHeight < 300")

    lead = Lead.objects.get()
    assert (lead.publication, lead.source) == (publication, "link")


def test_a_site_that_is_not_listed_shows_nothing(live_server, open_at):
    form = LeadForm.objects.create(name="Contact", sites=["https://shop.example"])
    snippet = f'<script src="{live_server.url}/lead-forms/{form.key}.js" async></script>'
    with website(snippet) as shop:
        page = open_at()
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.goto(shop)

        assert page.frame_locator("iframe").get_by_label("Name").count() == 0
