"""The form of a test: what is typed is stored through the services, and never lost."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from experiments.models import ABTest
from experiments.tests.factories import make_test, running, slots
from experiments.tests.pages.rows import ADD, LIST, logged_in, page_of, typed, words
from socialhub.models import MediaAsset
from socialhub.tests.factories import AccountFactory, CampaignFactory, PostFactory, organisation

pytestmark = pytest.mark.django_db
A, B = {"text": "Come in, we are open."}, {"text": "Open today: come and look!"}


def png():
    content = io.BytesIO()
    Image.new("RGB", (32, 32), "green").save(content, "PNG")
    return SimpleUploadedFile("green.png", content.getvalue(), "image/png")


def flat(response):
    """Its HTML in one line."""
    return " ".join(response.text.split())


def test_a_test_is_written_with_plan_variants_and_pictures():
    client, account, campaign = logged_in(), slots(AccountFactory()), CampaignFactory()
    row = flat(client.post(f"{LIST}media/", {"place": "1", "files-1": png()}))
    asset = MediaAsset.objects.get()
    sent = typed(
        A,
        {**B, "name": "Loud", "link": "https://shop.example/", "track_link": "on"}
        | {"media": str(asset.pk), f"alt_{asset.pk}": "A green square"},
        accounts=[str(account.pk)],
        campaign=str(campaign.pk),
        effect="25",
        first_at="2099-05-01T10:00",
    )

    response = client.post(ADD, sent)

    assert f'name="variant-1-media" value="{asset.pk}"' in row
    test = ABTest.objects.get()
    assert response.url == page_of(test)
    assert (test.design, test.smallest_effect, test.campaign) == ("paired_slots", 0.25, campaign)
    assert test.first_at is not None and test.first_at.year == 2099
    assert [(one.name, one.text, one.link, one.track_link) for one in test.variants.all()] == [
        ("A", A["text"], "", False),
        ("Loud", B["text"], "https://shop.example/", True),
    ]
    shown = test.variants.get(name="Loud").media.get()
    assert shown.alt_text == "A green square"


def test_what_is_wrong_is_marked_and_nothing_typed_is_lost():
    client = logged_in()
    sent = typed(A, {"text": "", "name": "Empty one"}, question="", effect="0")

    response = client.post(ADD, sent)

    text = response.text
    assert response.status_code == 400
    assert "Nothing you typed is lost." in text
    assert text.count("This field is required.") == 1
    assert A["text"] in text and 'value="Empty one"' in text
    assert not ABTest.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"variant": ["0"]}, "A test compares at least two variants."),
        ({"confidence": "95"}, "write 0.95 for 95"),
        ({"confidence": "nan"}, "Enter a number."),
        ({"variant-1-text": ""}, "B is empty"),
        ({"design": "split"}, "needs to say what is split"),
        ({"variant-1-weight": "x", "design": "split", "split_by": "page"}, "the share is a whole"),
    ],
)
def test_bad_input_is_refused_in_words(change, told):
    client = logged_in()

    response = client.post(ADD, {**typed(A, B), **change})

    assert response.status_code == 400
    assert told in words(response.text)
    assert A["text"] in response.text


def test_eleven_variants_are_refused():
    many = [{"text": f"Text {n}"} for n in range(11)]

    response = logged_in().post(ADD, typed(*many))

    assert response.status_code == 400
    assert "at most ten variants" in response.text


def test_a_variant_comes_and_goes_without_losing_a_word():
    client = logged_in()
    three = typed(A, B, {"text": "Third"})

    more = client.post(f"{LIST}variants/", {**typed(A, B), "more": "1"})
    less = client.post(f"{LIST}variants/", {**three, "less": "1"})
    whole = client.post(ADD, {**three, "less": "0"})

    # The new one begins with the words of the control.
    assert more.text.count(A["text"]) == 2 and "<html" not in more.text
    assert 'id="variant-2-text"' in more.text
    assert "Third" in less.text and B["text"] not in less.text
    assert 'id="variant-1-text"' in less.text and 'id="variant-2-text"' not in less.text
    # Without JavaScript it is the page with the form.
    assert "<html" in whole.text and A["text"] not in whole.text and "Third" in whole.text
    assert not ABTest.objects.exists()


def test_counters_and_the_answer_follow_the_typing():
    account = slots(AccountFactory(platform="bluesky", server_url="https://bsky.social"))
    sent = typed({"text": "x" * 320}, B, accounts=[str(account.pk)])

    text = logged_in().post(f"{LIST}live/", sent).text

    assert "320 / 300" in text and "Too long for Bluesky" in text
    assert 'id="ab-counts-1"' in text
    assert "no measured posts" in words(text)


def test_an_edit_of_somebody_else_in_between_is_not_overwritten():
    client, test = logged_in(), make_test()
    page = client.get(page_of(test, "edit")).text
    sent = typed(A, B, version=str(test.version), accounts=[str(test.accounts.get().pk)])

    first = client.post(page_of(test, "edit"), {**sent, "question": "Mine?"})
    second = client.post(page_of(test, "edit"), {**sent, "question": "Stale?"})

    assert f'name="version" value="{test.version}"' in page
    assert first.status_code == 302
    assert second.status_code == 409 and "Stale?" in second.text
    assert ABTest.objects.get().question == "Mine?"


def test_submit_saves_first_and_says_why_it_went_no_further():
    client = logged_in()
    bare = AccountFactory()

    response = client.post(ADD, typed(A, B, accounts=[str(bare.pk)], verb="submit"), follow=True)

    test = ABTest.objects.get()
    assert test.state == "draft"
    assert response.redirect_chain == [(page_of(test, "edit"), 302)]
    assert "Saved." in str(response.context["messages"]._loaded_data[0])


def test_written_and_started_in_one_go_by_who_may():
    organisation(self_approval=True)
    account = slots(AccountFactory())

    logged_in("Administrator").post(ADD, typed(A, B, accounts=[str(account.pk)], verb="start"))

    assert ABTest.objects.get().state == "running"


def test_a_test_that_runs_has_no_form():
    test = running()

    response = logged_in().get(page_of(test, "edit"), follow=True)

    assert response.redirect_chain == [(page_of(test), 302)]
    assert "stay as they are" in response.text


def test_the_planner_hands_its_numbers_over():
    account = slots(AccountFactory())

    query = f"design=single_post&effect=45&accounts={account.pk}&size=1234567"
    text = flat(logged_in().get(f"{ADD}?{query}"))

    assert 'name="planned_size" value="1234567"' in text
    assert 'value="single_post" checked' in text
    assert 'name="effect" min="5" max="200" step="1" value="45"' in text
    assert f'name="accounts" value="{account.pk}" checked' in text


def test_a_language_other_than_english_writes_numbers_a_browser_reads():
    client, test = logged_in(), make_test(smallest_effect=0.125, power=0.9)
    client.cookies["django_language"] = "es"

    text = client.get(page_of(test, "edit")).text

    assert 'value="12.5"' in text
    assert 'value="0.9" selected' in text


def test_a_picture_is_chosen_from_the_library():
    client = logged_in()
    client.post(f"{LIST}media/", {"place": "0", "files-0": png()})
    asset = MediaAsset.objects.get()

    shelf = client.get(f"{LIST}library/", {"place": "1"}).text
    row = flat(client.get(f"{LIST}library/", {"place": "1", "asset": asset.pk}))

    assert f"place=1&asset={asset.pk}" in shelf.replace("&amp;", "&")
    assert f'name="variant-1-media" value="{asset.pk}"' in row
    assert client.get(f"{LIST}library/", {"asset": asset.pk + 1}).status_code == 404
    assert logged_in("Analyst").get(f"{LIST}library/").status_code == 403


# -- on the page of a post ----------------------------------------------------------------------


def test_a_post_becomes_the_control_of_a_test():
    client, post = logged_in(), PostFactory(text="Our own words")
    panel = client.get(f"/admin/experiments/post/{post.pk}/").text

    response = client.post(f"/admin/experiments/post/{post.pk}/test/")

    test = ABTest.objects.get()
    assert "A/B test this" in panel
    assert response.url == page_of(test, "edit")
    assert client.get(response.url).text.count("Our own words") >= 2
    again = client.get(f"/admin/experiments/post/{post.pk}/").text
    assert "A/B test this" not in again and page_of(test) in again
    told = client.post(f"/admin/experiments/post/{post.pk}/test/", follow=True)
    assert "in a test that is not decided yet" in told.text


def test_a_post_of_a_running_test_warns():
    test = running(question="Which?")
    post = test.publications.first().post

    text = words(logged_in().get(f"/admin/experiments/post/{post.pk}/").text)

    assert "Part of a running test: Which? . A change to this post makes the test invalid." in text
    assert "A/B test this" not in text


def test_times_are_of_the_organisation():
    organisation(timezone="America/Mexico_City")
    sent = typed(A, B, accounts=[str(slots(AccountFactory()).pk)], first_at="2099-01-01T10:00")

    logged_in().post(ADD, sent)

    assert ABTest.objects.get().first_at == datetime.fromisoformat("2099-01-01T10:00-06:00")
