"""Load-and-loop: the dashboard as it is often written, and what the product is measured against.

FROZEN. Ratios of different days can only be compared while this file stays as it is.

A table of posts with one JSON column that holds a dict of numbers per network. A dashboard loads
the posts of its period through SQLAlchemy and goes over them once, in Python, for all figures:
totals, breakdown by network and type, days, hours of the week, and the ten best. (Such programs
often load and loop once per figure; here it is once for all, which flatters them.)
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, BigInteger, DateTime, String, Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ENGAGING = ("likes", "comments", "shares", "saves")
COUNTERS = (*ENGAGING, "impressions", "reach", "clicks", "replies", "quotes")
# Summed by network, type and day; by hour; and in the total.
GROUPED = ("impressions", "engagements", "likes", "comments", "shares")
RATED = ("impressions", "engagements")
SUMMED = (*COUNTERS, "engagements")
TOP = 10

Sums = dict[str, Any]


class Base(DeclarativeBase):
    pass


class LoopPost(Base):
    """A post going out; `metrics` is {network: {"publication", "account", counters…}}."""

    __tablename__ = "bench_loop_post"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # The same for a post that goes out again.
    post: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(String(12))
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    metrics: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)


def bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments between which the days lie, on UTC's clock."""
    start = datetime.combine(first, time(), zone).astimezone(UTC)
    return start, datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def load(session: Session, first: date, last: date, zone: ZoneInfo) -> list[LoopPost]:
    """The posts of the period."""
    start, end = bounds(first, last, zone)
    if session.get_bind().dialect.name == "sqlite":
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    query = select(LoopPost).where(LoopPost.published_at >= start, LoopPost.published_at < end)
    return list(session.scalars(query))


def answer(
    posts: list[LoopPost], zone: ZoneInfo, platform: str = "", minimum: int = 0
) -> dict[str, Any]:
    """All figures of the dashboard; a counter that nobody reported is None.

    Groups are dicts of sums with "publications", "posts" and "rate".
    `top` lists (publication, rate) of those seen at least `minimum` times.
    """
    total = _start(SUMMED)
    platforms: dict[str, Sums] = {}
    types: dict[str, Sums] = {}
    days: dict[date, Sums] = {}
    hours: dict[tuple[int, int], Sums] = {}
    rates: list[tuple[float, int]] = []
    for post in posts:
        at = post.published_at
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
        day, hour = local.date(), (local.weekday(), local.hour)
        for network, numbers in post.metrics.items():
            if platform and network != platform:
                continue
            numbers["engagements"] = engaged = _engagements(numbers)
            groups = (
                _group(platforms, network, GROUPED),
                _group(types, post.content_type, GROUPED),
            )
            for sums in (total, *groups):
                _add(sums, numbers)
                sums["posts"].add(post.post)
            _add(_group(days, day, GROUPED), numbers)
            _add(_group(hours, hour, RATED), numbers)
            seen = numbers["impressions"]
            if engaged is not None and seen and seen >= minimum:
                rates.append((100.0 * engaged / seen, numbers["publication"]))
    rates.sort(reverse=True)
    return {
        "totals": _finish(total),
        "platforms": {key: _finish(sums) for key, sums in platforms.items()},
        "content_types": {key: _finish(sums) for key, sums in types.items()},
        "days": {key: _finish(sums) for key, sums in days.items()},
        "hours": {key: _finish(sums) for key, sums in hours.items()},
        "top": [(publication, rate) for rate, publication in rates[:TOP]],
    }


def _start(names: tuple[str, ...]) -> Sums:
    return {
        "numbers": dict.fromkeys(names),
        "publications": 0,
        "posts": set(),
        "rated_engagements": 0,
        "rated_impressions": 0,
    }


def _group(groups: dict[Any, Sums], key: Any, names: tuple[str, ...]) -> Sums:
    if key not in groups:
        groups[key] = _start(names)
    return groups[key]


def _engagements(numbers: dict[str, Any]) -> int | None:
    found = [numbers[name] for name in ENGAGING if numbers[name] is not None]
    return sum(found) if found else None


def _add(sums: Sums, numbers: dict[str, Any]) -> None:
    sums["publications"] += 1
    summed = sums["numbers"]
    for name, before in summed.items():
        value = numbers[name]
        if value is not None:
            summed[name] = value if before is None else before + value
    if numbers["engagements"] is not None and numbers["impressions"] is not None:
        sums["rated_engagements"] += numbers["engagements"]
        sums["rated_impressions"] += numbers["impressions"]


def _finish(sums: Sums) -> Sums:
    engaged, seen = sums["rated_engagements"], sums["rated_impressions"]
    return {
        **sums["numbers"],
        "publications": sums["publications"],
        # Not counted by day and hour.
        "posts": len(sums["posts"]) or None,
        "rate": 100.0 * engaged / seen if seen else None,
    }
