"""The judge of a simulated year: reads the rows, knows the rules, uses none of recycling's code."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def audit(world: Any) -> tuple[Counter[str], Counter[str]]:
    """(how often broken, how often checked) by rule."""
    from experiments.models import RecycledPost
    from socialhub.models import Organisation

    rows = list(
        RecycledPost.objects.exclude(publication__status="cancelled")
        .select_related(
            "rule", "post", "publication", "original__post", "original__post__recycling"
        )
        .order_by("publication__due_at")
    )
    judge = Judge(Organisation.get().zone, rows)
    for row in rows:
        judge.one(row)
    judge.chains()
    judge.accounts()
    judge.people(world.said)
    return judge.broken, judge.checked


class Judge:
    def __init__(self, zone: ZoneInfo, rows: list[Any]) -> None:
        self.zone, self.rows = zone, rows
        self.broken: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()

    def must(self, rule: str, holds: bool) -> None:
        self.checked[rule] += 1
        self.broken[rule] += not holds

    def one(self, row: Any) -> None:
        """What a repetition owes to its rule and its original."""
        rule, original, due = row.rule, row.original, row.publication.due_at
        local = due.astimezone(self.zone)
        self.must("age", row.created_at - original.published_at >= rule.min_age_days * DAY)
        self.must("language", rule.language in ("", original.post.language))
        self.must("evergreen only", not rule.only_evergreen or original.post.is_evergreen)
        self.must("season of the rule", _inside(local, rule.season_from, rule.season_to))
        self.must("same text", row.post.text == original.post.text)
        dated = original.post.text.startswith("Only today") and not original.post.is_evergreen
        self.must("bound to a date", not dated)
        out = row.publication.status == "published"
        self.must("approval", not out or row.post.approved_hash == row.post.content_hash != "")
        self.must("planned ahead", due > row.created_at)

    def chains(self) -> None:
        """Cooldown and cap, from one showing of a post to the next."""
        by_original: dict[int, list[Any]] = defaultdict(list)
        for row in self.rows:
            by_original[row.original_id].append(row)
        for again in by_original.values():
            shown = again[0].original.published_at
            for times, row in enumerate(again):
                days = max(21, row.rule.cooldown_days) * (1 + 0.5 * times)
                self.must("cooldown", row.publication.due_at - shown >= days * DAY)
                self.must("cap", times < row.rule.cap)
                shown = row.publication.due_at

    def accounts(self) -> None:
        """Share of the slots, one on a day, neighbours, near duplicates."""
        from socialhub.models import Account

        for account in Account.objects.prefetch_related("slots"):
            rows = [row for row in self.rows if row.account_id == account.pk]
            weeks: dict[Any, list[Any]] = defaultdict(list)
            for row in rows:
                local = row.publication.due_at.astimezone(self.zone)
                weeks[local.isocalendar()[:2]].append(row)
            slots = account.slots.count()
            for week in weeks.values():
                most = max(math.floor(row.rule.share * slots + 1e-9) for row in week)
                self.must("share of a week's slots", len(week) <= most)
            days = Counter(row.publication.due_at.astimezone(self.zone).date() for row in rows)
            for number in days.values():
                self.must("no burst on a day", number <= math.ceil(0.3 * slots / 7))
            self._line(account)

    def _line(self, account: Any) -> None:
        out = list(
            account.publications.filter(status="published")
            .select_related("post", "repeats")
            .order_by("published_at")
        )
        for one, two in pairwise(out):
            both = hasattr(one, "repeats") and hasattr(two, "repeats")
            self.must("two in a row", not both)
        for place, one in enumerate(out):
            if not hasattr(one, "repeats"):
                continue
            own = _grams(one.post.text)
            lately = [
                other
                for other in out[max(0, place - 60) : place]
                if one.published_at - other.published_at < 14 * DAY
            ]
            alike = [other for other in lately if _alike(own, _grams(other.post.text)) >= 0.8]
            self.must("near duplicate", not alike)

    def people(self, said: list[tuple[datetime, str, int]]) -> None:
        """Nothing is planned against what somebody said before; the last word counts."""
        from socialhub.models import Publication

        posts = dict(Publication.objects.values_list("pk", "post_id"))
        for row in self.rows:
            before = [
                (at, what)
                for at, what, pk in said
                if posts[pk] == row.original.post_id and at < row.created_at
            ]
            self.must("never again", "never" not in [what for _, what in before])
            self.must("said to be dated", "dated" not in [what for _, what in before])
            skips = [at + 30 * DAY for at, what in before if what == "skip"]
            self.must("skipped", all(until <= row.created_at for until in skips))
            local = row.publication.due_at.astimezone(self.zone)
            seasonal = "season" in [what for _, what in before]
            self.must("season of the post", not seasonal or _inside(local, "11-15", "01-06"))


def _inside(at: datetime, first: str, last: str) -> bool:
    if not first:
        return True
    day = f"{at:%m-%d}"
    return first <= day <= last if first <= last else day >= first or day <= last


def _grams(text: str) -> set[str]:
    return {text[n : n + 5] for n in range(len(text) - 4)}


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)
