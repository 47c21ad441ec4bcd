"""A series over the API: web server, beat, worker and network are processes of their own."""

from __future__ import annotations

from typing import Any

import pytest

from socialhub import schedules
from socialhub.tests.stack.networks import SandboxNetwork
from socialhub.tests.stack.test_main_job_bluesky import Api
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]
WORDS = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon"]


def states(marketer: Api, path: str) -> tuple[str, list[str]]:
    """The state of the series, and of its parts on its only account."""
    found: Any = marketer.get(path)
    return found["state"], [part["publications"][0]["status"] for part in found["parts"]]


def test_a_lost_answer_and_a_refusal_leave_no_hole_and_nothing_twice(crew: Crew, sandbox: Any):
    network = SandboxNetwork(sandbox)
    account = network.account()
    schedules.upsert()
    web = crew.web()
    marketer, approver = Api(web, "Marketer"), Api(web, "Approver")
    crew.worker()
    crew.beat()
    sandbox.fault("publish", "reset_after_accept", contains="Beta")
    sandbox.fault("publish", "reject", contains="Delta")
    series: Any = marketer.post(
        "threads/",
        201,
        json={
            "title": "Letters",
            "accounts": [account.pk],
            "numbering": "none",
            "pace_seconds": 1,
            "parts": [{"text": word} for word in WORDS],
        },
    )
    path = f"threads/{series['id']}/"
    marketer.post(f"{path}submit/", 200)
    approver.post(f"{path}approve/", 200)
    marketer.post(f"{path}schedule/", 200)

    stopped = ("partial", [*["published"] * 3, "failed", "scheduled"])
    wait_for(lambda: states(marketer, path) == stopped, "the refused part", 90)
    marketer.post(f"{path}resume/", 200)
    wait_for(lambda: states(marketer, path)[0] == "published", "the rest", 60)

    out = network.truth(account)
    assert [post["text"] for post in out] == WORDS
    assert [post["parent_id"] for post in out] == [None, *[post["id"] for post in out[:-1]]]
