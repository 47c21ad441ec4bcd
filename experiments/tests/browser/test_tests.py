"""A test from a post to its start, a planner that moves, and counts that are pasted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from experiments.models import ABTest
from experiments.tests.factories import running, slots
from experiments.tests.pages.rows import history, looked, page_of
from socialhub.tests.factories import AccountFactory, PostFactory, PublicationFactory, organisation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_a_post_becomes_a_test_and_starts(open_as):
    organisation(self_approval=True)
    account = slots(AccountFactory())
    post = PostFactory(text="Come in, we are open.")
    PublicationFactory(post=post, account=account)
    page = open_as("Administrator")
    page.goto(f"/admin/socialhub/post/{post.pk}/change/")

    page.get_by_role("button", name="A/B test this").click()
    expect(page.locator("#variant-1-text")).to_have_value("Come in, we are open.")
    page.fill("#variant-1-text", "Open today: come and look!")
    page.locator("#ab-variants").get_by_text("26 / 500").wait_for()
    page.get_by_role("button", name="One more variant").click()
    expect(page.locator("#variant-2-text")).to_be_focused()
    expect(page.locator("#variant-1-text")).to_have_value("Open today: come and look!")
    page.get_by_role("button", name="Remove C").click()
    expect(page.locator("#variant-2-text")).to_have_count(0)
    page.fill("#ab-size", "4")
    page.get_by_role("button", name="Approve and start").click()

    expect(page.get_by_text("Not decided yet").or_(page.get_by_text("Running."))).to_be_visible()
    expect(page.locator(".ab-block")).to_have_count(4)
    test = ABTest.objects.get()
    assert (test.state, test.publications.count()) == ("running", 8)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_answer_moves_with_the_sliders(open_as, width, dark):
    account = slots(AccountFactory())
    history(account)
    page = open_as("Marketer", width=width, dark=dark)
    page.goto("/admin/experiments/planner/")
    answer = page.locator("#ab-answer")
    expect(answer).to_contain_text("To find +20")

    page.locator("#ab-effect").focus()
    for _n in range(60):
        page.keyboard.press("ArrowRight")
    expect(page.locator("output[for=ab-effect]")).to_have_text("+80 %")
    expect(answer).to_contain_text("To find +80")
    page.locator("#ab-number").focus()
    page.keyboard.press("ArrowRight")

    expect(page.locator("output[for=ab-number]")).to_have_text("3")
    assert "effect=80" in page.url
    assert _overflow(page) == 0


def test_pasted_counts_are_judged_without_leaving_the_page(open_as):
    page = open_as("Analyst", width=390)
    page.goto("/admin/experiments/calculator/")

    page.get_by_text("Paste from a spreadsheet").click()
    page.fill("#ab-pasted", "name\tclicks\timpressions\nPlain\t120\t4000\nBold\t165\t4050")
    page.get_by_role("button", name="Calculate").click()
    expect(page.locator(".ab-headline")).to_contain_text("Bold wins: 36")
    expect(page.get_by_label("Reactions of Bold")).to_have_value("165")
    page.get_by_label("Reactions of Bold").fill("9000")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".ab-row-error")).to_contain_text("Bold has more engagements")
    expect(page.get_by_label("Reactions of Bold")).to_have_value("9000")
    assert _overflow(page) == 0


def test_every_figure_opens_by_keyboard(open_as):
    test = running()
    looked(test, [[412, 15210], [530, 15890]], blocks_done=2)
    page = open_as("Analyst", width=390, dark=True)
    page.goto(page_of(test))

    page.locator("summary", has_text="Every figure").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#ab-figures")).to_contain_text("15,890")
    assert _overflow(page) == 0
