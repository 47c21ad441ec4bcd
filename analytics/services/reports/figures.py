"""The figures of a period, as plain data: what a report keeps and every format shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from analytics import report_sections
from analytics.queries import (
    audience,
    best_times,
    campaigns,
    dashboard,
    lifetime,
    posts,
    published,
    sources,
)
from analytics.queries.audience import AccountAudience
from analytics.queries.dashboard import Happened, PostCounts, State
from analytics.queries.filters import Filters
from analytics.queries.posts import TopPost
from analytics.queries.sources import Row, Sums
from analytics.queries.state import version
from analytics.rollup_specs import MEASURED
from socialhub.models import Account

JSON = dict[str, Any]

TOP = 5
BOTTOM = 3
BEST_TIMES = 5
# Times the reading is repeated when a collector wrote meanwhile.
TRIES = 3
DAILY = ("impressions", "engagements", "likes", "comments", "shares")


def figures(filters: Filters, now: datetime) -> JSON:
    """Everything a report says about a period, JSON throughout; missing is None.

    Posts are those published in the period, replies left out, with their lifetime numbers;
    "happened" is what moved on its days, whenever the post went out. `changes` are percent
    against the equally long period before: posts by their count, engagements by those that
    happened. `avg_impressions_per_post` = Σ impressions ÷ publications that report them, None
    when none does; engagements alike.
    """
    state = _state(filters)
    found = _read(filters, state, now)
    for _again in range(TRIES - 1):
        if version() == state.version:
            break
        # Sums of two moments would not add up.
        state = _state(filters)
        found = _read(filters, state, now)
    return found


def _state(filters: Filters) -> State:
    """With a campaign's id, None where there is no campaign."""
    campaign = ("SELECT MAX(id) FROM socialhub_campaign", ())
    return dashboard.current_state(filters, {"campaign": campaign})


def _read(filters: Filters, state: State, now: datetime) -> JSON:
    found = lifetime.read(filters, state)
    averages, by = _averages(found.days)
    counts = found.posts
    totals = sources.total(found.cells, posts=counts.total)
    happened = dashboard.happened(filters, state)
    best, bottom = posts.ends(filters, by=by, best=TOP, worst=BOTTOM)
    # Also names those that were disconnected since.
    people = audience.followers(filters.accounts, filters.first, filters.last, every=True)
    return {
        "period": {
            "first": filters.first.isoformat(),
            "last": filters.last.isoformat(),
            "days": filters.days,
            "timezone": state.zone.key,
        },
        "data_version": state.version,
        "measured_at": state.measured_at.isoformat() if state.measured_at else None,
        "totals": {**_sums(totals), **averages},
        "before": {"posts": counts.before, "publications": counts.publications_before},
        "happened": dict(happened.totals),
        "happened_before": happened.before and dict(happened.before),
        "changes": _changes(totals, counts, happened),
        "platforms": _groups(found.cells, "platform", counts.platforms),
        "content_types": _groups(found.cells, "content_type", counts.content_types),
        "accounts": _accounts(found.accounts, people),
        "campaigns": _campaigns(filters) if state.also["campaign"] else [],
        "ranking": {"by": by, "minimum": best.minimum},
        "top": [_post(row) for row in best.rows],
        "bottom": [_post(row) for row in bottom],
        "best_times": _best_times(filters, now),
        "followers": _followers(filters, people),
        "daily": _daily(filters, found.days, happened),
        "sections": {
            language: report_sections.sections(filters, language)
            for language, _name in settings.LANGUAGES
        },
    }


def _changes(totals: Sums, counts: PostCounts, happened: Happened) -> dict[str, float | None]:
    """Percent against the period before; None = not enough data to compare."""
    before = happened.before or {}
    return {
        "posts": dashboard.change(totals.posts, counts.before),
        "publications": dashboard.change(totals.publications, counts.publications_before),
        **{name: dashboard.change(happened.totals[name], before.get(name)) for name in MEASURED},
    }


def _groups(cells: Sequence[Row], name: str, numbers: dict[str, int]) -> JSON:
    return {key: _sums(sums) for key, sums in published.grouped(cells, name, numbers).items()}


def _averages(days: Mapping[date, Row]) -> tuple[JSON, str]:
    """Numbers per publication that reports them, and what posts are ranked by.

    Where most publications report no impressions, a ranking by rate would hide them.
    """

    def summed(name: str) -> int:
        return sum(row[name] or 0 for row in days.values())

    def average(name: str) -> float | None:
        count = summed(f"{name}_n")
        return summed(name) / count if count else None

    seen = summed("impressions_n")
    by = "engagement_rate" if seen and 2 * seen >= summed("publications") else "engagements"
    return {
        "avg_impressions_per_post": average("impressions"),
        "avg_engagements_per_post": average("engagements"),
    }, by


def _sums(sums: Sums) -> JSON:
    return {
        "posts": sums.posts,
        "publications": sums.publications,
        **sums.metrics,
        "avg_engagement_rate": sums.avg_engagement_rate,
    }


def _accounts(found: Sequence[Row], people: Sequence[AccountAudience]) -> list[JSON]:
    names = {one.account: {"handle": one.handle, "platform": one.platform} for one in people}
    rows = [(row["account_id"], sources.total([row])) for row in found]
    return [
        {"account": pk, **names[pk], **_without_posts(sums)}
        for pk, sums in sorted(rows, key=lambda one: (-one[1].publications, one[0]))
        if pk in names and sums.publications
    ]


def _campaigns(filters: Filters) -> list[JSON]:
    return [
        {"campaign": row.pk, "name": row.name, **_sums(row.sums)}
        for row in campaigns.named(filters)
    ]


def _without_posts(sums: Sums) -> JSON:
    """The rollups of accounts know publications only."""
    return {name: value for name, value in _sums(sums).items() if name != "posts"}


def _post(row: TopPost) -> JSON:
    """A publication in the words of the API's top posts."""
    return {
        "id": row.post,
        "publication": row.publication,
        "account": row.account,
        "handle": row.handle,
        "content": row.text,
        "content_type": row.content_type,
        "platforms": [row.platform],
        "published_at": row.published_at.isoformat(),
        "permalink": row.permalink,
        **row.metrics,
    }


def _followers(filters: Filters, people: Sequence[AccountAudience]) -> list[JSON]:
    """Of the accounts in view that report them; not known by campaign or type of post."""
    wanted = filters.accounts
    return [
        {
            "account": row.account,
            "handle": row.handle,
            "platform": row.platform,
            "followers": row.latest,
            "before": row.before,
            "change": row.change,
        }
        for row in people
        if row.latest is not None
        and filters.platform in ("", row.platform)
        and (wanted is None or row.account in wanted)
    ]


def _daily(filters: Filters, days: Mapping[date, Row], moved: Happened) -> list[JSON]:
    happened = dict(moved.days)
    return [
        {
            "day": day.isoformat(),
            "published": _published(days.get(day)),
            "happened": _picked(happened.get(day, {})),
        }
        for day in dashboard.every_day(filters)
    ]


def _published(row: Row | None) -> JSON:
    if row is None:
        return {"publications": 0, **dict.fromkeys(DAILY)}
    return {"publications": row["publications"] or 0, **{name: row[name] for name in DAILY}}


def _picked(counters: Mapping[str, int | None]) -> JSON:
    return {name: counters.get(name) for name in DAILY}


def _best_times(filters: Filters, now: datetime) -> JSON:
    """The best hours of the accounts in view, in the API's words; all posts until now count."""
    found = best_times.for_accounts(_accounts_in_view(filters), now, most=BEST_TIMES)
    return {
        "slots": [_slot(slot) for slot in found.slots],
        "posts": found.posts,
        "unit": found.unit,
        "timezone": found.timezone,
    }


def _accounts_in_view(filters: Filters) -> list[int] | None:
    if not filters.platform:
        return None if filters.accounts is None else list(filters.accounts)
    rows = Account.objects.filter(platform=filters.platform)
    if filters.accounts is not None:
        rows = rows.filter(pk__in=filters.accounts)
    return list(rows.values_list("pk", flat=True))


def _slot(slot: Any) -> JSON:
    return {
        "day": slot.weekday,
        "hour": slot.hour,
        "hour_formatted": f"{slot.hour:02d}:00",
        "avg_engagement_rate": slot.rate,
        "low": slot.low,
        "high": slot.high,
        "p_top5": slot.p_top5,
        "sample_size": slot.n,
        "badge": slot.badge,
        "level": slot.level,
    }


__all__ = ["MEASURED", "figures"]
