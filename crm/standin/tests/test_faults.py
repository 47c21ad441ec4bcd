"""What can go wrong on the way, and what is in the database afterwards."""

from __future__ import annotations

import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from crm.standin.tests.support import KEY, running

CREATE = {"vals_list": {"name": "x"}}


def create(standin, timeout: float = 10) -> requests.Response:
    return requests.post(
        f"{standin.base_url}/json/2/crm.lead/create",
        json=CREATE,
        headers={"Authorization": f"bearer {KEY}"},
        timeout=timeout,
        allow_redirects=False,
    )


def eventually(condition) -> bool:
    """Wait for something that another process does by itself; False after 10 s."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
    return False


@pytest.mark.parametrize(
    ("fault", "status", "leads"),
    [
        ("502_before", 502, 0),
        ("503", 503, 0),
        ("500_html", 500, 0),
        ("413", 413, 0),
        ("429", 429, 0),
        ("redirect", 301, 0),
        ("html_404", 404, 0),
        ("502_after_commit", 502, 1),
        ("504_after_commit", 504, 1),
        ("unreadable_200", 200, 1),
    ],
)
def test_a_wrong_answer(standin19, fault, status, leads):
    standin19.fault("create", fault, retry_after=7, location="https://other.example/")

    answer = create(standin19)

    assert answer.status_code == status
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(standin19.rows("crm.lead")) == leads
    [entry] = standin19.log()
    assert (entry["fault"], entry["status"], entry["committed"]) == (fault, status, leads == 1)
    assert answer.headers.get("Retry-After") == ("7" if fault == "429" else None)
    if fault == "redirect":
        assert answer.headers["Location"] == "https://other.example/"


@pytest.mark.parametrize(("fault", "leads"), [("reset_before", 0), ("cut_after_commit", 1)])
def test_a_cut_line(standin19, fault, leads):
    standin19.fault("*", fault)

    with pytest.raises(requests.ConnectionError):
        create(standin19)

    assert len(standin19.rows("crm.lead")) == leads
    assert create(standin19).status_code == 200


@pytest.mark.parametrize(
    ("fault", "more"), [("timeout_after_commit", {}), ("slow", {"seconds": 30})]
)
def test_an_answer_that_does_not_come(standin19, fault, more):
    standin19.fault("crm.lead.create", fault, **more)

    with pytest.raises(requests.Timeout):
        create(standin19, timeout=0.5)

    assert len(standin19.rows("crm.lead")) == 1


def test_a_slow_answer_comes(standin19):
    standin19.fault("create", "slow", seconds=0.3)

    started = time.monotonic()

    assert create(standin19).json() == [1]
    assert time.monotonic() - started >= 0.3


def test_the_faults_meet_xmlrpc_too(standin18):
    standin18.fault("crm.lead.create", "cut_after_commit")

    with pytest.raises(requests.ConnectionError):
        standin18.execute("crm.lead", "create", {"name": "x"})

    assert [row["name"] for row in standin18.rows("crm.lead")] == ["x"]


def test_a_fault_chooses_its_calls(standin18):
    standin18.fault("create", "503", times=2, skip=1, contains="Ana")

    def status(name: str) -> int:
        try:
            standin18.execute("crm.lead", "create", {"name": name})
        except requests.HTTPError as exc:
            return exc.response.status_code
        return 200

    assert [status(one) for one in ("Ana", "Bea", "Ana", "Ana", "Ana")] == [200, 200, 503, 503, 200]
    assert standin18.control("GET", "faults") == []


def test_armed_faults_can_be_seen_and_cleared(standin18):
    standin18.fault("load", "slow", seconds=2)

    [armed] = standin18.control("GET", "faults")

    assert (armed["method"], armed["fault"], armed["seconds"]) == ("load", "slow", 2)
    assert standin18.control("DELETE", "faults") == []


@pytest.mark.parametrize("given", [{"fault": "no_such"}, {"fault": "503", "colour": 1}, {}])
def test_unknown_faults_are_refused(standin18, given):
    answer = requests.post(f"{standin18.base_url}/control/faults", json=given, timeout=10)

    assert answer.status_code == 422


def test_serialize_without_load_is_a_fault(api):
    api.server.fault("create", "serialize")

    refused = api.call("crm.lead", "create", vals_list={"name": "x"})

    assert refused.code in (1, 500)
    assert "could not serialize access due to concurrent update" in refused.text


def test_write_date_is_the_start_of_the_transaction(api):
    """Section 4b: what commits late carries an early date, and others were there before."""
    api.server.fault("create", "commit_delay", seconds=1.2, contains="slow")

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(api.call, "crm.lead", "create", vals_list=[{"name": "slow"}])
        assert eventually(lambda: any(one["fault"] for one in api.server.log()))
        quick = api.create("crm.lead", name="quick")
        visible = api.search("crm.lead")
        assert not slow.done()

    rows = {row["name"]: row for row in api.server.rows("crm.lead")}
    assert visible == [quick]
    assert rows["slow"]["id"] < rows["quick"]["id"]
    assert rows["slow"]["write_date"] < rows["quick"]["write_date"]
    assert slow.result() == [rows["slow"]["id"]]


def test_many_at_once(api):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: api.create("crm.lead", name=f"n{n}"), range(40)))

    assert sorted(made) == list(range(1, 41))
    assert len(api.server.rows("crm.lead")) == 40


# -- restarts -----------------------------------------------------------------------


def test_a_restart_keeps_everything(tmp_path):
    with running(tmp_path, 18) as first:
        first.execute("crm.lead", "load", ["id", "name"], [["socialhub.lead_1", "kept"]])
        first.settings(languages=["en_US"])
        before = first.rows("crm.lead")

    with running(tmp_path, 18) as second:
        again = second.rows("crm.lead")
        made = second.execute("crm.lead", "create", {"name": "next"})

        assert (again, made) == (before, 2)
        assert again[0]["external_ids"] == ["socialhub.lead_1"]
        assert second.control("GET", "settings")["languages"] == ["en_US"]


@pytest.mark.parametrize(
    ("fault", "whole"), [("commit_delay", False), ("slow", True), ("timeout_after_commit", True)]
)
def test_a_killed_server_leaves_no_half_record(tmp_path, fault, whole):
    with running(tmp_path, 18) as first:
        first.fault("load", fault, seconds=60)
        sender = threading.Thread(target=_load_and_lose, args=[first])
        sender.start()
        assert eventually(lambda: first.log() and (first.log()[-1]["committed"] or not whole))
        first.process.send_signal(signal.SIGKILL)
        sender.join(10)

    with running(tmp_path, 18) as second:
        rows = second.rows("crm.lead")
        names = second.rows("ir.model.data")

        assert [row["external_ids"] for row in rows] == ([["socialhub.lead_1"]] if whole else [])
        assert len(names) == len(rows)
        loaded = second.execute("crm.lead", "load", ["id", "name"], [["socialhub.lead_1", "x"]])
        assert len(loaded["ids"]) == len(second.rows("crm.lead")) == 1


def _load_and_lose(standin) -> None:
    with pytest.raises(requests.ConnectionError):
        standin.execute("crm.lead", "load", ["id", "name"], [["socialhub.lead_1", "x"]])


def test_a_client_that_leaves_early_disturbs_nobody(standin18):
    host, port = standin18.base_url.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)))
    line.sendall(b"POST /xmlrpc/2/object HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<x")
    line.close()

    assert standin18.execute("crm.lead", "search", []) == []
