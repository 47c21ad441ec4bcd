"""The pretend network as a process of its own, over real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from socialhub.tests.support.sandbox import ROOT, running


def call(sandbox, method: str, path: str, handle: str = "shop", timeout: float = 10, **sent):
    headers = {"Authorization": f"Bearer {sandbox.token(handle)}", **sent.pop("headers", {})}
    url = sandbox.base_url + path
    return requests.request(method, url, headers=headers, timeout=timeout, **sent)


def publish(sandbox, text: str = "Hello", **fields):
    return call(sandbox, "POST", "/api/posts", json={"text": text, **fields})


PUBLISH = (
    b"POST /api/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-shop\r\n"
    b'Content-Length: 13\r\n\r\n{"text": "x"}'
)


def line_to(sandbox) -> socket.socket:
    """A bare connection."""
    host, port = sandbox.base_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)))


def eventually(condition) -> bool:
    """Wait for something that another process does by itself; False after 10 s."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
    return False


# -- the network's own API ------------------------------------------------------


def test_a_post_comes_back_everywhere(sandbox):
    made = publish(sandbox, "Hello", key="k", language="en")

    post = made.json()
    assert made.status_code == 201
    assert call(sandbox, "GET", f"/api/posts/{post['id']}").json() == post
    assert call(sandbox, "GET", "/api/posts").json() == [post]
    [shown] = sandbox.posts("shop")
    assert {"id", "text", "parent_id", "created_at", "media", "metrics"} <= set(shown)
    assert shown == post | {"metrics": shown["metrics"]}


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"text": " "}, 422, "empty"),
        ({"text": "x" * 501}, 422, "too_long"),
        ({"text": "x", "parent_id": "2222222222222"}, 404, "no_parent"),
        ({"text": "x", "media": ["m1"]}, 422, "bad_media"),
        ({"text": "x", "media": "m1"}, 400, "bad_json"),
    ],
)
def test_what_the_network_does_not_take(sandbox, sent, status, code):
    answer = publish(sandbox, **sent)

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert sandbox.posts() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/posts/2222222222222", 404),
        ("GET", "/api/nothing", 404),
        ("POST", "/api/posts/x", 404),
        ("GET", "/api/posts?account=nobody", 404),
        ("GET", "/media/m1", 404),
        ("GET", "/nothing", 404),
        ("POST", "/", 405),
        ("GET", "/control/nothing", 404),
        ("POST", "/control/posts/2222222222222/metrics", 404),
        ("POST", "/control/accounts/nobody/audience", 404),
        ("POST", "/control/accounts", 404),
        ("GET", "/api/profile/shop", 404),
    ],
)
def test_paths_that_lead_nowhere(sandbox, method, path, status):
    answer = call(sandbox, method, path)

    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


def test_a_profile_says_who_follows(sandbox):
    publish(sandbox)
    account = call(sandbox, "GET", "/api/session").json()
    sandbox.set_audience("shop", followers=12, following=None)

    profile = call(sandbox, "GET", "/api/profile").json()

    assert profile == account | {"followers": 12, "posts": 1}


@pytest.mark.parametrize("sent", [{"likes": 1}, {"followers": -1}, {"followers": True}])
def test_an_audience_is_made_of_whole_numbers(sandbox, sent):
    publish(sandbox)

    answer = call(sandbox, "POST", "/control/accounts/shop/audience", json=sent)

    assert (answer.status_code, answer.json()["error"]) == (422, "invalid")


def test_a_token_is_needed_and_must_belong_to_the_handle(sandbox):
    publish(sandbox)

    for headers in ({"Authorization": ""}, {"Authorization": "Bearer x"}, {"X-Handle": "other"}):
        assert call(sandbox, "GET", "/api/posts", headers=headers).status_code == 401


def test_nobody_deletes_somebody_elses_post(sandbox):
    post = publish(sandbox).json()["id"]

    assert call(sandbox, "DELETE", f"/api/posts/{post}", "thief").status_code == 403
    assert call(sandbox, "DELETE", f"/api/posts/{post}").status_code == 204
    assert call(sandbox, "GET", f"/api/posts/{post}").status_code == 404


@pytest.mark.parametrize(
    ("mime", "content", "status"),
    [("image/png", b"x", 201), ("text/html", b"x", 415), ("image/png", b"", 413)],
)
def test_images(sandbox, mime, content, status):
    answer = call(
        sandbox,
        "POST",
        "/api/media",
        data=content,
        headers={"Content-Type": mime, "X-Alt-Text": "%C3%B1"},
    )

    assert answer.status_code == status


def test_ids_sort_by_age_and_pages_follow_them(sandbox):
    ids = [publish(sandbox, str(n)).json()["id"] for n in range(5)]

    def listed(query: str) -> list[str]:
        return [p["id"] for p in call(sandbox, "GET", f"/api/posts?{query}").json()]

    assert ids == sorted(ids)
    assert listed("limit=2") == [ids[4], ids[3]]
    assert listed(f"since_id={ids[2]}") == [ids[4], ids[3]]
    assert listed(f"max_id={ids[2]}") == [ids[1], ids[0]]


def test_a_repeated_key_is_a_second_post_unless_switched_on(sandbox):
    first = publish(sandbox, key="k").json()["id"]
    assert publish(sandbox, key="k").json()["id"] != first

    sandbox.mode(idempotent=True)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: publish(sandbox, key="k").json()["id"], range(8)))
    assert set(answers) == {first}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: publish(sandbox, key="new").json()["id"], range(8)))
    assert len(set(answers)) == 1


def test_many_posts_at_once_all_arrive_with_ids_of_their_own(sandbox):
    with ThreadPoolExecutor(16) as pool:
        ids = list(pool.map(lambda n: publish(sandbox, str(n)).json()["id"], range(100)))

    assert len(set(ids)) == 100
    assert sorted(sandbox.texts(), key=int) == [str(n) for n in range(100)]


# -- faults ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "out"),
    [
        ("500_before", 500, 0),
        ("500_after_accept", 500, 1),
        ("502_after_accept", 502, 1),
        ("408_after_accept", 408, 1),
        ("unreadable_200", 200, 1),
        ("rate_limited", 429, 0),
        ("reject", 422, 0),
    ],
)
def test_faults_that_answer(sandbox, fault, status, out):
    sandbox.fault("publish", fault, retry_after=7)

    answer = publish(sandbox)

    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if fault == "rate_limited" else None)
    assert len(sandbox.posts()) == out
    assert publish(sandbox).status_code == 201


@pytest.mark.parametrize(("fault", "out"), [("reset_before", 0), ("reset_after_accept", 1)])
def test_a_reset_is_a_reset(sandbox, fault, out):
    sandbox.fault("publish", fault)
    with line_to(sandbox) as line:
        line.sendall(PUBLISH)
        with pytest.raises(ConnectionResetError):
            line.recv(1)

    assert len(sandbox.posts()) == out


def test_an_answer_that_never_comes_ends_when_the_client_leaves(sandbox):
    sandbox.fault("publish", "timeout_after_accept")

    with line_to(sandbox) as line:
        line.sendall(PUBLISH)
        line.settimeout(0.5)
        with pytest.raises(TimeoutError):
            line.recv(1)
        assert sandbox.requests("publish")["concurrent"] == 1

    assert len(sandbox.posts()) == 1
    assert eventually(lambda: sandbox.requests("publish")["concurrent"] == 0)
    assert sandbox.requests("publish")["answers"] == {"timeout_after_accept": 1}


def test_slow_answers_late_but_right(sandbox):
    sandbox.fault("publish", "slow", seconds=0.3)
    start = time.monotonic()

    assert publish(sandbox).status_code == 201
    assert time.monotonic() - start >= 0.3


def test_faults_are_counted_narrowed_listed_and_cleared(sandbox):
    sandbox.fault("publish", "reject", times=2, skip=1)
    sandbox.fault("look", "reject", contains="never sent")
    sandbox.fault("publish", "500_before", contains="poison")

    statuses = [publish(sandbox, t).status_code for t in ("a", "b", "c", "d", "poison")]

    assert statuses == [201, 422, 422, 201, 500]
    assert call(sandbox, "GET", "/api/posts").status_code == 200
    assert [f["operation"] for f in sandbox.faults()] == ["look"]
    sandbox.clear_faults()
    assert sandbox.faults() == []


@pytest.mark.parametrize(
    "sent",
    [
        {"operation": "publish"},
        {"operation": "x", "fault": "slow"},
        {"fault": "slow", "time": 2},
        {"fault": "slow", "times": "often"},
        {"fault": "slow", "times": []},
    ],
)
def test_a_fault_misspelt_is_refused(sandbox, sent):
    answer = call(sandbox, "POST", "/control/faults", json=sent)

    assert answer.status_code == 422
    assert sandbox.faults() == []


def test_latency_and_concurrency_are_seen(sandbox):
    sandbox.latency(0.3)
    meeting = threading.Barrier(4)

    def one(n: int) -> int:
        meeting.wait(timeout=10)
        return publish(sandbox, str(n)).status_code

    start = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(4))) == [201] * 4

    assert time.monotonic() - start >= 0.3
    seen = sandbox.requests("publish")
    assert (seen["count"], seen["answers"]) == (4, {"201": 4})
    assert 2 <= seen["concurrent_max"] <= 4


# -- page -----------------------------------------------------------------------


def test_the_page_shows_what_is_out_and_runs_no_script_of_others(sandbox):
    post = publish(sandbox, "<script>alert(1)</script> https://example.org/?a=1&b=2.").json()["id"]
    sandbox.comment(post, "<i>Ana", "¿Precio?")
    sandbox.set_metrics(post, impressions=12_345, shares=None)

    page = requests.get(f"{sandbox.base_url}/", timeout=10).text

    assert "Sandbox: a pretend network on this machine; nothing here is public" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <a href=" in page
    assert 'href="https://example.org/?a=1&amp;b=2"' in page
    assert "&lt;i&gt;Ana" in page
    assert "12\u202f345" in page
    assert "shares: not reported" in page


def test_the_page_of_one_account_and_of_one_post(sandbox):
    publish(sandbox, "from the shop")
    other = call(sandbox, "POST", "/api/posts", "branch", json={"text": "from the branch"}).json()

    mine = requests.get(f"{sandbox.base_url}/?account=shop", timeout=10).text
    one = requests.get(other["url"], timeout=10).text

    assert ("from the shop" in mine, "from the branch" in mine) == (True, False)
    assert ("from the shop" in one, "from the branch" in one) == (False, True)


def test_the_page_speaks_spanish(sandbox):
    headers = {"Accept-Language": "es-MX,en;q=0.5"}

    page = requests.get(f"{sandbox.base_url}/", headers=headers, timeout=10).text

    assert "aquí nada es público" in page


# -- process --------------------------------------------------------------------


def test_posts_secrets_and_counters_survive_a_restart(tmp_path):
    with running(tmp_path, "--no-audience") as before:
        post = publish(before).json()["id"]
        before.set_metrics(post, likes=4)
        truth = before.posts()
    with running(tmp_path, "--no-audience") as after:
        assert [p | {"url": ""} for p in after.posts()] == [p | {"url": ""} for p in truth]
        assert after.posts()[0]["metrics"]["likes"] == 4


def test_counters_grow_and_comments_arrive_by_themselves(tmp_path):
    with running(tmp_path, "--speed", "20000") as sandbox:
        # One post may be unlucky, twenty are not.
        posts = {publish(sandbox, f"Abrimos el {n}").json()["id"] for n in range(20)}

        def total(name: str) -> int:
            return sum(post["metrics"][name] for post in sandbox.posts())

        assert eventually(lambda: total("impressions") > 2_000 and total("comments") > 5)

        told = call(sandbox, "GET", "/api/notifications").json()["items"]
        assert len(told) > 5
        assert {item["parent_id"] for item in told} <= posts
        assert len({item["id"] for item in told}) == len(told)


def test_a_history_has_numbers_from_the_start(tmp_path):
    with running(tmp_path) as sandbox:
        week_ago = datetime.now(UTC) - timedelta(days=7)
        sandbox.seed({"handle": "shop", "text": "Old", "created_at": week_ago.isoformat()})

        [post] = sandbox.posts("shop")

    assert datetime.fromisoformat(post["created_at"]) == week_ago
    assert post["metrics"]["impressions"] > 0


def test_the_past_is_told_moment_by_moment(tmp_path):
    def get(sandbox, moments):
        at = ",".join(moment.isoformat() for moment in moments)
        return requests.get(f"{sandbox.base_url}/control/history", {"at": at}, timeout=10).json()

    with running(tmp_path) as sandbox:
        now = datetime.now(UTC)
        published = now - timedelta(days=7)
        [post] = sandbox.seed(
            {"handle": "shop", "text": "Old", "created_at": published.isoformat()}
        )
        moments = [published - timedelta(hours=1), published + timedelta(days=1), now]

        before, then, today = get(sandbox, moments)

        assert [before["at"], then["at"]] == [one.isoformat() for one in moments[:2]]
        assert (before["posts"], before["accounts"]["shop"]["posts"]) == ({}, 0)
        first, last = then["posts"][post["id"]], today["posts"][post["id"]]
        assert first["clicks"] is last["clicks"] is None
        assert 0 < first["impressions"] < last["impressions"]
        assert last == sandbox.posts("shop")[0]["metrics"]
        assert before["accounts"]["shop"]["followers"] > 0


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-01T12:00:00", "2999-01-01T12:00:00Z"])
def test_the_past_has_a_time_and_a_zone(sandbox, at):
    answer = call(sandbox, "GET", "/control/history", params={"at": at})

    assert (answer.status_code, answer.json()["error"]) == (422, "invalid")


def test_a_history_may_have_pictures_and_cards(sandbox):
    picture = call(
        sandbox, "POST", "/api/media", data=b"x", headers={"Content-Type": "image/png"}
    ).json()["id"]
    card = {"url": "https://example.org/", "title": "example.org"}
    old = {"handle": "shop", "text": "Old", "created_at": "2026-01-01T12:00:00+00:00"}

    sandbox.seed(old | {"media": [picture]}, old | {"card": card})

    first, second = sandbox.posts("shop")
    assert [one["id"] for one in first["media"]] == [picture]
    assert (first["metrics"]["clicks"], second["metrics"]["clicks"]) == (None, 0)


def test_it_needs_neither_django_nor_celery():
    code = "import sys, socialhub.sandbox.__main__; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "socialhub.sandbox.app" in loaded
    assert {"django", "celery", "requests", "regex"} & set(loaded) == set()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_it_starts_in_less_than_30_megabytes(tmp_path):
    with running(tmp_path) as sandbox:
        publish(sandbox)
        status = Path(f"/proc/{sandbox.pid}/status").read_text()

    [resident] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    assert int(resident.split()[1]) < 30_000
