"""A series from a text to the network's feed, and its editor by keyboard and mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from socialhub.tests.factories import AccountFactory, organisation
from socialhub.tests.support.workers import wait_for
from threads.models import ThreadSeries
from threads.tests.factories import make_series
from threads.tests.pages.rows import ADD, page_of, texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "\n\n".join(
    [
        "Chairs are older than tables. " * 14,
        "The word means a seat of power. " * 14,
        "Which one do you sit on now? " * 14,
    ]
)


def numbers(page):
    return page.locator("#ts-parts .ts-number").all_inner_texts()


def starts(page):
    return [box.input_value()[:8] for box in page.locator(".ts-part > * > .sh-text-input").all()]


@pytest.mark.stack
@pytest.mark.thorough
def test_a_text_becomes_a_series_that_is_seen_on_the_feed_as_a_chain(open_as, sandbox, crew):
    organisation(self_approval=True, setup_done=True)
    account = AccountFactory(handle="acme", server_url=sandbox.base_url)
    sandbox.act("GET", "/api/session", account.handle)
    crew.worker("publish,sync")
    crew.ticker()
    page = open_as("Administrator")
    page.set_default_timeout(40_000)
    page.goto(f"{ADD}?account={account.pk}")

    # From a text to proposals, and into the form on a click.
    page.click("#ts-write > summary")
    page.fill("#ts-write-text", TEXT)
    page.click("text=Propose parts")
    expect(page.locator("#ts-proposals")).to_contain_text("made without AI", timeout=40_000)
    proposed = page.locator("[data-proposal]").all_inner_texts()
    assert len(proposed) == 3 and starts(page) == [""]
    page.click("text=Use these parts")
    assert starts(page) == [text[:8] for text in proposed]

    # Edited, and the last part moved to the front without a mouse.
    page.fill("#ts-name", "Chairs")
    page.fill("#ts-closing", "Tell us!")
    last = page.locator(".ts-part").nth(2).locator(".sh-text-input").first
    last.fill("Why do we sit?")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".ts-part").first.locator(".sh-text-input").first).to_be_focused()
    assert (numbers(page), starts(page)[0]) == (["1", "2", "3"], "Why do w")
    expect(page.locator(".ts-chain .sh-post-text").nth(2)).to_contain_text("Tell us! 3/3")

    # Saved, approved as one, scheduled.
    page.click("text=Approve all parts")
    expect(page.locator(".sh-lead")).to_contain_text("wait for a time")
    page.click("text=Send now")
    expect(page.locator(".sh-lead")).to_contain_text("All 3 parts are out", timeout=60_000)

    posts = wait_for(lambda: sandbox.posts(account.handle), "the feed")
    row = ThreadSeries.objects.get()
    first, second, third = texts(row)
    assert [post["text"] for post in posts] == [
        f"{first} 1/3",
        f"{second} 2/3",
        f"{third}\n\nTell us! 3/3",
    ]
    ids = [post["id"] for post in posts]
    assert [post["parent_id"] for post in posts] == [None, *ids[:2]]
    assert row.state == "published"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_parts_are_added_moved_copied_and_brought_back(open_as, width, dark):
    page = open_as("Marketer", width=width, dark=dark)
    row = make_series(page.person, accounts=[AccountFactory(), AccountFactory()])
    page.goto(page_of(row))
    card = page.locator(".ts-part")

    card.nth(2).get_by_role("button", name="Move up", exact=True).first.focus()
    page.keyboard.press("Enter")
    assert starts(page) == ["One", "Three", "Two"]
    expect(page.locator("#ts-said")).to_have_text("Now part 2 of 3.")
    card.nth(0).get_by_role("button", name="Remove", exact=True).click()
    page.locator("#ts-undo").get_by_role("button", name="Undo").click()
    assert starts(page) == ["One", "Three", "Two"]
    card.nth(0).get_by_role("button", name="Duplicate").click()
    page.click("text=Add a part")
    page.keyboard.type("Four")
    assert (starts(page), numbers(page)) == (
        ["One", "One", "Three", "Two", "Four"],
        ["1", "2", "3", "4", "5"],
    )
    expect(page.locator(".ts-chain:visible .sh-post-text").last).to_have_text("Four 5/5")
    page.get_by_role("tab").nth(1).click()
    expect(page.locator(".ts-chain:visible")).to_have_count(1)
    if width > 1000:
        # Both ends are on the screen; scrolling between press and move starts another drag.
        page.set_viewport_size({"width": width, "height": 3000})
        page.locator(".ts-handle").nth(4).drag_to(card.nth(0), target_position={"x": 40, "y": 4})
        assert starts(page)[0] == "Four"
    page.keyboard.press("Control+Enter") if width < 1000 else page.click("[data-save]")
    expect(page.locator("#sh-toasts, .messages, body").first).to_contain_text("Saved.")

    order = ["Four", "One", "One", "Three", "Two"]
    assert texts(row) == (order if width > 1000 else [*order[1:], "Four"])
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
