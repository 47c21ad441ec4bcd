"""Importing a file of posts with the keyboard, on a phone and in the dark."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from socialhub.models import Post, PostImport
from socialhub.tests.factories import AccountFactory, organisation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/socialhub/postimport/add/"


@pytest.fixture(autouse=True)
def shop(transactional_db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    organisation(name="Shop", timezone="Europe/Madrid", setup_done=True)
    return AccountFactory(handle="@shop")


def file(text, name="june.csv"):
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


FILE = file(
    "text;accounts;date;time\n"
    "The new oil;@shop;03/06/2027;9:30\n"
    "A very long name;@" + "nobody" * 40 + ";2027-06-04;9:30\n"
)


def test_a_file_is_checked_asked_about_and_imported(page, shop):
    page.goto("/admin/socialhub/post/")
    page.click("text=Import from a file")
    page.locator("#content").get_by_text("Import posts").first.click()
    page.set_input_files("#import-file", FILE)
    page.get_by_role("button", name="Check the file").press("Enter")

    expect(page.get_by_text("2 rows have 2 problems.")).to_be_visible()
    page.get_by_role("button", name="The day: 03/12").press("Enter")
    expect(page.get_by_text("1 row is ready. 1 row has 1 problem.")).to_be_visible()
    page.get_by_role("button", name="Import only the 1 good row").press("Enter")

    expect(page.get_by_text("1 draft is made.")).to_be_visible()
    page.click("section[aria-labelledby='import-made'] a")
    expect(page.locator("#composer-text")).to_have_value("The new oil")
    post = Post.objects.get()
    assert (post.status, post.planned_at.isoformat()) == ("draft", "2027-06-03T07:30:00+00:00")


def test_a_file_that_is_none_stays_on_the_page(page):
    page.goto(ADD)
    page.set_input_files("#import-file", file(""))
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_role("alert")).to_contain_text("The file is empty.")
    assert not PostImport.objects.exists()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits(open_as, width, dark):
    page = open_as("Marketer", width=width, dark=dark)
    page.goto(ADD)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_input_files("#import-file", FILE)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#problems")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(reverse("admin:socialhub_postimport_changelist"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_it_works_too(open_as):
    page = open_as("Marketer", scripts=False)
    page.goto(ADD)
    page.set_input_files("#import-file", file("text,accounts\nHello,@shop\n"))
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 1 row").click()

    expect(page.get_by_text("1 draft is made.")).to_be_visible()
