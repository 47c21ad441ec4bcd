"""Series through the API: written, approved, scheduled, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import Publication
from socialhub.tests.factories import AccountFactory
from threads.models import ThreadSeries

pytestmark = pytest.mark.django_db
LIST, ONE = "/api/threads/", "/api/threads/{}/"


def refused(response) -> tuple[int, str]:
    return response.status_code, response.data["type"]


def body(*accounts, **more):
    return {
        "title": "Chairs",
        "accounts": [account.pk for account in accounts],
        "parts": [{"text": "One"}, {"text": "Two"}],
        **more,
    }


def test_a_series_from_the_draft_to_the_queue(marketer, approver):
    account = AccountFactory()
    due = timezone.now() + timedelta(hours=2)
    made = marketer.post(LIST, body(account, due_at=due.isoformat())).json()
    one = ONE.format(made["id"])

    assert made["state"] == "draft"
    first, second = (part["publications"][0] for part in made["parts"])
    assert [part["position"] for part in made["parts"]] == [1, 2]
    assert (first["status"], first["parent"], first["text"]) == ("draft", None, "One 1/2")
    assert (second["parent"], second["root"], second["remote_id"]) == (first["id"], first["id"], "")
    assert marketer.post(one + "submit/").data["state"] == "in_review"
    sent_back = approver.post(one + "request-changes/", {"comment": "Shorter."}).data
    assert (sent_back["state"], sent_back["review_comment"]) == ("draft", "Shorter.")
    marketer.post(one + "submit/")
    approved = approver.post(one + "approve/").json()
    assert approved["state"] == "scheduled"
    times = [part["publications"][0]["due_at"] for part in approved["parts"]]
    assert times == [
        due.isoformat().replace("+00:00", "Z"),
        (due + timedelta(seconds=5)).isoformat().replace("+00:00", "Z"),
    ]
    assert [part["publications"][0]["waiting_for"] for part in approved["parts"]] == [
        None,
        first["id"],
    ]
    assert marketer.post(one + "withdraw/").data["state"] == "draft"
    assert set(Publication.objects.values_list("status", flat=True)) == {"draft"}
