"""The invented audience under a clock we move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from socialhub.sandbox.audience import Audience
from socialhub.sandbox.store import Post, Store

# A Tuesday, 15:00 UTC.
START = 1_772_550_000.0
HOUR = 3600.0


class Clock:
    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path, clock) -> Iterator[Store]:
    store = Store(tmp_path, clock)
    store.login("shop", "s")
    yield store
    store.close()


def published(store: Store, text: str = "Hello https://example.org/", **fields) -> Post:
    return store.add(author="shop", author_name="Shop", account="shop", text=text, **fields)


def test_counters_never_go_down_and_comments_are_the_ones_to_be_read(store, clock):
    audience = Audience(store, 1.0)
    posts = [published(store) for _ in range(30)]
    before = audience.counters(posts)
    assert {tuple(c.values()) for c in before.values()} == {(0, 0, 0, 0, 0)}

    for hours in (1, 2, 4, 8, 24, 24 * 14):
        clock.now = START + hours * HOUR
        now = audience.counters(posts)
        for post in posts:
            counted = now[post["id"]]
            assert all(counted[name] >= value for name, value in before[post["id"]].items())
            assert counted["likes"] + counted["shares"] + counted["comments"] < max(
                counted["impressions"], 1
            )
            comments = store.replies([post["id"]])
            assert counted["comments"] == len(comments)
            assert all(post["created"] < c["created"] <= clock.now for c in comments)
        before = now

    assert sum(c["comments"] for c in before.values()) > 30


def test_the_same_post_has_the_same_fate_and_another_seed_another(store, clock):
    post = published(store)
    clock.now += 48 * HOUR

    first = Audience(store, 1.0, seed=1).counters([post])

    assert Audience(store, 1.0, seed=1).counters([post]) == first
    assert Audience(store, 1.0, seed=2).counters([post]) != first


def test_speed_makes_a_minute_an_hour(store, clock):
    post = published(store)
    clock.now += 5 * HOUR
    slow = Audience(store, 1.0).counters([post])[post["id"]]["impressions"]
    clock.now = START + 5 * 60

    fast = Audience(store, 60.0).counters([post])[post["id"]]["impressions"]

    assert fast == slow > 0


def test_followers_come_with_what_is_seen_and_stay(store, clock):
    audience, shop = Audience(store, 1.0), store.account("shop")
    posts = [published(store) for _ in range(20)]
    before = audience.profile(shop)
    assert before["posts"] == 20
    assert before["followers"] > 0

    for hours in (6, 24, 24 * 7):
        clock.now = START + hours * HOUR
        now = audience.profile(shop)
        seen = sum(c["impressions"] for c in audience.counters(posts).values())
        grown = now["followers"] - before["followers"]
        assert 0 < grown < seen / 100
        assert audience.profile(shop) == now
    store.delete(posts[0]["id"])

    assert audience.profile(shop) == now | {"posts": 19}


def test_another_account_or_seed_has_another_audience(store, clock):
    store.login("branch", "s")
    shop, branch = store.account("shop"), store.account("branch")
    first = Audience(store, 1.0).profile(shop)

    assert Audience(store, 1.0).profile(branch) != first
    assert Audience(store, 1.0, seed=2).profile(shop) != first


def test_the_past_is_told_as_it_was_said_then(store, clock):
    audience, shop = Audience(store, 1.0), store.account("shop")
    posts = [published(store) for _ in range(10)]
    clock.now = START + 30 * HOUR
    said = audience.counters(posts), audience.profile(shop)
    clock.now += 200 * HOUR
    published(store)
    audience.counters(posts)

    before, then, now = audience.history([START - 1, START + 30 * HOUR, clock.now])

    assert (then.posts, then.accounts["shop"]) == said
    assert sum(counted["comments"] for counted in then.posts.values()) > 0
    assert (before.posts, before.accounts["shop"]["posts"]) == ({}, 0)
    assert now.posts == audience.counters(store.posts())
    assert now.accounts == {"shop": audience.profile(shop)}


def test_answers_of_the_author_are_no_comments_in_the_past_either(store, clock):
    audience = Audience(store, None)
    post = published(store)
    published(store, "Part two", parent=post["id"], root=post["id"])
    store.add(author="ana", author_name="Ana", text="Oh", account=None, parent=post["id"])
    clock.now += HOUR

    [now] = audience.history([clock.now])

    assert now.posts[post["id"]]["comments"] == 1
    assert now.posts == audience.counters(store.posts())


def test_the_best_hours_of_the_week_earn_more_per_view(store, clock):
    def rate(at: float) -> float:
        posts = [published(store, created=at + n) for n in range(60)]
        counted = audience.counters(posts).values()
        likes = sum(one["likes"] for one in counted)
        return likes / sum(one["impressions"] for one in counted)

    audience = Audience(store, 1.0)
    clock.now += 400 * HOUR
    day = 24 * HOUR

    # START is at three on a Tuesday afternoon.
    tuesday, friday = rate(START + 3 * HOUR), rate(START + 3 * HOUR + 3 * day)
    night, noon = rate(START - 12 * HOUR), rate(START - 3 * HOUR)

    assert tuesday > 1.6 * friday
    assert friday > 1.05 * noon
    assert noon > 1.4 * night


def test_an_audience_set_by_hand_stays(store, clock):
    audience, shop = Audience(store, 1.0), store.account("shop")
    store.fix("shop", {"followers": 12})
    store.fix("shop", {"posts": None})
    published(store)
    clock.now += 48 * HOUR

    found = audience.profile(shop)

    assert (found["followers"], "posts" in found) == (12, False)
    store.reset()
    assert store.fixed("shop") == {}


def test_switched_off_nothing_happens(store, clock):
    post = published(store, "no link")
    clock.now += 48 * HOUR

    assert Audience(store, None).counters([post])[post["id"]] == {
        "likes": 0,
        "shares": 0,
        "impressions": 0,
        "comments": 0,
    }
    profile = Audience(store, None).profile(store.account("shop"))
    assert profile == {"followers": 0, "following": 0, "posts": 1}


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("¿Vienes?", "", "es"),
        ("Abrimos para todos", "", "es"),
        ("See you", "", "en"),
        ("Gratis", "es-MX", "es"),
        ("Gratis", "en", "en"),
    ],
)
def test_people_answer_in_the_language_of_the_post(store, clock, text, said, expected):
    posts = [published(store, text, language=said) for _ in range(10)]
    clock.now += 48 * HOUR

    Audience(store, 1.0).catch_up(posts)

    comments = store.replies(post["id"] for post in posts)
    assert {comment["language"] for comment in comments} == {expected}
