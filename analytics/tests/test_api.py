"""/api/analytics/posts/{post}/metrics/ and the counters in other answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import PostMetrics, PublicationStats
from analytics.services import collecting, tracking
from socialhub.models import AccountGrant
from socialhub.platforms.base import COUNTERS
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication():
    made = PublicationFactory(published=True, published_at=timezone.now() - timedelta(days=1))
    tracking.sweep()
    return made


def client(role: str = "Marketer", **fields) -> APIClient:
    made = APIClient()
    made.force_authenticate(UserFactory(role=role, **fields))
    return made


def address(publication) -> str:
    return f"/api/analytics/posts/{publication.post_id}/metrics/"


def reading(publication, hours: int, **counters) -> PostMetrics:
    at = timezone.now() - timedelta(hours=hours)
    return PostMetrics.objects.create(publication=publication, collected_at=at, **counters)


def test_history_is_newest_first_and_missing_is_null(publication):
    older = reading(publication, 5, likes=1)
    newer = reading(publication, 2, likes=3, impressions=60)

    answer = client("Analyst").get(address(publication)).json()

    assert (answer["count"], answer["next"], answer["previous"]) == (2, None, None)
    assert [row["likes"] for row in answer["results"]] == [3, 1]
    assert answer["results"][0] == {
        "publication": publication.pk,
        "account": publication.account_id,
        "platform": "sandbox",
        "collected_at": newer.collected_at.isoformat().replace("+00:00", "Z"),
        **dict.fromkeys(COUNTERS),
        "likes": 3,
        "impressions": 60,
        "engagements": 3,
        "engagement_rate": 5.0,
        "is_manual": False,
    }
    since = older.collected_at + timedelta(minutes=1)
    narrowed = client().get(address(publication), {"collected_after": since.isoformat()}).json()
    assert narrowed["count"] == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_history_takes_the_same_queries_however_long(publication, rows, django_assert_num_queries):
    for hours in range(rows):
        reading(publication, hours + 1, likes=hours)
    caller = client()
    caller.get(address(publication))

    with django_assert_num_queries(4):
        assert caller.get(address(publication)).json()["count"] == rows


def test_a_recorded_reading_becomes_the_latest(publication):
    PublicationStats.objects.update(likes=9, metrics_at=timezone.now() - timedelta(hours=1))

    answer = client().post(
        address(publication), {"publication": publication.pk, "reach": 500}, format="json"
    )

    assert answer.status_code == 201, answer.json()
    # What was not given is as it was known at that moment.
    assert (answer.json()["reach"], answer.json()["likes"]) == (500, 9)
    assert answer.json()["is_manual"] is True
    row = PublicationStats.objects.get()
    assert (row.likes, row.reach) == (9, 500)


def test_an_older_reading_joins_the_history_only(publication):
    PublicationStats.objects.update(likes=9, metrics_at=timezone.now())
    at = (timezone.now() - timedelta(hours=3)).isoformat()
    sent = {"publication": publication.pk, "likes": 2, "collected_at": at}

    assert client().post(address(publication), sent, format="json").status_code == 201

    assert PublicationStats.objects.get().likes == 9
    # The newest snapshot stays the latest numbers.
    history = PostMetrics.objects.order_by("collected_at")
    assert list(history.values_list("likes", "is_manual")) == [(2, True), (9, False)]
    again = client().post(address(publication), sent, format="json")
    assert (again.status_code, again.json()["type"]) == (409, "reading_exists")


def test_what_the_network_never_reports_survives_the_next_reading(desk):
    publication = desk.tracked(age=timedelta(hours=2))
    sent = {"publication": publication.pk, "reach": 70, "likes": 1}
    client().post(address(publication), sent, format="json")
    desk.server.set_metrics(publication.remote_id, likes=6)

    collecting.collect(timezone.now())

    row = PublicationStats.objects.get()
    assert (row.reach, row.likes) == (70, 6)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "publication"),
        ({"likes": 1, "publication": 999_999}, "publication"),
        ({"likes": -1}, "likes"),
        ({"likes": 2**31}, "likes"),
        ({"likes": "many"}, "likes"),
        ({"likes": True}, "likes"),
        ({"likes": 1.5}, "likes"),
        ({"likes": 1, "views": 3}, "views"),
        ({"likes": 1, "engagements": 3}, "engagements"),
        ({"likes": 1, "collected_at": "yesterday"}, "collected_at"),
        ({"likes": 1, "collected_at": "2026-11-01T10:00:00"}, "collected_at"),
        ({"likes": 1, "collected_at": "2020-01-01T10:00:00Z"}, "collected_at"),
        ({"likes": None}, "non_field_errors"),
    ],
)
def test_bad_input_is_named_and_nothing_is_stored(publication, sent, field):
    if sent:
        sent = {"publication": publication.pk, **sent}

    answer = client().post(address(publication), sent, format="json")

    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["fields"], answer.json()
    assert PostMetrics.objects.count() == 0
    assert PublicationStats.objects.get().metrics_at is None


def test_a_reading_of_the_future_is_refused(publication):
    at = (timezone.now() + timedelta(minutes=1)).isoformat()
    sent = {"publication": publication.pk, "likes": 1, "collected_at": at}

    answer = client().post(address(publication), sent, format="json")

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["collected_at"])


def test_malformed_json_and_lists_are_refused(publication):
    for body in ("{", "[]", '"likes"', "null"):
        answer = client().post(address(publication), body, content_type="application/json")
        assert answer.status_code == 400, body
        assert set(answer.json()) == {"type", "title", "detail", "fields"}


def test_a_draft_has_no_numbers():
    draft = PublicationFactory()

    sent = {"publication": draft.pk, "likes": 1}
    answer = client().post(address(draft), sent, format="json")

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["publication"])


def test_a_publication_of_another_post_is_refused(publication):
    other = PublicationFactory(published=True)

    sent = {"publication": other.pk, "likes": 1}
    answer = client().post(address(publication), sent, format="json")

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["publication"])


def test_the_same_key_records_once(publication):
    sent = {"publication": publication.pk, "likes": 1}
    caller = client()
    headers = {"Idempotency-Key": "reading-1"}

    answers = [
        caller.post(address(publication), sent, format="json", headers=headers) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert PostMetrics.objects.count() == 1


# -- who -------------------------------------------------------------------------------


def test_who_may_record(publication):
    codes = {}
    for role in ("Administrator", "Marketer", "Approver", "Analyst"):
        sent = {"publication": publication.pk, "likes": 1}
        codes[role] = client(role).post(address(publication), sent, format="json").status_code

    assert codes == {"Administrator": 201, "Marketer": 201, "Approver": 403, "Analyst": 201}


def test_strangers_see_nothing(publication):
    assert APIClient().get(address(publication)).status_code == 401
    assert client("").get(address(publication)).status_code == 403


def test_posts_of_accounts_not_granted_are_not_there(publication):
    user = UserFactory(role="Marketer")
    AccountGrant.objects.create(user=user, account=AccountFactory())
    caller = APIClient()
    caller.force_authenticate(user)
    sent = {"publication": publication.pk, "likes": 1}

    assert caller.get(address(publication)).status_code == 404
    assert caller.post(address(publication), sent, format="json").status_code == 404
    assert caller.get("/api/analytics/posts/999999/metrics/").status_code == 404


def test_a_publication_shows_its_latest_numbers(publication):
    address = f"/api/publications/{publication.pk}/"
    assert client().get(address).json()["metrics"] is None

    PublicationStats.objects.update(likes=4, impressions=80, metrics_at=timezone.now())

    metrics = client().get(address).json()["metrics"]
    assert {name: metrics[name] for name in ("likes", "comments", "engagement_rate")} == {
        "likes": 4,
        "comments": None,
        "engagement_rate": 5.0,
    }
    assert metrics["measured_at"] is not None
