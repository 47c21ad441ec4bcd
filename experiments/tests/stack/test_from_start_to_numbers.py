"""From a test started over the API to its numbers: real beat, worker, web server and network."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from experiments.models import ABTestPublication
from socialhub import schedules
from socialhub.models import PublicationStatus
from socialhub.tests.factories import AccountFactory, UserFactory, organisation
from socialhub.tests.support.sandbox import running
from socialhub.tests.support.workers import wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]

LIKES = {"Oil keeps best in the dark.": 40, "Where do you keep your oil?": 90}
SEEN = 1_000


@pytest.fixture
def network(tmp_path):
    with running(tmp_path / "network", "--no-audience") as server:
        yield server


class Api:
    """The API with somebody's token."""

    def __init__(self, address: str, user: Any, capsys: Any) -> None:
        call_command("create_token", user.username, "--write")
        token = capsys.readouterr().out.split()[-1]
        self.address, self.headers = address, {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method,
            f"{self.address}/api/{path}",
            headers=self.headers,
            json=body or None,
            timeout=20,
        )
        assert answer.ok, answer.text
        return answer.json()


def test_the_numbers_of_a_test_come_in(crew, network, capsys):
    organisation(timezone="Europe/Madrid", language="en")
    account = AccountFactory(server_url=network.base_url)
    network.act("GET", "/api/session", account.handle)
    schedules.upsert()
    address = crew.web()
    marketer = Api(address, UserFactory(role="Marketer"), capsys)
    approver = Api(address, UserFactory(role="Approver"), capsys)
    crew.worker("publish,sync")
    crew.beat()

    made = marketer.call(
        "POST",
        "ab-tests/",
        question="Does a question help?",
        design="single_post",
        accounts=[account.pk],
        variants=[{"text": text} for text in LIKES],
        planned_size=20_000,
    )
    path = f"ab-tests/{made['id']}/"
    marketer.call("POST", f"{path}submit/")
    approver.call("POST", f"{path}approve/")
    started = marketer.call("POST", f"{path}start/")
    schedule = marketer.call("GET", f"{path}results/")["schedule"]
    # Nobody waits two days for the second one here.
    for row in schedule:
        soon = (timezone.now() + timedelta(seconds=3)).isoformat()
        marketer.call("POST", f"publications/{row['publication']}/reschedule/", due_at=soon)
    wait_for(lambda: set(network.texts(account.handle)) == set(LIKES), "both variants out", 90)
    for post in network.posts(account.handle):
        network.set_metrics(post["id"], likes=LIKES[post["text"]], impressions=SEEN)

    def counted() -> Any:
        found = marketer.call("POST", f"{path}evaluate/")
        return (
            found if found["looks"][-1]["counts"] == [[n, SEEN] for n in LIKES.values()] else None
        )

    found = wait_for(counted, "the numbers to come in", 120)

    assert started["state"] == found["state"] == "running"
    assert [one["rate"] for one in found["variants"]] == [0.04, 0.09]
    # A day has to go by before anything may be said.
    assert (found["status"], found["winner"]) == ("insufficient_data", None)
    parts = ABTestPublication.objects.filter(publication__status=PublicationStatus.PUBLISHED)
    assert parts.count() == len(network.posts(account.handle)) == 2
