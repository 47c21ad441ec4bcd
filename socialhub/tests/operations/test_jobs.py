"""Jobs: run once, found again when a message or a worker is lost, errors a person can read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from socialhub.models import JobRun, JobState, Preferences
from socialhub.platforms.errors import Unavailable
from socialhub.services import jobs
from socialhub.services.errors import Invalid


@pytest.fixture
def kind():
    """Registers a function as a job kind for one test; the list holds the jobs it did."""

    def register(run=lambda row: {"answer": 42}, **options):
        done = []

        def noted(row):
            done.append(row.pk)
            return run(row)

        jobs.job("test", **options)(noted)
        return done

    yield register
    jobs.KINDS.pop("test", None)


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_after_the_commit_and_keeps_its_result(kind):
    done = kind()

    row = jobs.wait(jobs.start("test", None, {"post": 1}), 5)

    assert (row.state, row.result, row.errors) == (JobState.DONE, {"answer": 42}, [])
    assert done == [row.pk]


@pytest.mark.django_db(transaction=True)
def test_a_message_delivered_several_times_does_the_job_once(kind):
    done = kind()
    row = JobRun.objects.create(kind="test")
    barrier = Barrier(4)

    def deliver(_n):
        try:
            barrier.wait(timeout=30)
            jobs.run(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, range(4)))

    assert done == [row.pk]


@pytest.mark.django_db
def test_a_lost_message_is_rung_again(kind):
    done = kind()
    # In a test transaction nothing commits, so the message never leaves.
    row = jobs.start("test", None)

    assert jobs.sweep(row.created_at + timedelta(seconds=29)) == {
        "rung": 0,
        "given_up": 0,
    }
    assert jobs.sweep(row.created_at + timedelta(seconds=31)) == {
        "rung": 1,
        "given_up": 0,
    }
    assert done == [row.pk]


@pytest.mark.django_db
def test_a_job_whose_worker_died_is_given_up_and_a_late_answer_is_ignored(kind):
    started = timezone.now()
    row = JobRun.objects.create(kind="test", state=JobState.RUNNING, started_at=started)

    def slow(job):
        late = timezone.now() + timedelta(seconds=200)
        assert jobs.sweep(late)["given_up"] == 2
        return {"answer": 1}

    kind(slow, seconds=100)
    assert jobs.sweep(started + timedelta(seconds=159))["given_up"] == 0
    second = JobRun.objects.create(kind="test")
    jobs.run(second.pk)

    for each in (row, second):
        each.refresh_from_db()
        assert (each.state, each.errors[0]["code"]) == (JobState.FAILED, "worker_lost")
        assert each.result is None


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (
            Invalid("too_big", "Smaller, please."),
            {"code": "too_big", "message": "Smaller, please."},
        ),
        (
            Unavailable("HTTP 502 for token=abcdefghijkl"),
            {"code": "unavailable", "message": "HTTP 502 for token=[redacted]"},
        ),
        (
            jobs.JobFailed({"code": "a", "message": "A"}),
            {"code": "a", "message": "A"},
        ),
    ],
)
@pytest.mark.django_db
def test_expected_errors_are_shown(kind, raised, error):
    def fail(row):
        raise raised

    kind(fail)
    row = JobRun.objects.create(kind="test")
    jobs.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.errors) == (JobState.FAILED, [error])


@pytest.mark.django_db
def test_an_unexpected_error_is_logged_and_not_quoted(kind, caplog):
    def fail(row):
        raise KeyError("inner detail")

    kind(fail)
    row = JobRun.objects.create(kind="test")
    jobs.run(row.pk)

    row.refresh_from_db()
    assert row.errors[0]["code"] == "internal"
    assert "inner detail" not in row.errors[0]["message"]
    assert str(row.pk) in caplog.text


@pytest.mark.django_db
def test_a_job_speaks_its_owners_language(kind):
    from django.utils.translation import get_language

    user = User.objects.create_user("ana")
    Preferences.objects.create(user=user, language="es")
    kind(lambda row: {"language": get_language()})
    row = JobRun.objects.create(kind="test", owner=user)

    jobs.run(row.pk)

    row.refresh_from_db()
    assert row.result == {"language": "es"}


@pytest.mark.django_db
def test_progress_is_shown_while_it_runs(kind):
    def half(row):
        jobs.progress(row, 2, 4)
        row.refresh_from_db()
        return {"seen": [row.done, row.total]}

    kind(half)
    row = JobRun.objects.create(kind="test")
    jobs.run(row.pk)

    row.refresh_from_db()
    assert row.result == {"seen": [2, 4]}


@pytest.mark.django_db
def test_an_unknown_kind_cannot_be_started():
    with pytest.raises(LookupError):
        jobs.start("no-such-kind", None)


@pytest.mark.django_db
def test_old_jobs_are_deleted_and_those_under_way_are_not(kind):
    now = timezone.now()
    old = now - timedelta(days=91)
    for state, ended in (("done", old), ("failed", old), ("done", now), ("queued", None)):
        JobRun.objects.create(kind="test", state=state, finished_at=ended)

    assert jobs.prune(now) == 2
    assert sorted(JobRun.objects.values_list("state", flat=True)) == ["done", "queued"]
