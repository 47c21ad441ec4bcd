"""When the demo's past posts went out: twelve weeks, the same for everybody in a given week."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from socialhub.seeds import phrases, texts
from socialhub.seeds.texts import Text

WEEKS = 12
# What is younger has most of `texts.PAST` besides.
FULL_UNTIL = timedelta(days=7)
# What is younger is in `texts.PAST`, so that a visitor sees the same posts at any time of day.
YOUNGEST = timedelta(days=1)
# Per kind: how many a full week has, and weekday and hour (local) of the times to choose from.
WEEK: dict[str, tuple[int, tuple[tuple[int, int], ...]]] = {
    "mill": (
        2,
        ((0, 9), (1, 9), (2, 9), (3, 9), (4, 9), (0, 18), (2, 18), (1, 20), (3, 20), (4, 13)),
    ),
    "both": (1, ((1, 20), (3, 20), (2, 14), (4, 18), (5, 12))),
    "dishes": (2, ((1, 13), (3, 13), (5, 13), (1, 20), (3, 20), (5, 20), (6, 12))),
    "abroad": (2, ((0, 10), (2, 10), (4, 10), (1, 17), (3, 19))),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A past post under a name of its own; `text.due` counts from the moment asked about."""

    name: str
    text: Text


def planned(now: datetime, zone: ZoneInfo) -> list[Planned]:
    """Every past post of the demo, oldest first."""
    monday = now.astimezone(zone).date()
    monday -= timedelta(days=monday.weekday() + 7 * WEEKS)
    weeks = [monday + timedelta(weeks=n) for n in range(WEEKS + 1)]
    older = [
        Planned(f"{local:%Y-%m-%dT%H:%M}", replace(text, due=age))
        for week in weeks
        for local, text in _written(week, now.astimezone(zone).date())
        if -WEEKS * timedelta(weeks=1) < (age := local.replace(tzinfo=zone) - now) < -YOUNGEST
    ]
    recent = [Planned(str(n), text) for n, text in enumerate(texts.PAST)]
    return sorted(older + recent, key=lambda one: one.text.due or timedelta())


def _written(monday: date, today: date) -> Iterator[tuple[datetime, Text]]:
    """Local time and text of everything of that week."""
    number = monday.toordinal() // 7
    dice = random.Random(f"demo week {number}")
    is_full = today - monday > FULL_UNTIL
    for kind, (count, times) in WEEK.items():
        for n, (weekday, hour) in enumerate(dice.sample(times, count)):
            minutes = dice.randrange(60)
            day = monday + timedelta(days=weekday)
            at = datetime(day.year, day.month, day.day, hour, minutes)
            if is_full or (n == 0 and kind != "both"):
                yield at, _text(kind, number * count + n)


def _text(kind: str, number: int) -> Text:
    """The texts of a kind in turn; when they begin again they end differently."""
    found, accounts, language = phrases.KINDS[kind]
    text, endings = found[number % len(found)], phrases.ENDINGS[language]
    words = f"{text.text} {endings[number // len(found) % len(endings)]}".strip()
    evergreen = number % 5 == 0
    return replace(text, text=words, accounts=accounts, language=language, evergreen=evergreen)
