"""The invented audience: counters and comments as a function of a post's id and its age.

Nothing runs in the background. Whoever reads gets what has "happened" until then, and the
same post always has the same fate.
"""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from socialhub.sandbox import effects
from socialhub.sandbox.phrases import COMMENTS, PEOPLE
from socialhub.sandbox.store import Post, Store

HOUR = 3600.0
MEDIAN_IMPRESSIONS = 900.0
# Share of those who see a post and then follow its author.
FOLLOW = 0.002
# Reactions per view, in parts of the usual: when nobody has time, and how much more (e to the power
# of this) in the best hour of the week.
ACT, ACT_MORE = 0.5, 1.8
SATURDAY, BEST_DAYS = 5, (1, 3)
MOST_COMMENTS = len(COMMENTS["en"])
# Posts looked at for new comments when no particular post is asked for.
RECENT = 200
LINK = re.compile(r"https?://")
SPANISH = re.compile(r"[ñáéíóúü¿¡]|\b(el|los|las|una|que|con|para|por|del)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a post: final impressions, how fast, and the share who act."""

    impressions: float
    half_hours: float
    steepness: float
    likes: float
    shares: float
    comments: float
    clicks: float

    def seen(self, hours: float) -> float:
        """Impressions after `hours`: half of them at `half_hours`, S-shaped in log time."""
        if hours <= 0:
            return 0.0
        return self.impressions / (1 + (self.half_hours / hours) ** self.steepness)

    def hours_until_comment(self, n: int) -> float | None:
        """Age at which comment number n (1, 2, …) is written; None if it never is."""
        ever = self.impressions * self.comments
        part = n / ever if ever else math.inf
        if part >= 1:
            return None
        return self.half_hours * (part / (1 - part)) ** (1 / self.steepness)


@dataclass(frozen=True, slots=True)
class Past:
    """A past moment: counters by post id, numbers by handle; one not reported is absent."""

    posts: dict[str, dict[str, int]]
    accounts: dict[str, dict[str, int]]


class Audience:
    """`speed` 60 makes a minute pass like an hour; None switches the audience off."""

    def __init__(self, store: Store, speed: float | None, seed: int = 0) -> None:
        self.store, self.speed, self.seed = store, speed, seed

    def counters(self, posts: Iterable[Post]) -> dict[str, dict[str, int]]:
        """Per post id the counters it reports; one not reported is absent."""
        posts = list(posts)
        self.catch_up(posts)
        said = self.store.comment_counts(post["id"] for post in posts)
        now = self.store.clock()
        return {
            post["id"]: self._counted(post, self._fate(post), now, said.get(post["id"], 0))
            for post in posts
        }

    def profile(self, account: dict[str, Any]) -> dict[str, int]:
        """The account's numbers; one not reported is absent.

        Few of those who see a post follow its author; deleting the post does not lose them.
        """
        written = self.store.written(account["handle"])
        fates = {post["id"]: self._fate(post) for post in written if not post["parent"]}
        return self._audience(account, written, fates, self.store.clock())

    def history(self, moments: Iterable[float]) -> list[Past]:
        """What had happened by each of these past moments, seconds since 1970.

        Posts younger than the moment are absent, and so are deleted ones. When a number was set
        by hand is not known: it counts as if it had always been so.
        """
        posts = self.store.posts()[::-1]
        self.catch_up(posts)
        said = self._comments(posts)
        written = [(one, self.store.written(one["handle"])) for one in self.store.accounts()]
        fates = {post["id"]: self._fate(post) for _, found in written for post in found}
        return [
            Past(
                {
                    post["id"]: self._counted(
                        post, fates[post["id"]], at, sum(t <= at for t in said[post["id"]])
                    )
                    for post in posts
                    if post["created"] <= at
                },
                {one["handle"]: self._audience(one, found, fates, at) for one, found in written},
            )
            for at in moments
        ]

    def _comments(self, posts: Iterable[Post]) -> dict[str, list[float]]:
        """When others answered, by post."""
        authors = {post["id"]: post["account"] for post in posts}
        said: dict[str, list[float]] = defaultdict(list)
        for reply in self.store.replies(authors):
            if reply["account"] != authors[reply["parent"]]:
                said[reply["parent"]].append(reply["created"])
        return said

    def _counted(self, post: Post, fate: Fate, at: float, comments: int) -> dict[str, int]:
        seen = 0.0
        if self.speed is not None:
            seen = math.floor(fate.seen(self._age_hours(post, at)))
        counted: dict[str, int | None] = {
            "likes": int(seen * fate.likes),
            "shares": int(seen * fate.shares),
            "impressions": int(seen),
        }
        if LINK.search(post["text"]) or post["card"]:
            counted["clicks"] = int(seen * fate.clicks)
        counted["comments"] = comments
        counted |= post["counters"]
        return {name: value for name, value in counted.items() if value is not None}

    def _audience(
        self, account: dict[str, Any], written: list[Post], fates: Mapping[str, Fate], at: float
    ) -> dict[str, int]:
        there = [post for post in written if post["created"] <= at]
        counted: dict[str, int | None] = {
            "followers": 0,
            "following": 0,
            "posts": sum(not post["deleted"] for post in there),
        }
        if self.speed is not None:
            dice = random.Random(f"{self.seed}:{account['id']}")
            heads = [post for post in there if not post["parent"]]
            seen = sum(fates[post["id"]].seen(self._age_hours(post, at)) for post in heads)
            counted["followers"] = int(dice.lognormvariate(6, 0.5) + seen * FOLLOW)
            counted["following"] = dice.randint(40, 200)
        counted |= self.store.fixed(account["handle"])
        return {name: value for name, value in counted.items() if value is not None}

    def _age_hours(self, post: Post, at: float) -> float:
        return (at - post["created"]) * (self.speed or 0.0) / HOUR

    def _fate(self, post: Post) -> Fate:
        dice = random.Random(f"{self.seed}:{post['id']}")
        leisure = _leisure(post["created"])
        # Who has time also acts more often.
        act = ACT * math.exp(ACT_MORE * leisure)
        reach = MEDIAN_IMPRESSIONS * dice.lognormvariate(0, 0.7) * (0.7 + 0.6 * leisure)
        if post["media"]:
            reach *= 1.3
        if post["parent"]:
            # Later parts of a thread are seen by fewer, answers to a person by hardly anybody.
            reach *= 0.6 if post["root"] and self._own_thread(post) else 0.05
        planted = effects.on(post["text"], self.store.effects.items())
        return Fate(
            impressions=reach * planted.impressions,
            half_hours=3 * dice.lognormvariate(0, 0.3),
            steepness=dice.uniform(1.1, 1.5),
            likes=0.025 * act * dice.lognormvariate(0, 0.3) * planted.likes,
            shares=0.005 * act * dice.lognormvariate(0, 0.3) * planted.shares,
            comments=0.004 * act * dice.lognormvariate(0, 0.3) * planted.comments,
            clicks=0.012 * dice.lognormvariate(0, 0.5) * planted.clicks,
        )

    def _own_thread(self, post: Post) -> bool:
        above = self.store.post(post["parent"])
        return above is not None and above["account"] == post["account"]

    def catch_up(self, posts: Iterable[Post] | None = None) -> None:
        """Write the comments that are due on these posts, or on the most recent ones."""
        if self.speed is None:
            return
        for post in self.store.posts(limit=RECENT) if posts is None else posts:
            if post["account"] is not None and not post["parent"]:
                self._comment(post)

    def _comment(self, post: Post) -> None:
        fate, age = self._fate(post), self._age_hours(post, self.store.clock())
        due = min(MOST_COMMENTS, int(fate.seen(age) * fate.comments))
        if due == 0 or self.store.invented(post["id"]) >= due:
            return
        language = _language(post)
        order = random.Random(f"{self.seed}:{post['id']}:comments")
        phrases = order.sample(COMMENTS[language], MOST_COMMENTS)
        people = order.choices(PEOPLE, k=MOST_COMMENTS)
        for n in range(1, due + 1):
            hours = fate.hours_until_comment(n)
            if hours is None:
                break
            self.store.add(
                author=people[n - 1][0],
                author_name=people[n - 1][1],
                text=phrases[n - 1],
                created=post["created"] + hours * HOUR / (self.speed or 1.0),
                account=None,
                parent=post["id"],
                root=post["root"] or post["id"],
                language=language,
                origin=f"{post['id']}:{n}",
            )


def _leisure(created: float) -> float:
    """How much time people have for a post of this moment (UTC), from 0 to 1.

    Before work, at lunch and most of all in the evening, above all on Tuesday and Thursday; on
    weekends around noon. So good hours can be found, and some are clearly the best.
    """
    moment = datetime.fromtimestamp(created, UTC)
    hour = moment.hour + moment.minute / 60
    if moment.weekday() >= SATURDAY:
        return 0.5 * _around(hour, 11, 2.0)
    evening = 1.0 if moment.weekday() in BEST_DAYS else 0.55
    return max(
        0.35 * _around(hour, 7.5, 1.2),
        0.4 * _around(hour, 12, 1.0),
        evening * _around(hour, 18.5, 1.3),
    )


def _around(hour: float, peak: float, width: float) -> float:
    """1 at the peak, falling like a bell to both sides of the clock; `width` in hours."""
    away = min((hour - peak) % 24, (peak - hour) % 24)
    return math.exp(-0.5 * (away / width) ** 2)


def _language(post: Post) -> str:
    """The language code es or en, from what the client said or else from the text."""
    if post["language"]:
        return "es" if post["language"].lower().startswith("es") else "en"
    return "es" if SPANISH.search(post["text"]) else "en"
