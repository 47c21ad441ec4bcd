"""Today, the calendar and the inbox as a person uses them: mouse, keyboard, narrow screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from socialhub.models import PublicationStatus
from socialhub.services import interactions
from socialhub.tests.factories import (
    InteractionFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
    organisation,
)

MADRID = ZoneInfo("Europe/Madrid")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FAILURES = {
    "no answer": lambda route: route.abort(),
    "503": lambda route: route.fulfill(status=503),
}


@pytest.fixture(autouse=True)
def shop(transactional_db):
    organisation(name="Shop", timezone="Europe/Madrid", setup_done=True)


def next_week(day=2, hour=9, minute=30):
    """A local time in the week after this one."""
    monday = timezone.localdate(timezone=MADRID)
    monday += timedelta(days=7 - monday.weekday())
    return datetime(monday.year, monday.month, monday.day, hour, minute, tzinfo=MADRID) + timedelta(
        days=day
    )


def planned(at, text="Fresh oil"):
    return PublicationFactory(post=PostFactory(approved=True, text=text), due_at=at)


def week_of(at):
    return f"/admin/calendar/?view=week&date={at:%Y-%m-%d}"


def due(publication):
    publication.refresh_from_db()
    return publication.due_at


def chip(page, publication):
    return page.locator(f"#chip-{publication.pk}")


# -- calendar -----------------------------------------------------------------------------


def test_a_chip_is_dragged_to_another_hour(page):
    at = next_week()
    publication = planned(at)
    page.goto(week_of(at))

    target = at + timedelta(days=1, hours=2)
    chip(page, publication).drag_to(page.locator(f"[data-hour='{target:%Y-%m-%dT%H}:00']"))

    expect(page.locator(".sh-toast")).to_contain_text("Moved to")
    assert due(publication) == target


def test_a_chip_is_dragged_to_another_day_and_keeps_its_time(page):
    at = next_week()
    publication = planned(at)
    page.goto(f"/admin/calendar/?date={at:%Y-%m-%d}")

    target = at + timedelta(days=2)
    chip(page, publication).drag_to(page.locator(f"[data-day='{target:%Y-%m-%d}']"))

    expect(page.locator(".sh-toast")).to_contain_text("Moved to")
    assert due(publication) == target


def test_a_refused_drag_goes_back(page):
    at = next_week()
    publication = planned(at)
    page.goto(week_of(at))
    # Published by the worker while the page was open.
    type(publication).objects.filter(pk=publication.pk).update(
        status=PublicationStatus.PUBLISHED, remote_id="x", published_at=timezone.now()
    )

    target = at + timedelta(days=1)
    chip(page, publication).drag_to(page.locator(f"[data-hour='{target:%Y-%m-%dT%H}:00']"))

    expect(page.locator(".sh-toast--error")).to_contain_text("this cannot be done")
    expect(page.locator(f"[data-hour='{at:%Y-%m-%dT%H}:00']")).to_contain_text("Fresh oil")
    assert due(publication) == at


def test_a_chip_is_moved_by_keyboard(page):
    at = next_week()
    publication = planned(at)
    page.goto(week_of(at))

    chip(page, publication).focus()
    for key in ("Space", "ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    target = at + timedelta(days=1, hours=2)
    expect(page.locator(f"[data-hour='{target:%Y-%m-%dT%H}:00']")).to_contain_text("11:30")
    assert due(publication) == at
    page.keyboard.press("Enter")

    expect(page.locator(".sh-toast")).to_contain_text("Moved to")
    assert due(publication) == target
    # The focus stays on it, so that the arrows go on.
    assert page.evaluate("document.activeElement.id") == f"chip-{publication.pk}"


@pytest.mark.parametrize("leave", ["Escape", "Tab"])
def test_a_chip_that_is_let_go_returns(page, leave):
    at = next_week()
    publication = planned(at)
    page.goto(week_of(at))

    chip(page, publication).focus()
    for key in ("Space", "ArrowRight", leave):
        page.keyboard.press(key)

    expect(page.locator(f"[data-hour='{at:%Y-%m-%dT%H}:00']")).to_contain_text("09:30")
    assert due(publication) == at


def test_a_click_on_a_free_hour_starts_a_post_for_it(page):
    at = next_week(hour=15, minute=0)
    page.goto(week_of(at))

    page.locator(f"[data-hour='{at:%Y-%m-%dT%H}:00']").click()

    expect(page.locator("#composer-due")).to_have_value(f"{at:%Y-%m-%dT%H:%M}")


@pytest.mark.parametrize("failure", ["no answer", "503"])
def test_a_failing_server_moves_nothing(page, failure):
    at = next_week()
    publication = planned(at)
    page.goto(week_of(at))
    page.route("**/admin/calendar/move/", FAILURES[failure])

    chip(page, publication).focus()
    for key in ("Space", "ArrowRight", "Enter"):
        page.keyboard.press(key)

    expect(page.locator(".sh-toast--error").last).to_contain_text("Nothing was moved")
    expect(page.locator(f"[data-hour='{at:%Y-%m-%dT%H}:00']")).to_contain_text("09:30")
    assert due(publication) == at
    page.troubles.clear()


@pytest.mark.parametrize("view", ["month", "week"])
def test_the_calendar_is_a_list_on_a_phone(open_as, view):
    at = next_week()
    publication = planned(at)
    page = open_as("Marketer", width=390)
    page.goto(f"/admin/calendar/?view={view}&date={at:%Y-%m-%d}")

    box = chip(page, publication).bounding_box()

    assert box["width"] > 250
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # Days without anything take no room.
    assert page.locator(".is-empty:not(.is-today)").first.is_hidden()


# -- Today ----------------------------------------------------------------------------------


def test_a_button_of_today_acts_in_place(page):
    for text in ("First trouble", "Second trouble"):
        PublicationFactory(
            post=PostFactory(approved=True, text=text),
            status=PublicationStatus.FAILED,
            error_code="permission",
        )
    page.goto("/admin/")

    expect(page.locator(".sh-lead")).to_contain_text("2 need you.")
    page.get_by_role("button", name="Try again").first.click()

    expect(page.locator(".sh-lead")).to_contain_text("1 needs you.")
    expect(page.locator(".sh-toast")).to_contain_text("sent again")
    # The keyboard goes on with the next one.
    assert page.evaluate("document.activeElement.textContent.trim()") == "Try again"


def test_the_keys_of_every_page(page):
    page.goto("/admin/")
    page.keyboard.press("/")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("n")
    assert page.url.endswith("/admin/")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    page.locator(".sh-lead").click()
    page.keyboard.press("n")

    page.wait_for_url("**/admin/socialhub/post/add/")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "path", ["", "calendar/", "inbox/", "system/", "first-steps/", "preferences/"]
)
def test_every_page_fits_and_is_quiet(open_as, path, width, dark):
    planned(timezone.now())
    InteractionFactory(text="A" * 200)
    page = open_as("Administrator", width=width, dark=dark)

    page.goto(f"/admin/{path}")
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


# -- inbox ------------------------------------------------------------------------------------


def test_a_comment_is_answered(page):
    comment = InteractionFactory(text="How much?")
    page.goto("/admin/inbox/")
    # With room for it, the first conversation is open already.
    box = page.locator("#sh-reply-text")
    box.fill("Ten euros")

    expect(page.locator("#sh-count")).to_contain_text("9 / 500")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#sh-answers")).to_contain_text("Ten euros")
    expect(page.locator("#sh-answers")).to_contain_text("scheduled")
    publication = comment.publications.get()
    # What becomes of it appears without a reload.
    type(publication).objects.filter(pk=publication.pk).update(
        status=PublicationStatus.PUBLISHED, remote_id="answer", published_at=timezone.now()
    )
    expect(page.locator("#sh-answers")).to_contain_text("published")


def test_typing_tells_the_others(page, open_as):
    InteractionFactory()
    page.goto("/admin/inbox/")
    page.locator("#sh-reply-text").press_sequentially("Hm")

    other = open_as("Marketer")
    other.goto("/admin/inbox/")

    expect(other.locator("#sh-answering")).to_contain_text(f"{page.person.username} is answering.")


def test_a_refusal_keeps_what_was_typed(page):
    comment = InteractionFactory()
    page.goto("/admin/inbox/")
    page.locator("#sh-reply-text").fill("My answer")
    # A colleague was faster.
    interactions.reply(comment, UserFactory(role="Marketer"), "Theirs")

    page.get_by_role("button", name="Answer", exact=True).click()

    expect(page.locator(".sh-toast--error")).to_contain_text("on its way already")
    expect(page.locator("#sh-reply-text")).to_have_value("My answer")


def test_the_inbox_is_one_column_on_a_phone(open_as):
    InteractionFactory(text="How much?")
    page = open_as("Marketer", width=390)
    page.goto("/admin/inbox/")
    expect(page.locator(".sh-talk")).to_have_count(0)

    page.locator("[data-inbox-row]").click()

    expect(page.locator(".sh-talk")).to_be_visible()
    expect(page.locator("#sh-inbox-list")).to_be_hidden()
    page.get_by_text("All comments").click()
    expect(page.locator("#sh-inbox-list")).to_be_visible()
