"""Publications: their public shape, and every verb."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from socialhub import registries
from socialhub.models import (
    AccountGrant,
    Outcome,
    PayloadGeneration,
    Publication,
    PublicationAttempt,
)
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=4)


def attempted(publication, **fields):
    """An attempt of a frozen generation, as the engine leaves it."""
    now = timezone.now()
    generation = PayloadGeneration.objects.create(
        publication=publication,
        number=1,
        content_hash=publication.post.content_hash,
        client_key=uuid.uuid4(),
        text="As it was sent https://s.example/l/abc",
        body={},
        frozen_at=now,
    )
    return PublicationAttempt.objects.create(
        publication=publication,
        generation=generation,
        number=1,
        claim_token=uuid.uuid4(),
        started_at=now,
        **{"outcome": Outcome.UNKNOWN, "finished_at": now, **fields},
    )


def unknown():
    row = PublicationFactory(status="unknown", next_look_at=timezone.now() + LATER)
    attempted(row)
    return row


def test_the_public_shape(analyst):
    parent = PublicationFactory()
    row = PublicationFactory(parent=parent, due_at=timezone.now() + LATER)

    (shown,) = analyst.get(f"/api/publications/?post={row.post_id}").data["results"]

    expected = {
        "id": row.pk,
        "post": row.post_id,
        "account": row.account_id,
        "platform": "sandbox",
        "text": row.post.text,
        "status": "scheduled",
        "waiting_for": parent.pk,
        "published_at": None,
        "remote_id": "",
        "permalink": "",
        "parent": parent.pk,
        "error": None,
        "attempts": 0,
        "metrics": None,
        "generation": None,
        "explanation": "",
    }
    assert {name: shown[name] for name in expected} == expected
    assert parse_datetime(shown["due_at"]) == row.due_at


def test_what_is_out_shows_the_text_that_was_sent_and_its_attempts(analyst):
    row = PublicationFactory(published=True)
    attempted(row, outcome=Outcome.ACCEPTED, http_status=200, remote_id=row.remote_id)

    shown = analyst.get(f"/api/publications/{row.pk}/").data

    assert shown["text"] == "As it was sent https://s.example/l/abc"
    assert (shown["attempts"], shown["generation"]) == (1, 1)
    (attempt,) = shown["attempt_log"]
    assert (attempt["outcome"], attempt["http_status"], attempt["generation"]) == (
        "accepted",
        200,
        1,
    )


def test_an_error_says_what_happened_and_what_to_do(analyst):
    row = PublicationFactory(status="failed", error_code="permission", error_detail="403 nope")

    error = analyst.get(f"/api/publications/{row.pk}/").data["error"]

    assert (error["code"], error["detail"]) == ("permission", "403 nope")
    assert "retry" in error["message"]


def test_counters_are_asked_for_once_per_page(analyst, monkeypatch):
    rows = [PublicationFactory(published=True) for _n in range(2)]
    asked = []

    def provider(ids):
        asked.append(sorted(ids))
        return {rows[0].pk: {"likes": 3, "impressions": None}}

    monkeypatch.setitem(registries._providers, registries.PUBLICATION_METRICS, provider)

    listed = analyst.get("/api/publications/?ordering=id").data["results"]
    posts = analyst.get("/api/posts/?ordering=id").data["results"]

    assert [row["metrics"] for row in listed] == [{"likes": 3, "impressions": None}, None]
    assert posts[0]["publications"][0]["metrics"] == {"likes": 3, "impressions": None}
    assert asked == [[row.pk for row in rows]] * 2


def test_reschedule_and_cancel(marketer):
    row = PublicationFactory(due_at=timezone.now() + LATER)
    at = timezone.now() + 2 * LATER

    moved = marketer.post(f"/api/publications/{row.pk}/reschedule/", {"due_at": at.isoformat()})
    cancelled = marketer.post(f"/api/publications/{row.pk}/cancel/")
    again = marketer.post(f"/api/publications/{row.pk}/cancel/")

    assert (moved.status_code, parse_datetime(moved.data["due_at"])) == (200, at)
    assert (cancelled.status_code, cancelled.data["status"]) == (200, "cancelled")
    assert (again.status_code, again.data["type"]) == (409, "wrong_state")
    events = [line["code"] for line in cancelled.data["timeline"]]
    assert events == ["rescheduled", "cancelled"]
    assert cancelled.data["timeline"][1]["actor"] == marketer.user.username


def test_a_passed_time_moves_nothing(marketer):
    row = PublicationFactory(due_at=timezone.now() + LATER)

    response = marketer.post(
        f"/api/publications/{row.pk}/reschedule/", {"due_at": "2020-01-01T00:00:00Z"}
    )

    assert (response.status_code, response.data["type"]) == (400, "due_passed")
    assert Publication.objects.get(pk=row.pk).due_at == row.due_at


def test_retry_sends_a_failed_one_now(marketer):
    row = PublicationFactory(status="failed", error_code="unavailable")

    response = marketer.post(f"/api/publications/{row.pk}/retry/")

    assert (response.status_code, response.data["status"]) == (200, "scheduled")
    assert response.data["error"] is None


def test_settle_asks_for_a_look(marketer):
    row = unknown()

    response = marketer.post(f"/api/publications/{row.pk}/settle/")

    assert response.status_code == 200
    assert Publication.objects.get(pk=row.pk).next_look_at <= timezone.now()
    scheduled = PublicationFactory()
    refused = marketer.post(f"/api/publications/{scheduled.pk}/settle/")
    assert (refused.status_code, refused.data["type"]) == (409, "wrong_state")


def test_resolve_says_that_it_is_live(marketer):
    row = unknown()
    permalink = "https://network.example/posts/1"

    response = marketer.post(
        f"/api/publications/{row.pk}/resolve/", {"live": True, "permalink": permalink}
    )

    assert response.status_code == 200
    assert (response.data["status"], response.data["permalink"]) == ("published", permalink)


def test_resolve_says_that_it_is_not(marketer):
    row = unknown()

    response = marketer.post(f"/api/publications/{row.pk}/resolve/", {"live": False})

    assert response.data["status"] == "scheduled"
    missing = marketer.post(f"/api/publications/{row.pk}/resolve/")
    assert (missing.status_code, list(missing.data["fields"])) == (400, ["live"])


def test_publications_can_be_filtered(marketer):
    late = PublicationFactory(due_at=timezone.now() + LATER)
    failed = PublicationFactory(status="failed")

    def ids(**query):
        found = marketer.get("/api/publications/", {"ordering": "id", **query})
        return [row["id"] for row in found.data["results"]]

    assert ids(status="failed") == [failed.pk]
    assert ids(status="failed,scheduled") == [late.pk, failed.pk]
    assert ids(account=late.account_id) == [late.pk]
    assert ids(post=failed.post_id) == [failed.pk]
    assert ids(due_after=timezone.now().isoformat()) == [late.pk]
    assert ids(due_before=timezone.now().isoformat()) == [failed.pk]
    assert ids(account=10**15) == []


@pytest.mark.parametrize(
    "query", ["status=lost", "account=x", "due_after=soon", "needs_person=maybe"]
)
def test_a_filter_that_makes_no_sense_is_an_error(marketer, query):
    response = marketer.get(f"/api/publications/?{query}")

    assert response.status_code == 400
    assert list(response.data["fields"]) == [query.partition("=")[0]]


def test_rows_of_accounts_not_granted_do_not_exist(marketer):
    mine, other = PublicationFactory(due_at=timezone.now() + LATER), PublicationFactory()
    AccountGrant.objects.create(user=marketer.user, account=mine.account)

    assert marketer.get("/api/publications/").data["count"] == 1
    for path in ("", "cancel/", "retry/"):
        call = marketer.get if not path else marketer.post
        assert call(f"/api/publications/{other.pk}/{path}").status_code == 404
    assert Publication.objects.get(pk=other.pk).status == "scheduled"


def test_another_account_is_no_way_in(marketer):
    """A grant limits the user even when the address names the post."""
    AccountGrant.objects.create(user=marketer.user, account=AccountFactory())
    row = PublicationFactory()

    assert marketer.get(f"/api/posts/{row.post_id}/").status_code == 404
    assert marketer.get(f"/api/accounts/{row.account_id}/").status_code == 404
