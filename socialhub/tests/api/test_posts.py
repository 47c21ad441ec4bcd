"""Posts: written, handed in, approved and scheduled through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from socialhub.models import AccountGrant, MediaAsset, Post, PostMedia, Publication
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
    organisation,
)

pytestmark = pytest.mark.django_db


def in_hours(hours: float) -> str:
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def written(client, **fields):
    body = {"text": "Fresh bread", "accounts": [AccountFactory().pk], **fields}
    response = client.post("/api/posts/", body)
    assert response.status_code == 201, response.data
    return response.data


def asset(**fields) -> MediaAsset:
    return MediaAsset.objects.create(
        **{"file": "a.png", "sha256": "a" * 64, "mime": "image/png", "size": 9, **fields}
    )


def test_a_post_is_written_with_everything(marketer):
    one, two = AccountFactory(), AccountFactory()
    first, second = asset(alt_text="Bread"), asset(alt_text="Cake")
    campaign = CampaignFactory()
    due_at = in_hours(5)

    made = marketer.post(
        "/api/posts/",
        {
            "text": "Fresh bread",
            "language": "es",
            "content_type": "carousel",
            "link": "https://shop.example/bread",
            "media": [second.pk, first.pk],
            "campaign": campaign.pk,
            "accounts": [one.pk, two.pk],
            "overrides": {str(two.pk): "Bread!"},
            "due_at": due_at,
        },
    )

    assert made.status_code == 201
    read = marketer.get(f"/api/posts/{made.data['id']}/").data
    assert read == made.data
    expected = {
        "status": "draft",
        "text": "Fresh bread",
        "language": "es",
        "content_type": "carousel",
        "link": "https://shop.example/bread",
        "media": [second.pk, first.pk],
        "campaign": campaign.pk,
        "accounts": [one.pk, two.pk],
        "overrides": {str(two.pk): "Bread!"},
        "author": marketer.user.pk,
        "author_name": marketer.user.username,
        "approved_by": None,
        "version": 1,
    }
    assert {name: read[name] for name in expected} == expected
    assert parse_datetime(read["due_at"]) == parse_datetime(due_at)
    assert [p["text"] for p in read["publications"]] == [
        "Fresh bread\n\nhttps://shop.example/bread",
        "Bread!\n\nhttps://shop.example/bread",
    ]
    assert [p["status"] for p in read["publications"]] == ["draft", "draft"]


def test_from_draft_to_the_queue(marketer, approver):
    due_at = in_hours(5)
    pk = written(marketer, due_at=due_at)["id"]

    submitted = marketer.post(f"/api/posts/{pk}/submit/")
    approved = approver.post(f"/api/posts/{pk}/approve/")

    assert (submitted.status_code, submitted.data["status"]) == (200, "in_review")
    assert (approved.status_code, approved.data["status"]) == (200, "approved")
    assert approved.data["approved_by"] == approver.user.pk
    (publication,) = approved.data["publications"]
    assert publication["status"] == "scheduled"
    assert parse_datetime(publication["due_at"]) == parse_datetime(due_at)


def test_changes_are_requested_with_a_comment(marketer, approver):
    pk = written(marketer)["id"]
    marketer.post(f"/api/posts/{pk}/submit/")

    empty = approver.post(f"/api/posts/{pk}/request-changes/", {"comment": " "})
    sent_back = approver.post(f"/api/posts/{pk}/request-changes/", {"comment": "Too long"})

    assert (empty.status_code, list(empty.data["fields"])) == (400, ["comment"])
    assert sent_back.data["status"] == "changes_requested"
    assert sent_back.data["review_comment"] == "Too long"


def test_schedule_without_a_time_means_now(marketer, approver):
    pk = written(marketer)["id"]
    early = marketer.post(f"/api/posts/{pk}/schedule/")
    approver.post(f"/api/posts/{pk}/approve/")
    before = timezone.now()

    response = marketer.post(f"/api/posts/{pk}/schedule/")

    assert (early.status_code, early.data["type"]) == (409, "not_approved")
    assert response.status_code == 200
    (publication,) = response.data["publications"]
    assert publication["status"] == "scheduled"
    assert before <= parse_datetime(publication["due_at"]) <= timezone.now()


def test_queue_takes_the_next_free_slot(marketer, approver):
    account = AccountFactory()
    slot = marketer.post(f"/api/accounts/{account.pk}/slots/", {"weekday": 0, "time": "09:30"})
    pk = written(marketer, accounts=[account.pk])["id"]
    approver.post(f"/api/posts/{pk}/approve/")

    response = marketer.post(f"/api/posts/{pk}/queue/")

    assert slot.status_code == 201
    (publication,) = response.data["publications"]
    due_at = parse_datetime(publication["due_at"])
    assert publication["status"] == "scheduled"
    assert (due_at.weekday(), f"{due_at:%H:%M}") == (0, "09:30")
    assert due_at > timezone.now()


def test_withdraw_takes_it_off_the_queue(marketer, approver):
    pk = written(marketer, due_at=in_hours(3))["id"]
    approver.post(f"/api/posts/{pk}/approve/")

    response = approver.post(f"/api/posts/{pk}/withdraw/")

    assert response.status_code == 200
    assert response.data["status"] == "draft"
    assert [p["status"] for p in response.data["publications"]] == ["draft"]


def test_archived_posts_are_listed_only_when_asked_for(marketer):
    pk = written(marketer)["id"]

    archived = marketer.post(f"/api/posts/{pk}/archive/")

    assert archived.data["is_archived"] is True
    assert marketer.get("/api/posts/").data["count"] == 0
    assert marketer.get("/api/posts/?archived=true").data["count"] == 1
    assert marketer.get(f"/api/posts/{pk}/").status_code == 200
    back = marketer.post(f"/api/posts/{pk}/archive/", {"archived": False})
    assert back.data["is_archived"] is False


def test_delete_is_for_drafts_without_a_history(marketer, approver):
    draft = written(marketer)["id"]
    planned = written(marketer, due_at=in_hours(3))["id"]
    approver.post(f"/api/posts/{planned}/approve/")

    assert marketer.delete(f"/api/posts/{draft}/").status_code == 204
    refused = marketer.delete(f"/api/posts/{planned}/")

    assert (refused.status_code, refused.data["type"]) == (409, "protected")
    assert list(Post.objects.values_list("pk", flat=True)) == [planned]


def test_what_was_read_can_be_sent_back_with_one_change(marketer, approver):
    pk = written(marketer, due_at=in_hours(3))["id"]
    approver.post(f"/api/posts/{pk}/approve/")
    read = marketer.get(f"/api/posts/{pk}/").json()

    same = marketer.put(f"/api/posts/{pk}/", read)
    changed = marketer.put(f"/api/posts/{pk}/", {**same.json(), "text": "Stale bread"})

    assert (same.status_code, same.data["status"]) == (200, "approved")
    assert changed.status_code == 200
    # Nobody approved this text.
    assert (changed.data["text"], changed.data["status"]) == ("Stale bread", "draft")
    assert [p["status"] for p in changed.data["publications"]] == ["draft"]


def test_a_stale_copy_is_refused(marketer):
    read = written(marketer)
    pk = read["id"]
    marketer.patch(f"/api/posts/{pk}/", {"text": "First"})

    late = marketer.put(f"/api/posts/{pk}/", {"text": "Second", "version": read["version"]})

    assert (late.status_code, late.data["type"]) == (409, "stale")
    assert Post.objects.get(pk=pk).text == "First"


def test_a_state_cannot_be_written(marketer):
    pk = written(marketer)["id"]

    response = marketer.patch(f"/api/posts/{pk}/", {"status": "approved"})
    created = marketer.post("/api/posts/", {"text": "x", "status": "approved"})

    assert (response.status_code, list(response.data["fields"])) == (400, ["status"])
    assert (created.status_code, list(created.data["fields"])) == (400, ["status"])
    assert Post.objects.get(pk=pk).status == "draft"


def test_a_planned_time_is_moved_not_removed(marketer):
    pk = written(marketer, due_at=in_hours(3))["id"]
    later = in_hours(9)

    moved = marketer.patch(f"/api/posts/{pk}/", {"due_at": later})
    removed = marketer.patch(f"/api/posts/{pk}/", {"due_at": None})

    assert parse_datetime(moved.data["due_at"]) == parse_datetime(later)
    assert (removed.status_code, removed.data["type"]) == (400, "due_not_removable")


@pytest.mark.parametrize(
    ("due_at", "code"),
    [
        ("2020-01-01T09:00:00+01:00", "due_passed"),
        ("2099-12-01T09:00:00", "naive"),
        ("9999-12-31T23:59:59-12:00", "overflow"),
        ("9000-12-31T23:59:59+00:00", "too_far"),
        ("tomorrow", "invalid"),
    ],
)
def test_a_due_time_that_makes_no_sense_stores_nothing(marketer, due_at, code):
    organisation(timezone="Europe/Madrid")
    account = AccountFactory()

    response = marketer.post(
        "/api/posts/", {"text": "Bread", "accounts": [account.pk], "due_at": due_at}
    )

    assert response.status_code == 400
    assert (response.data["type"], list(response.data["fields"])) == (code, ["due_at"])
    assert (Post.objects.count(), Publication.objects.count()) == (0, 0)


@pytest.mark.parametrize("verb", ["submit", "schedule"])
def test_a_passed_time_is_refused_by_verbs_too(marketer, approver, verb):
    pk = written(marketer)["id"]
    if verb == "schedule":
        approver.post(f"/api/posts/{pk}/approve/")

    response = marketer.post(f"/api/posts/{pk}/{verb}/", {"due_at": in_hours(-1)})

    assert (response.status_code, response.data["type"]) == (400, "due_passed")
    assert marketer.get(f"/api/posts/{pk}/").data["due_at"] is None


def test_301_graphemes_do_not_fit_bluesky(marketer):
    account = AccountFactory(platform="bluesky")
    pk = written(marketer, text="é" * 301, accounts=[account.pk])["id"]

    response = marketer.post(f"/api/posts/{pk}/submit/")

    assert (response.status_code, response.data["type"]) == (400, "does_not_fit")
    assert "301" in response.data["fields"]["text"][0]
    assert Post.objects.get(pk=pk).status == "draft"


def test_a_missing_alt_text_is_named(marketer, tmp_path, settings):
    picture = asset(alt_text="")
    pk = written(marketer, media=[picture.pk])["id"]

    response = marketer.post(f"/api/posts/{pk}/submit/")

    assert response.status_code == 400
    assert "alt text" in response.data["detail"]
    assert Post.objects.get(pk=pk).status == "draft"


def test_texts_are_counted_as_each_network_counts(analyst):
    bluesky = AccountFactory(platform="bluesky")
    sandbox = AccountFactory()
    family = "👨‍👩‍👧‍👦"

    response = analyst.post(
        "/api/posts/count/", {"text": family * 160, "accounts": [sandbox.pk, bluesky.pk]}
    )

    assert response.status_code == 200
    lines = {line["account"]: line for line in response.data}
    assert list(lines) == [sandbox.pk, bluesky.pk]
    line = lines[bluesky.pk]
    assert (line["count"], line["unit"], line["limit"], line["ok"]) == (
        160,
        "graphemes",
        300,
        False,
    )
    assert [problem["code"] for problem in line["problems"]] == ["text_too_many_bytes"]
    assert line["price"] is None


def test_what_a_post_costs_comes_with_its_count(analyst):
    account = AccountFactory(platform="x")
    asked = {"text": "Plums", "accounts": [account.pk]}

    plain = analyst.post("/api/posts/count/", asked)
    linked = analyst.post("/api/posts/count/", {**asked, "link": "https://example.org/plums"})

    prices = [response.data[0]["price"] for response in (plain, linked)]
    assert prices == [
        {"amount": "0.0150", "currency": "USD"},
        {"amount": "0.2000", "currency": "USD"},
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accounts", [999]),
        ("accounts", [2**70]),
        ("accounts", "all"),
        ("media", [999]),
        ("campaign", 999),
        ("overrides", {"x": "text"}),
        ("overrides", {"999": "text"}),
        ("link", "javascript:alert(1)"),
        ("language", "tlh"),
        ("content_type", "poem"),
        ("text", "nul \x00"),
        ("colour", "red"),
    ],
)
def test_bad_input_names_the_field_and_stores_nothing(marketer, field, value):
    response = marketer.post("/api/posts/", {"text": "Bread", field: value})

    assert response.status_code == 400
    assert [name.split(".")[0] for name in response.data["fields"]] == [field]
    assert Post.objects.count() == 0


def test_an_account_given_twice_is_refused(marketer):
    account = AccountFactory()

    response = marketer.post("/api/posts/", {"text": "Bread", "accounts": [account.pk] * 2})

    assert (response.status_code, response.data["type"]) == (400, "twice")


def test_posts_can_be_found(marketer):
    campaign = CampaignFactory()
    account = AccountFactory()
    found = PostFactory(text="Sourdough", campaign=campaign)
    PublicationFactory(post=found, account=account, status="draft", due_at=None, not_before=None)
    PostFactory(text="Cake")

    def ids(query):
        return [row["id"] for row in marketer.get(f"/api/posts/?{query}").data["results"]]

    for query in (
        "search=sourdough",
        f"campaign={campaign.pk}",
        f"account={account.pk}",
        "status=draft&platform=sandbox",
    ):
        assert ids(query) == [found.pk], query
    assert len(ids("status=draft,approved")) == 2
    assert ids("status=approved") == []
    assert ids("ordering=id")[0] == found.pk


def test_a_limited_user_changes_nothing_for_accounts_they_may_not_use(marketer):
    mine, other = AccountFactory(), AccountFactory()
    post = PostFactory()
    for account in (mine, other):
        PublicationFactory(post=post, account=account, status="draft", due_at=None, not_before=None)
    AccountGrant.objects.create(user=marketer.user, account=mine)

    read = marketer.get(f"/api/posts/{post.pk}/")
    changed = marketer.patch(f"/api/posts/{post.pk}/", {"text": "Mine"})
    borrowed = marketer.post("/api/posts/", {"text": "x", "accounts": [other.pk]})

    assert read.data["accounts"] == [mine.pk]
    assert (changed.status_code, changed.data["type"]) == (403, "other_accounts")
    assert (borrowed.status_code, list(borrowed.data["fields"])) == (400, ["accounts"])


def test_media_stay_in_order(marketer):
    one, two = asset(alt_text="1"), asset(alt_text="2")
    pk = written(marketer, media=[one.pk, two.pk])["id"]

    changed = marketer.patch(f"/api/posts/{pk}/", {"media": [two.pk, one.pk]})

    assert changed.data["media"] == [two.pk, one.pk]
    assert PostMedia.objects.filter(post=pk).count() == 2
