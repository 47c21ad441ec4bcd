"""The board as a person uses it: keyboard, narrow screen, and what the calendar shows then."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from experiments.models import RecycledPost
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import account, rule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_candidate_goes_from_the_board_to_the_calendar(open_as, width, dark):
    on = account()
    for days in range(60, 64):
        shown(on, days, 5, 100)
    chosen = shown(on, 70, 40, 100, text="Bread is baked at dawn.", language="en")
    page = open_as("Marketer", width=width, dark=dark)
    page.goto("/admin/recycling/")
    expect(page.locator(".sh-lead")).to_have_text(re.compile("^5 posts may go out again"))
    expect(page.locator("#rc-preview")).to_contain_text("Without an active rule")

    # By keyboard: open, another wording, the next free slot.
    card = page.locator(f"#rc-card-{chosen.pk}")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Another wording").click()
    expect(card.get_by_role("status")).to_contain_text("Made without AI")
    expect(card.locator("textarea")).to_have_value(re.compile(r"\n+Bread is baked at dawn\."))
    card.locator("textarea").fill("Bread is baked at dawn.")
    card.get_by_role("button", name="Recycle now").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#sh-toasts")).to_contain_text("Goes out again on")
    expect(card).to_have_count(0)
    # The next card has the focus.
    assert page.evaluate("document.activeElement.closest('[data-sh-item]') !== null")
    expect(page.locator("#rc-preview")).to_contain_text("1 planned")
    assert _overflow(page) == 0

    made = RecycledPost.objects.get()
    page.goto(f"/admin/calendar/?date={made.publication.due_at:%Y-%m-%d}")
    chip = page.locator(f"#chip-{made.publication_id}")
    expect(chip.locator("[data-mark=recycled]")).to_be_visible()
    expect(chip).to_have_attribute("title", re.compile("recycled, repetition 1"))


def test_what_is_open_stays_open_and_the_filter_is_in_the_address(open_as):
    on = account()
    row = shown(on, 60, 5, 100, text="Only today half price", is_evergreen=False)
    shown(account(), 60, 5, 100, text="Something lasting")
    page = open_as("Marketer")
    page.goto("/admin/recycling/")
    page.locator("#rc-account").select_option(str(on.pk))
    expect(page).to_have_url(re.compile(f"account={on.pk}"))

    page.get_by_text("Looks bound to a date", exact=False).first.click()
    page.get_by_role("button", name="It is bound to a date").click()

    expect(page.locator("#sh-toasts")).to_contain_text("bound to a date")
    expect(page.locator("#rc-account")).to_have_value(str(on.pk))
    row.post.recycling.refresh_from_db()
    assert row.post.recycling.time_sensitive is True


def test_a_rule_says_what_it_would_take_while_it_is_written(open_as):
    on = account()
    shown(on, 65, 5, 100)
    shown(on, 70, 5, 100, text="Of the other kind", is_evergreen=False)
    row = rule(on)
    page = open_as("Marketer")
    page.goto(f"/admin/experiments/recyclingrule/{row.pk}/change/")
    now = page.locator("#rc-now")
    expect(now).to_contain_text("1 post would do")

    page.locator("[name=only_evergreen]").uncheck()
    expect(now).to_contain_text("2 posts would do")
    page.locator("[name=min_age_days]").fill("5")
    page.locator("[name=min_age_days]").blur()
    expect(now).to_contain_text("Cannot be counted yet")


def _overflow(page) -> int:
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
