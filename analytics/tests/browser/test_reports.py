"""A report in a real browser: the same numbers as the API, made, sent and taken away."""

from __future__ import annotations

import re

import pypdf
import pytest
from rest_framework.test import APIClient

from analytics.services.reports import making
from analytics.tests.reporting import MONDAY, NOW, Shop, two_weeks
from analytics.tests.telegram_standin import TOKEN
from analytics.tests.telegram_standin import telegram as telegram_server
from socialhub.tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/analytics/analyticsreport/"


@pytest.fixture
def shop(settings, tmp_path, transactional_db):
    settings.MEDIA_ROOT = tmp_path
    settings.CHROMIUM_PATH = "/nowhere/chromium"
    return Shop(setup_done=True)


@pytest.fixture
def report(shop):
    two_weeks(shop)
    return making.make("weekly", MONDAY, now=NOW)[0]


def numbers(page) -> dict[str, str]:
    """Label → value of the large figures."""
    labels = page.locator(".report-figures dt").all_inner_texts()
    values = page.locator(".report-figures dd:not(.report-change)").all_inner_texts()
    return dict(zip(labels, values, strict=True))


def test_the_page_shows_the_numbers_of_the_api(open_as, report):
    caller = APIClient()
    caller.force_authenticate(UserFactory(role="Analyst"))
    told = caller.get(f"/api/analytics/reports/{report.pk}/").json()

    page = open_as("Analyst")
    page.goto(f"{LIST}{report.pk}/change/")

    assert numbers(page) == {
        "Posts": str(told["total_posts"]),
        "Impressions of these posts": f"{told['total_impressions']:,}",
        "Engagements with these posts": str(told["total_engagements"]),
        "Engagement rate": f"{told['avg_engagement_rate']:.2f} %",
        "Engagement in these days": str(told["details"]["happened"]["engagements"]),
    }
    assert page.locator(".report-chart svg").count() == 3


def test_a_report_is_made_and_its_pdf_taken_away(open_as, shop, tmp_path):
    two_weeks(shop)
    page = open_as("Marketer")
    page.goto(LIST)
    page.goto(f"{LIST}add/")
    page.get_by_label("First day").fill("2026-03-02")
    page.get_by_role("button", name="Make the report").click()
    page.wait_for_url(re.compile(r"/\d+/change/"))

    page.get_by_role("link", name="PDF").click()
    page.wait_for_url(re.compile("job="))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download", exact=True).click()

    target = tmp_path / "taken.pdf"
    waiting.value.save_as(target)
    text = "".join(found.extract_text() for found in pypdf.PdfReader(target).pages)
    assert waiting.value.suggested_filename == "report-2026-03-02-weekly.pdf"
    assert "1,500" in text


def test_a_report_is_sent_and_what_failed_is_tried_again(open_as, shop, report, settings):
    shop.recipient(f"tgram://{TOKEN}/-5", name="Group")
    page = open_as("Marketer")
    with telegram_server() as bot:
        settings.TELEGRAM_API_BASE = bot.url
        page.goto(f"{LIST}{report.pk}/change/")
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_text("There is no such chat").wait_for()

        bot.chats.add("-5")
        page.get_by_role("button", name="Try again").click()
        page.locator("#report-deliveries .sh-status--sent").wait_for()

        assert len(bot.texts) == 1


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_it_without_scrolling_sideways(open_as, shop, report, dark):
    shop.recipient("ana@shop.example")
    page = open_as("Marketer", width=390, dark=dark)

    for address in (LIST, f"{LIST}add/", f"{LIST}{report.pk}/change/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_it_can_be_read_and_sent(open_as, shop, report):
    shop.recipient("ana@shop.example")
    page = open_as("Marketer", scripts=False)

    page.goto(f"{LIST}{report.pk}/change/")
    page.get_by_role("button", name="Send", exact=True).click()

    assert "1,500" in page.locator("article").inner_text()
    assert page.locator("#report-deliveries strong").inner_text() == "Ana"


def test_details_open_with_the_keyboard(open_as, report):
    page = open_as("Analyst")
    page.goto(f"{LIST}{report.pk}/change/")

    page.get_by_text("Day by day").focus()
    page.keyboard.press("Enter")

    assert page.get_by_role("cell", name="03/02/2026", exact=True).is_visible()
