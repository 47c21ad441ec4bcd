"""What AI wrote is a proposal: without another person's approval it goes nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import Publication
from socialhub.services import jobs
from socialhub.tests.ai.conftest import configured, stub  # noqa: F401
from socialhub.tests.ai.stub import says
from socialhub.tests.factories import AccountFactory
from threads.models import ThreadSeries

pytestmark = pytest.mark.django_db
LIST, ONE = "/api/threads/", "/api/threads/{}/"
PARTS = ["El pan de hoy ya está en el horno.", "Ven a probarlo."]


def test_a_series_by_ai_waits_for_another_person(marketer, approver, configured):  # noqa: F811
    configured.tell(says({"parts": PARTS}))
    accounts = [AccountFactory().pk]
    asked = {"source": "topic", "value": "Pan", "accounts": accounts, "language": "es"}

    job = marketer.post(f"{LIST}generate/", asked).data["job"]
    jobs.run(job)

    found = marketer.get(f"/api/jobs/{job}/").json()
    assert (found["state"], found["result"]["made_by"]) == ("done", "ai")
    assert not ThreadSeries.objects.exists()

    due = (timezone.now() + timedelta(hours=2)).isoformat()
    parts = [{"text": text} for text in found["result"]["parts"]]
    body = {"title": "Pan", "accounts": accounts, "parts": parts, "due_at": due}
    one = ONE.format(marketer.post(LIST, body).json()["id"])
    refused = [marketer.post(f"{one}{verb}/").status_code for verb in ("schedule", "approve")]
    marketer.post(f"{one}submit/")

    assert refused == [409, 403]
    assert set(Publication.objects.values_list("status", flat=True)) == {"draft"}
    assert approver.post(f"{one}approve/").json()["state"] == "scheduled"
