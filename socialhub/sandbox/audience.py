"""The invented audience: counters and comments as a function of a post's id and its age.

Nothing runs in the background. Whoever reads gets what has "happened" until then, and the
same post always has the same fate.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from socialhub.sandbox.phrases import COMMENTS, PEOPLE
from socialhub.sandbox.store import Post, Store

HOUR = 3600.0
MEDIAN_IMPRESSIONS = 900.0
# Share of those who see a post and then follow its author.
FOLLOW = 0.002
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
        part = n / (self.impressions * self.comments)
        if part >= 1:
            return None
        return self.half_hours * (part / (1 - part)) ** (1 / self.steepness)


class Audience:
    """`speed` 60 makes a minute pass like an hour; None switches the audience off."""

    def __init__(self, store: Store, speed: float | None, seed: int = 0) -> None:
        self.store, self.speed, self.seed = store, speed, seed

    def counters(self, posts: Iterable[Post]) -> dict[str, dict[str, int]]:
        """Per post id the counters it reports; one not reported is absent."""
        posts = list(posts)
        self.catch_up(posts)
        said = self.store.comment_counts(post["id"] for post in posts)
        found = {}
        for post in posts:
            counted: dict[str, int | None] = {
                **self._grown(post),
                "comments": said.get(post["id"], 0),
            }
            counted |= post["counters"]
            found[post["id"]] = {k: v for k, v in counted.items() if v is not None}
        return found

    def profile(self, account: dict[str, Any]) -> dict[str, int]:
        """The account's numbers; one not reported is absent.

        Few of those who see a post follow its author; deleting the post does not lose them.
        """
        written = self.store.written(account["handle"])
        counted: dict[str, int | None] = {
            "followers": 0,
            "following": 0,
            "posts": sum(not post["deleted"] for post in written),
        }
        if self.speed is not None:
            dice = random.Random(f"{self.seed}:{account['id']}")
            heads = [post for post in written if not post["parent"]]
            seen = sum(self._fate(post).seen(self._age_hours(post)) for post in heads)
            counted["followers"] = int(dice.lognormvariate(6, 0.5) + seen * FOLLOW)
            counted["following"] = dice.randint(40, 200)
        counted |= self.store.fixed(account["handle"])
        return {name: value for name, value in counted.items() if value is not None}

    def _grown(self, post: Post) -> dict[str, int]:
        seen, fate = 0.0, self._fate(post)
        if self.speed is not None:
            seen = math.floor(fate.seen(self._age_hours(post)))
        counters = {
            "likes": int(seen * fate.likes),
            "shares": int(seen * fate.shares),
            "impressions": int(seen),
        }
        if LINK.search(post["text"]) or post["card"]:
            counters["clicks"] = int(seen * fate.clicks)
        return counters

    def _age_hours(self, post: Post) -> float:
        return (self.store.clock() - post["created"]) * (self.speed or 0.0) / HOUR

    def _fate(self, post: Post) -> Fate:
        dice = random.Random(f"{self.seed}:{post['id']}")
        reach = MEDIAN_IMPRESSIONS * dice.lognormvariate(0, 0.7) * _hour_factor(post["created"])
        if post["media"]:
            reach *= 1.3
        if post["parent"]:
            # Later parts of a thread are seen by fewer, answers to a person by hardly anybody.
            reach *= 0.6 if post["root"] and self._own_thread(post) else 0.05
        return Fate(
            impressions=reach,
            half_hours=3 * dice.lognormvariate(0, 0.3),
            steepness=dice.uniform(1.1, 1.5),
            likes=0.025 * dice.lognormvariate(0, 0.4),
            shares=0.005 * dice.lognormvariate(0, 0.4),
            comments=0.004 * dice.lognormvariate(0, 0.4),
            clicks=0.012 * dice.lognormvariate(0, 0.5),
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
        fate, age = self._fate(post), self._age_hours(post)
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


def _hour_factor(created: float) -> float:
    """More people look by day and on working days (UTC), so that times of day differ."""
    moment = datetime.fromtimestamp(created, UTC)
    by_day = 1 + 0.5 * math.sin((moment.hour - 8) / 24 * 2 * math.pi)
    return by_day * (0.75 if moment.weekday() >= 5 else 1.0)


def _language(post: Post) -> str:
    """The language code es or en, from what the client said or else from the text."""
    if post["language"]:
        return "es" if post["language"].lower().startswith("es") else "en"
    return "es" if SPANISH.search(post["text"]) else "en"
