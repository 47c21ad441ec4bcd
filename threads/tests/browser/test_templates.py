"""A template is edited while its picture changes, and a picture of it gets into a post."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from playwright.sync_api import expect

from socialhub import celery
from socialhub.models import JobRun, Post
from socialhub.services import jobs
from socialhub.tests.factories import AccountFactory
from threads.models import ImageTemplate
from threads.tests.pictures.conftest import _built_in, _no_renderer_is_left  # noqa: F401
from threads.tests.pictures.support import make_template
from threads.tests.template_pages.rows import ADD, GALLERY, RUNS, page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_the_picture_follows_the_code_and_gets_into_a_post(open_as):
    page = open_as("Marketer")
    template = make_template(page.person, alt_text="Offer: {{ title }}")
    AccountFactory()
    apps.get_model("crm.Product").objects.create(
        name="Chair", price="19.99", currency="EUR", tax_included=True
    )
    page.goto(page_of(template))
    picture = page.locator("#tpl-picture img")
    expect(picture).to_have_attribute("src", re.compile("/drawn/"))
    before = picture.get_attribute("src")

    # Tab indents; Esc, then Tab leaves the code.
    code = page.locator("#tpl-html")
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n<p>{{ nobody }}</p>")
    line = page.locator(".tpl-line")
    expect(line).to_be_visible()
    assert picture.get_attribute("src") == before
    line.click()
    assert page.evaluate("getSelection().toString()").strip() == "<p>{{ nobody }}</p>"
    page.keyboard.type("<b>New</b>")
    expect(picture).not_to_have_attribute("src", before)
    page.keyboard.press("Tab")
    expect(code).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(code).not_to_be_focused()
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    expect(page.locator(".tpl-versions li")).to_have_count(2)

    page.goto("/admin/socialhub/post/add/")
    page.fill("#composer-text", "What I wrote")
    page.get_by_text("Image from template").click()
    page.locator(".tpl-pick-list button").click()
    page.select_option("#pic-source", "product")
    page.fill("#pic-words", "Cha")
    page.locator("#pic-found button").click()
    expect(page.locator("#pic-title")).to_have_value("Chair")
    expect(page.locator("#pic-alt")).to_have_value("Offer: Chair")
    expect(page.locator("#pic-picture img")).to_be_visible()
    page.fill("#pic-title", "Chairs")
    expect(page.locator("#pic-alt")).to_have_value("Offer: Chairs")
    page.click("#pic-make")
    expect(page.locator(".sh-media textarea")).to_have_value("Offer: Chairs")
    expect(page.locator("#composer-text")).to_have_value("What I wrote")
    page.click("[data-save]")
    page.wait_for_url("**/change/**")

    post = Post.objects.get()
    shown = [asset.alt_text for asset in post.media.all()]
    assert (post.text, shown) == ("What I wrote", ["Offer: Chairs"])
    assert "<b>New</b>" in ImageTemplate.objects.get().html


def test_a_table_becomes_pictures_on_a_phone(open_as):
    page = open_as("Marketer", width=390, dark=True)
    template = make_template(page.person)
    widths = {}
    for address in (GALLERY, ADD, page_of(template), page_of(template, "use"), RUNS):
        page.goto(address)
        widths[address] = _overflow(page)
    assert widths == dict.fromkeys(widths, 0)

    page.goto(f"{RUNS}add/?template={template.pk}")
    content = b"What;price\nLamp;19.99\nTable;twelve\n"
    file = {"name": "rows.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("#bulk-file", file)
    page.select_option("#map-title", "What")
    page.get_by_role("button", name="Check the rows").click()
    # The file is still chosen after something was refused.
    expect(page.locator("#bulk-error")).to_contain_text("Say what the pictures show")
    page.fill("#bulk-alt", "{{ title }}")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_text("1 of 2 rows are right.")).to_be_visible()
    expect(page.get_by_text("“twelve” is no price.")).to_be_visible()
    page.get_by_role("button", name="Make 1 picture").click()

    expect(page.locator("img.tpl-thumb")).to_have_attribute("alt", "Lamp")
    assert _overflow(page) == 0


@pytest.fixture
def no_worker():
    """Jobs wait until the test does them."""
    celery.app.conf.task_always_eager = False
    yield
    celery.app.conf.task_always_eager = True


def test_the_fields_stay_while_the_picture_is_being_drawn(open_as, no_worker):
    page = open_as("Marketer")
    make_template(page.person)
    page.goto("/admin/socialhub/post/add/")
    page.get_by_text("Image from template").click()
    page.locator(".tpl-pick-list button").click()
    expect(page.locator("#pic-drawing")).to_contain_text("Drawing…")
    # It asked more than once meanwhile.
    with page.expect_response(re.compile("/pictures/drawn/")):
        pass

    jobs.run(JobRun.objects.get(kind="preview_template").pk)

    expect(page.locator("#pic-picture img")).to_be_visible()
    expect(page.locator("#pic-title")).to_be_visible()
