"""/healthz and /readyz tell the truth, and the System page says the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from socialhub.models import Heartbeat, JobRun, JobState


@pytest.fixture
def alive(db):
    now = timezone.now()
    PeriodicTask.objects.filter(name="publish_due").update(last_run_at=now)
    for part in ("queue:publish", "queue:sync"):
        Heartbeat.objects.create(part=part, at=now)


def test_alive_without_asking_the_database(client):
    # The test may not use the database: pytest-django refuses any query here.
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready_when_every_part_gave_a_sign(client, alive):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["dead"] == []


@pytest.mark.parametrize("part", ["queue:publish", "queue:sync"])
def test_a_silent_worker_is_named(client, alive, part):
    Heartbeat.objects.filter(part=part).update(at=timezone.now() - timedelta(minutes=2, seconds=1))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["dead"] == [part]


def test_a_worker_that_never_was_is_named(client, alive):
    Heartbeat.objects.filter(part="queue:publish").delete()

    assert client.get("/readyz").json()["dead"] == ["queue:publish"]


def test_a_render_worker_counts_once_it_was_there(client, alive):
    Heartbeat.objects.create(part="queue:render", at=timezone.now() - timedelta(hours=1))

    assert client.get("/readyz").json()["dead"] == ["queue:render"]


def test_a_silent_beat_is_named(client, alive):
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(minutes=3))

    assert client.get("/readyz").json()["dead"] == ["beat"]


def test_a_broker_folder_that_is_gone_is_named(client, alive, settings, tmp_path):
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path / "gone")}

    assert client.get("/readyz").json()["dead"] == ["broker"]


def test_a_redis_that_does_not_answer_is_named(client, alive, settings):
    # Port 1 is closed.
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert client.get("/readyz").json()["dead"] == ["broker"]


def test_the_system_page_names_the_dead_part(person, alive):
    _user, client = person("Administrator")
    Heartbeat.objects.filter(part="queue:sync").update(at=timezone.now() - timedelta(hours=3))
    JobRun.objects.create(
        kind="doctor", state=JobState.FAILED, errors=[{"code": "x", "message": "It broke."}]
    )

    page = client.get(reverse("admin:system"))

    assert "1 part does not answer." in page.text
    assert "3 hours ago" in page.text.replace("\xa0", " ")
    assert "It broke." in page.text
    assert "django-celery-beat" in page.text


def test_the_system_page_is_for_administrators(person):
    _user, client = person("Marketer")

    assert client.get(reverse("admin:system")).status_code == 403
