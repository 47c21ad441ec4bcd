"""The figures of a period, as plain data: what a report keeps and every format shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from analytics import report_sections
from analytics.queries import audience, best_times, dashboard, posts, sources
from analytics.queries.dashboard import Dashboard, State
from analytics.queries.filters import Filters
from analytics.queries.posts import TopPost
from analytics.queries.sources import Sums
from analytics.rollup_specs import MEASURED
from socialhub.models import Account, Campaign

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
    state = dashboard.current_state(filters)
    found = _read(filters, state, now)
    for _again in range(TRIES - 1):
        after = dashboard.current_state(filters)
        if after.version == state.version:
            break
        # Sums of two moments would not add up.
        state = after
        found = _read(filters, state, now)
    return found


def _read(filters: Filters, state: State, now: datetime) -> JSON:
    averages, by = _averages(filters, state)
    board = dashboard.load(filters, by=by, limit=TOP, state=state)
    shown = {row.publication for row in board.top.rows}
    worst = posts.ranking(filters, by=by, limit=TOP + BOTTOM, worst=True).rows
    return {
        "period": {
            "first": filters.first.isoformat(),
            "last": filters.last.isoformat(),
            "days": filters.days,
            "timezone": state.zone.key,
        },
        "data_version": state.version,
        "measured_at": state.measured_at.isoformat() if state.measured_at else None,
        "totals": {**_sums(board.totals), **averages},
        "before": {"posts": board.posts_before, "publications": board.publications_before},
        "happened": dict(board.happened.totals),
        "happened_before": board.happened.before and dict(board.happened.before),
        "changes": board.changes,
        "platforms": {name: _sums(sums) for name, sums in board.platforms.items()},
        "content_types": {name: _sums(sums) for name, sums in board.content_types.items()},
        "accounts": _accounts(filters, state),
        "campaigns": _campaigns(filters),
        "ranking": {"by": by, "minimum": board.top.minimum},
        "top": [_post(row) for row in board.top.rows],
        "bottom": [_post(row) for row in worst if row.publication not in shown][:BOTTOM],
        "best_times": _best_times(filters, now),
        "followers": _followers(filters),
        "daily": _daily(board),
        "sections": {
            language: report_sections.sections(filters, language)
            for language, _name in settings.LANGUAGES
        },
    }


def _averages(filters: Filters, state: State) -> tuple[JSON, str]:
    """Numbers per publication that reports them, and what posts are ranked by.

    Where most publications report no impressions, a ranking by rate would hide them.
    """
    source = sources.days(filters, built=state.is_built)
    [row] = source.select(source.sums("impressions", "engagements"))

    def average(name: str) -> float | None:
        return row[name] / row[f"{name}_n"] if row[f"{name}_n"] else None

    seen, published = row["impressions_n"] or 0, row["publications"] or 0
    by = "engagement_rate" if seen and 2 * seen >= published else "engagements"
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


def _accounts(filters: Filters, state: State) -> list[JSON]:
    found = dashboard.by_account(filters, state)
    names = Account.objects.only("handle", "platform").in_bulk(list(found))
    rows = []
    for pk, sums in found.items():
        if (account := names.get(pk)) is None or not sums.publications:
            continue
        row = {"account": pk, "handle": account.handle, "platform": account.platform}
        rows.append({**row, **_without_posts(sums)})
    return rows


def _campaigns(filters: Filters) -> list[JSON]:
    found = dashboard.by_campaign(filters)
    names = Campaign.objects.only("name").in_bulk([pk for pk in found if pk is not None])
    return [
        {"campaign": pk, "name": names[pk].name, **_sums(sums)}
        for pk, sums in found.items()
        if pk in names
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


def _followers(filters: Filters) -> list[JSON]:
    """Of the accounts in view that report them; not known by campaign or type of post."""
    wanted = filters.accounts
    found = audience.followers(wanted, filters.first, filters.last)
    return [
        {
            "account": row.account,
            "handle": row.handle,
            "platform": row.platform,
            "followers": row.latest,
            "before": row.before,
            "change": row.change,
        }
        for row in found
        if row.latest is not None and filters.platform in ("", row.platform)
    ]


def _daily(board: Dashboard) -> list[JSON]:
    happened = dict(board.happened.days)
    return [
        {
            "day": day.isoformat(),
            "published": {
                "publications": sums.publications,
                **{name: sums.metrics[name] for name in DAILY},
            },
            "happened": _picked(happened.get(day, {})),
        }
        for day, sums in board.published
    ]


def _picked(counters: Mapping[str, int | None]) -> JSON:
    return {name: counters.get(name) for name in DAILY}


def _best_times(filters: Filters, now: datetime) -> JSON:
    """The best hours of the accounts in view, in the API's words; all posts until now count."""
    found = best_times.for_accounts(_accounts_in_view(filters), now)
    return {
        "slots": [_slot(slot) for slot in found.slots[:BEST_TIMES]],
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
