"""The life of a test through the API, and what goes wrong on the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.services import tracking
from experiments.api.serializers.ab_tests import ResultsSerializer, ShowingSerializer
from experiments.models import ABTest
from experiments.tests.factories import make_test, running, slots
from socialhub.models import PostingSlot, Publication, PublicationStatus
from socialhub.tests.factories import AccountFactory, PostFactory

pytestmark = pytest.mark.django_db
TESTS = "/api/ab-tests/"


def refused(response) -> tuple[int, str]:
    return response.status_code, response.data["type"]


def test_from_a_post_to_a_stopped_test(marketer, approver):
    account = slots(AccountFactory())
    post = PostFactory(text="New chairs")
    Publication.objects.create(post=post, account=account)
    made = marketer.post(TESTS, {"source_post": post.pk, "planned_size": 4}).json()
    one = f"{TESTS}{made['id']}/"
    b = {"variants": [made["variants"][0], {**made["variants"][1], "text": "Chairs are here"}]}

    assert marketer.patch(one, b).data["state"] == "draft"
    assert marketer.post(one + "submit/").data["state"] == "in_review"
    sent_back = approver.post(one + "request-changes/", {"comment": "Shorter."})
    assert (sent_back.data["state"], sent_back.data["review_comment"]) == ("draft", "Shorter.")
    assert marketer.post(one + "submit/").data["state"] == "in_review"
    assert approver.post(one + "approve/").data["state"] == "approved"
    assert refused(approver.post(one + "start/")) == (403, "permission_denied")
    started = marketer.post(one + "start/").json()
    assert (started["state"], started["kind"], started["planned_size"]) == ("running", "rate", 4)

    found = marketer.get(one + "results/").json()
    assert (found["state"], found["decided_at"]) == ("running", None)
    assert len(found["schedule"]) == 8
    assert set(found["schedule"][0]) == set(ShowingSerializer().fields)
    assert set(found) == set(ResultsSerializer().fields)
    assert {row["publication"] for row in found["schedule"]} == set(
        Publication.objects.exclude(post=post).values_list("pk", flat=True)
    )
    assert len(marketer.post(one + "evaluate/").json()["looks"]) == 1
    stopped = marketer.post(one + "stop/").json()
    assert (stopped["state"], stopped["outcome"], stopped["winner"]) == ("decided", "stopped", None)
    assert marketer.get(one + "results/").json()["decided_at"] is not None


def test_schedule_is_matched_random_and_apart(marketer):
    """What the results say, not the rows."""
    account = slots(AccountFactory(), (0, 9), (2, 9), (4, 9))
    test = running(accounts=[account], planned_size=8)

    schedule = marketer.get(f"{TESTS}{test.pk}/results/").json()["schedule"]

    blocks: dict[int, list] = {}
    for row in schedule:
        row["due_at"] = datetime.fromisoformat(row["due_at"])
        blocks.setdefault(row["block"], []).append(row)
    assert len(blocks) == 8
    for rows in blocks.values():
        assert len({(row["due_at"].weekday(), row["due_at"].time()) for row in rows}) == 1
        assert len({row["variant"] for row in rows}) == len(rows) == 2
    times = sorted(row["due_at"] for row in schedule)
    assert min(b - a for a, b in pairwise(times)) >= timedelta(hours=48)


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("stop", {}, "wrong_state"),
        ("evaluate", {}, "not_running"),
        ("promote", {}, "wrong_state"),
        ("request-changes", {"comment": "x"}, "wrong_state"),
        ("withdraw", {}, "wrong_state"),
    ],
)
def test_verbs_too_early(admin, verb, body, code):
    address = f"{TESTS}{make_test().pk}/{verb}/"

    assert refused(admin.post(address, body)) == (409, code)


def test_a_draft_of_somebody_else_is_not_started_by_a_marketer(marketer):
    assert refused(marketer.post(f"{TESTS}{make_test().pk}/start/")) == (409, "not_approved")


def test_starting_twice_is_a_conflict_and_makes_nothing(admin):
    one = f"{TESTS}{make_test().pk}/start/"

    first, second = admin.post(one), admin.post(one)

    assert (first.status_code, refused(second)) == (200, (409, "wrong_state"))
    assert Publication.objects.count() == 8


def test_nothing_of_a_running_test_is_changed(admin):
    test = running()
    shown = admin.get(f"{TESTS}{test.pk}/").json()

    for change in ({"confidence": 0.8}, {"variants": shown["variants"]}, {"metric": "clicks"}):
        assert refused(admin.patch(f"{TESTS}{test.pk}/", change)) == (409, "already_started")
    assert admin.patch(f"{TESTS}{test.pk}/", {"state": "draft"}).status_code == 400
    assert admin.get(f"{TESTS}{test.pk}/").json() == shown


def test_editing_a_running_variant_makes_the_test_invalid(admin):
    test = running()
    part = test.publications.first()

    assert admin.patch(f"/api/posts/{part.post_id}/", {"text": "Other"}).status_code == 200
    admin.post(f"{TESTS}{test.pk}/evaluate/")

    found = admin.get(f"{TESTS}{test.pk}/").json()
    assert (found["state"], found["outcome"]) == ("decided", "invalid")
    assert (found["broken_why"], found["winner"]) == ("variant_edited", None)
    waiting = Publication.objects.filter(status=PublicationStatus.SCHEDULED)
    assert not waiting.exists()


def test_a_variants_post_deleted_on_the_network_makes_the_test_invalid(admin):
    test = running(design="single_post")
    part = test.publications.first()
    Publication.objects.filter(pk=part.publication_id).update(
        status=PublicationStatus.PUBLISHED, remote_id="r1", published_at=part.due_at
    )
    tracking.ensure_stats([part.publication_id])
    with time_machine.travel(part.due_at + timedelta(days=1), tick=False):
        PublicationStats.objects.update(gone_at=timezone.now())
        admin.post(f"{TESTS}{test.pk}/evaluate/")

    found = admin.get(f"{TESTS}{test.pk}/").json()
    assert (found["state"], found["outcome"], found["reason"]) == (
        "decided",
        "invalid",
        "variant_deleted",
    )


def test_the_post_a_test_was_made_of_may_be_deleted(admin):
    post = PostFactory(text="New chairs")
    test = make_test(source_post=post)

    assert admin.delete(f"/api/posts/{post.pk}/").status_code == 204

    shown = admin.get(f"{TESTS}{test.pk}/").json()
    assert (shown["source_post"], len(shown["variants"])) == (None, 2)


def test_zero_impressions_are_no_data_and_no_error(admin):
    test = running()

    found = admin.post(f"{TESTS}{test.pk}/evaluate/")

    assert found.status_code == 200
    assert (found.data["state"], found.data["winner"]) == ("running", None)


def test_a_network_without_impressions_is_compared_by_numbers(admin):
    account = slots(AccountFactory(platform="mastodon", server_url="https://m.example"))
    test = running(accounts=[account])

    found = admin.get(f"{TESTS}{test.pk}/results/").json()

    assert "reactions" in found["claim"]
    assert admin.get(f"{TESTS}{test.pk}/").data["kind"] == "count"


def test_without_posting_slots_nothing_is_approved(admin, marketer):
    test = make_test(marketer.user)
    PostingSlot.objects.all().delete()

    response = admin.post(f"{TESTS}{test.pk}/approve/")

    assert refused(response) == (400, "no_slot")
    assert list(response.data["fields"]) == ["accounts"]
    assert ABTest.objects.get().state == "draft"


def test_an_unfinished_test_has_results_too(admin):
    found = admin.get(f"{TESTS}{make_test().pk}/results/").json()

    assert (found["state"], found["looks"], found["schedule"]) == ("draft", [], [])
