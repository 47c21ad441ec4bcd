"""Jobs in a worker process of its own, with its own broker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import Account, AccountStatus, Credential, JobRun, JobState
from socialhub.services import accounts, jobs
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

# What beat does every 30 s, for a job whose message never arrived.
SWEEP = (
    "from datetime import timedelta; from django.utils import timezone; "
    "from socialhub import tasks; from socialhub.services import jobs; "
    "print(jobs.sweep(timezone.now() + timedelta(seconds=31)))"
)


@pytest.fixture
def crew(tmp_path):
    found = Crew(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def lost(sandbox):
    """A connection whose message was lost: only the rows are there."""
    account = Account.objects.create(platform="sandbox", server_url=sandbox.base_url, handle="shop")
    Credential.objects.create(account=account, secrets={"secret": "secret-1"})
    return JobRun.objects.create(kind="connect_account", arguments={"account": account.pk})


def state_of(job):
    return JobRun.objects.values_list("state", flat=True).get(pk=job.pk)


def test_a_worker_connects_an_account_after_its_message_was_lost(crew, lost):
    crew.worker(queues="sync", children=1)

    crew.command("shell", "-c", SWEEP)

    wait_for(lambda: state_of(lost) == JobState.DONE, "the job is done")
    assert Account.objects.get().status == AccountStatus.ACTIVE


def test_a_worker_killed_in_the_middle_leaves_no_half_account(crew, lost, sandbox):
    sandbox.latency(20)
    worker = crew.worker(queues="sync", children=1)
    crew.command("shell", "-c", SWEEP)
    wait_for(lambda: state_of(lost) == JobState.RUNNING, "the worker has begun")

    worker.kill()
    sandbox.latency(0)

    later = timezone.now() + timedelta(hours=2)
    assert jobs.sweep(later)["given_up"] == 1
    accounts.remove_abandoned(later)
    lost.refresh_from_db()
    assert (lost.state, lost.errors[0]["code"]) == (JobState.FAILED, "worker_lost")
    assert not Account.objects.exists()
    assert not Credential.objects.exists()
