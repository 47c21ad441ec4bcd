"""Writing a post with keyboard and mouse."""

from __future__ import annotations

import io
from datetime import time

import pytest
from django.urls import reverse
from PIL import Image

from socialhub.models import Post, PostingSlot
from socialhub.services import posts
from socialhub.tests.factories import AccountFactory, PublicationFactory, organisation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/socialhub/post/add/"


def picture(name: str, colour: str) -> dict:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(content, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": content.getvalue()}


def test_counters_and_previews_follow_the_typing_and_ctrl_enter_saves(page):
    bluesky = AccountFactory(platform="bluesky", server_url="https://bsky.social", handle="ana")
    sandbox = AccountFactory(handle="taller")
    page.goto(ADD)

    page.check(f"[data-account='{bluesky.pk}']")
    page.check(f"[data-account='{sandbox.pk}']")
    page.fill("#composer-text", "Aceite nuevo #AOVE " + "👩‍👩‍👧‍👦" * 290)
    page.wait_for_selector("text=Too long for Bluesky: 309 of 300")
    page.locator(f"#tab-{bluesky.pk}").click()
    page.fill(f"#override-{bluesky.pk}", "Short for Bluesky #AOVE")
    page.wait_for_selector("text=23 / 300")

    assert page.locator(f"#tab-{bluesky.pk} .sh-differs").is_visible()
    assert page.locator(".sh-preview--bluesky .sh-post-text").inner_text() == (
        "Short for Bluesky #AOVE"
    )
    assert page.locator(".sh-preview--bluesky .sh-facet").inner_text() == "#AOVE"
    assert "Aceite nuevo" in page.locator(".sh-preview--sandbox").inner_text()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/change/**")
    post = Post.objects.get()
    assert dict(post.publications.values_list("account__handle", "text_override")) == {
        "ana": "Short for Bluesky #AOVE",
        "taller": "",
    }


def test_pictures_are_uploaded_described_moved_and_removed(page):
    account = AccountFactory()
    page.goto(f"{ADD}?account={account.pk}")
    files = [picture("red.png", "red"), picture("green.png", "green"), picture("blue.png", "blue")]

    page.set_input_files("#composer-files", files)
    page.wait_for_selector(".sh-media >> nth=2")
    assert page.locator(".sh-missing-alt:visible").count() == 3
    page.wait_for_selector("text=Image 1 has no alt text")
    for n, alt in enumerate(["Red", "Green", "Blue"]):
        page.locator(".sh-media textarea").nth(n).fill(alt)
    page.locator(".sh-media [data-media-move='-1']").nth(2).focus()
    page.keyboard.press("Enter")
    page.locator(".sh-media [data-media-remove]").nth(0).click()
    page.wait_for_selector("text=Image 1 has no alt text", state="detached")
    page.click("[data-save]")
    page.wait_for_url("**/change/**")

    post = Post.objects.get()
    shown = post.post_media.order_by("position").values_list("media__alt_text", flat=True)
    assert list(shown) == ["Blue", "Green"]


def test_text_that_was_not_saved_is_offered_again(page):
    page.goto(ADD)
    page.fill("#composer-text", "Half a thought")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/admin/socialhub/post/")

    page.goto(ADD)
    assert page.input_value("#composer-text") == ""
    page.click("text=Bring it back")

    assert page.input_value("#composer-text") == "Half a thought"


def test_text_that_was_saved_is_not_offered_again(page):
    page.goto(ADD)
    page.fill("#composer-text", "A whole thought")
    page.click("[data-save]")
    page.wait_for_url("**/change/**")

    page.goto(ADD)

    assert page.locator("text=Bring it back").count() == 0


def test_an_hour_that_the_clock_skips_is_named_while_typing(page):
    organisation(timezone="Europe/Madrid")
    account = AccountFactory()
    page.goto(f"{ADD}?account={account.pk}")

    page.fill("#composer-due", "2027-03-28T02:30")

    page.wait_for_selector("text=There is no 02:30 on 2027-03-28")
    assert page.is_checked("#when-at")


def test_a_free_slot_is_taken_with_one_click(page):
    account = AccountFactory()
    for weekday in range(7):
        PostingSlot.objects.create(account=account, weekday=weekday, time=time(9))
    page.goto(f"{ADD}?account={account.pk}")

    page.fill("#composer-text", "At nine")
    page.locator(".sh-pick--slot input").first.check()
    page.click("text=Submit for approval")
    page.wait_for_url("**/change/**")

    publication = Post.objects.get().publications.get()
    assert (publication.due_at.hour, publication.due_at.minute) == (9, 0)


def test_somebody_else_saved_first_and_both_texts_are_there(open_as):
    page = open_as("Marketer")
    post = posts.create(page.person, text="First", accounts=[AccountFactory()])
    page.goto(reverse("admin:socialhub_post_change", args=[post.pk]))
    posts.edit(post, page.person, text="Theirs")

    page.fill("#composer-text", "Mine")
    page.click("[data-save]")
    page.wait_for_selector("text=Somebody changed this post")

    assert page.input_value("#composer-text") == "Mine"
    assert page.locator("blockquote p").inner_text() == "Theirs"


def test_an_approver_sends_back_with_a_comment(open_as):
    author = open_as("Marketer").person
    post = posts.create(author, text="First", accounts=[AccountFactory()])
    posts.submit(post, author)
    page = open_as("Approver")
    page.goto(reverse("admin:socialhub_post_change", args=[post.pk]))

    assert page.locator("#composer-text").is_disabled()
    page.click("summary:has-text('Request changes')")
    page.fill("#composer-comment", "Say the price")
    page.click("text=Send back")
    page.wait_for_selector("text=Please change")

    post.refresh_from_db()
    assert (post.status, post.review_comment) == ("changes_requested", "Say the price")


def test_a_post_is_saved_without_javascript(open_as):
    page = open_as("Marketer", scripts=False)
    account = AccountFactory(platform="bluesky", server_url="https://bsky.social", handle="ana")
    page.goto(ADD)

    page.check(f"[data-account='{account.pk}']")
    page.fill("#composer-text", "No script")
    page.fill(f"#override-{account.pk}", "Own words")
    page.set_input_files("#composer-files", [picture("red.png", "red")])
    page.click("[data-save]")
    page.wait_for_url("**/change/**")

    post = Post.objects.get()
    assert (post.text, post.media.count()) == ("No script", 1)
    assert post.publications.get().text_override == "Own words"


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_a_phone(open_as, dark):
    page = open_as("", width=390, dark=dark)
    publication = PublicationFactory(status="failed", error_code="unavailable")
    addresses = [
        f"{ADD}?account={publication.account_id}",
        reverse("admin:socialhub_post_change", args=[publication.post_id]),
        reverse("admin:socialhub_publication_change", args=[publication.pk]),
        reverse("admin:socialhub_account_change", args=[publication.account_id]),
        reverse("admin:socialhub_post_history", args=[publication.post_id]),
        "/admin/socialhub/account/add/",
        "/admin/socialhub/post/",
        "/admin/socialhub/publication/",
    ]

    widths = {}
    for address in addresses:
        page.goto(address)
        widths[address] = page.evaluate("document.documentElement.scrollWidth")

    assert {address: width for address, width in widths.items() if width > 390} == {}


def test_an_unknown_outcome_is_confirmed_from_its_page(page):
    publication = PublicationFactory(status="unknown", needs_person=True)
    page.goto(reverse("admin:socialhub_publication_change", args=[publication.pk]))

    page.fill("#permalink", "https://example.org/1")
    page.click("button:has-text('It is live')")
    page.wait_for_selector("text=Noted: it is live")

    assert "A person confirmed that it is live" in page.locator(".sh-life").inner_text()
    publication.refresh_from_db()
    assert publication.status == "published"
