"""A clock that can be moved, and planted effects."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
import requests

from socialhub.sandbox import effects
from socialhub.sandbox.audience import Audience
from socialhub.sandbox.clock import Clock
from socialhub.sandbox.effects import Effect
from socialhub.sandbox.store import Post, Store
from socialhub.tests.support.sandbox import running

# A Tuesday, 15:00 UTC.
START = 1_772_550_000.0
HOUR, DAY = 3600.0, 86_400.0


class Machine:
    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def store(tmp_path, machine) -> Iterator[Store]:
    store = Store(tmp_path, machine)
    store.login("shop", "s")
    yield store
    store.close()


def published(store: Store, text: str = "Hello", **fields) -> Post:
    return store.add(author="shop", author_name="Shop", account="shop", text=text, **fields)


# -- the clock ------------------------------------------------------------------


def test_a_moved_clock_runs_on_and_never_back(machine):
    clock = Clock(machine)
    clock.move(-10 * DAY)
    assert clock() == START - 10 * DAY

    machine.now += 20
    assert clock() == START - 10 * DAY + 20
    # To the same moment again, 20 seconds of work later: it waits.
    clock.move(-10 * DAY - 20)
    assert clock() == START - 10 * DAY + 20
    with pytest.raises(ValueError, match="forward only"):
        clock.move(-11 * DAY)
    assert clock() == START - 10 * DAY + 20

    clock.move(0)
    assert clock() == machine.now
    clock.move(-11 * DAY)
    assert clock() == machine.now - 11 * DAY


@pytest.mark.parametrize("offset", [float("nan"), float("inf"), -1e12])
def test_a_clock_moves_to_a_moment(machine, offset):
    with pytest.raises(ValueError, match="offset_seconds"):
        Clock(machine).move(offset)


def test_posts_comments_and_counters_follow_the_clock(store, machine):
    audience = Audience(store, 1.0)
    later = published(store, created=START - DAY)
    store.clock.move(-30 * DAY)
    post = published(store)
    assert post["created"] == START - 30 * DAY
    assert post["id"] < later["id"]
    # What was written later is not there.
    assert store.posts() == [post]
    assert store.post(later["id"]) is None
    assert audience.profile(store.account("shop"))["posts"] == 1

    grown = []
    for hours in (0, 24, 72):
        store.clock.move((hours - 30 * 24) * HOUR)
        counted = audience.counters([post])[post["id"]]
        assert counted["comments"] == len(store.replies([post["id"]]))
        assert all(one["created"] <= store.clock() for one in store.replies([post["id"]]))
        grown.append(counted)
    assert grown[0]["impressions"] == 0 < grown[1]["impressions"] < grown[2]["impressions"]

    store.clock.move(0)
    assert store.posts() == [later, post]
    [then] = audience.history([START - 27 * DAY])
    assert then.posts == {post["id"]: grown[2]}


def test_comments_of_a_moved_clock_are_new_to_who_reads_them(store, machine):
    audience = Audience(store, 1.0)
    old = published(store, created=START - 2 * DAY)
    audience.catch_up([old])
    cursor = store.addressed_to("shop", "", 1_000)[-1]["id"]

    store.clock.move(-30 * DAY)
    posts = [published(store) for _ in range(10)]
    store.clock.move(-20 * DAY)
    audience.catch_up(posts)
    comments = store.replies([post["id"] for post in posts])
    store.clock.move(0)

    told = store.addressed_to("shop", cursor, 1_000)
    assert comments
    assert {one["id"] for one in told} == {one["id"] for one in comments}


# -- effects --------------------------------------------------------------------


def test_an_effect_multiplies_what_it_names_and_nothing_else(store, machine):
    plain, marked = Audience(store, 1.0), Audience(store, 1.0)
    posts = [published(store, f"Better, number {n}") for n in range(40)]
    machine.now += 48 * HOUR
    before = plain.counters(posts)
    store.plant({"Better": Effect(likes=3.0), "Best": Effect(likes=0.0)})
    after = marked.counters(posts)

    for post in posts:
        one, other = before[post["id"]], after[post["id"]]
        assert other | {"likes": 0} == one | {"likes": 0}
        assert 3 * one["likes"] <= other["likes"] <= 3 * one["likes"] + 3
    assert sum(one["likes"] for one in before.values()) > 100


def test_effects_multiply_each_other_and_nobody_may_say_nothing(store, machine):
    both = {"a": Effect(impressions=2.0, shares=0.5), "b": Effect(impressions=3.0)}
    assert effects.on("a b", both.items()) == Effect(impressions=6.0, shares=0.5)
    assert effects.on("b", both.items()) == Effect(impressions=3.0)

    store.plant({"quiet": Effect(impressions=0.0, comments=0.0)})
    post = published(store, "quiet")
    machine.now += 48 * HOUR
    counted = Audience(store, 1.0).counters([post])[post["id"]]
    assert set(counted.values()) == {0}


# -- over the network -----------------------------------------------------------


def control(server, method: str, path: str, sent=None) -> requests.Response:
    return requests.request(method, f"{server.base_url}/control/{path}", json=sent, timeout=10)


def test_a_post_of_a_moved_clock_is_of_then(sandbox):
    moved = control(sandbox, "POST", "clock", {"offset_seconds": -7 * DAY})
    assert moved.json()["offset_seconds"] == -7 * DAY
    post = sandbox.act("POST", "/api/posts", "shop", text="A week ago")
    age = time.time() - datetime.fromisoformat(post["created_at"]).timestamp()
    assert 7 * DAY - 5 < age < 7 * DAY + 5

    refused = control(sandbox, "POST", "clock", {"offset_seconds": -8 * DAY})
    assert (refused.status_code, refused.json()["error"]) == (422, "invalid")
    assert control(sandbox, "GET", "clock").json()["offset_seconds"] == -7 * DAY

    sandbox.reset()
    assert control(sandbox, "GET", "clock").json()["offset_seconds"] == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"contains": "x", "likes": 2},
        [{"likes": 2}],
        [{"contains": " ", "likes": 2}],
        [{"contains": "x", "likes": -1}],
        [{"contains": "x", "likes": "2"}],
        [{"contains": "x", "likes": True}],
        [{"contains": "x", "laughs": 2}],
        ["x"],
    ],
)
def test_an_effect_misspelt_is_refused(sandbox, sent):
    assert control(sandbox, "POST", "effects", sent).status_code == 422
    assert control(sandbox, "GET", "effects").json() == []


def test_effects_are_added_listed_taken_away_and_survive_a_restart(tmp_path):
    with running(tmp_path) as server:
        control(server, "POST", "effects", [{"contains": "a", "likes": 2}])
        control(server, "POST", "effects", [{"contains": "b", "shares": 3}])
        control(server, "POST", "effects", [{"contains": "a", "likes": 4}])
    with running(tmp_path) as server:
        found = control(server, "GET", "effects").json()
        assert {one["contains"]: (one["likes"], one["shares"]) for one in found} == {
            "a": (4, 1),
            "b": (1, 3),
        }
        assert control(server, "DELETE", "effects").json() == []
        assert control(server, "GET", "effects").json() == []
