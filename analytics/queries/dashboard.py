"""The dashboard's figures, each read once: at most eight queries together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from analytics import sql
from analytics.queries import counts, sources
from analytics.queries import posts as post_queries
from analytics.queries.counts import PostCounts
from analytics.queries.filters import Filters
from analytics.queries.posts import Ranking, TopPost
from analytics.queries.sources import NOTHING, Source, Sums
from analytics.rollup_specs import MEASURED, STATS
from socialhub.models import Interaction, Organisation
from socialhub.models.accounts import granted_account_ids
from socialhub.models.interactions import InteractionQuerySet

# Lifetime numbers of younger posts still grow: comparing them would always show a fall.
SETTLED = timedelta(days=7)
RATE = ("impressions", "engagements")
SERIES = ("impressions", "engagements", "likes", "comments", "shares")
TOP = 10
PENDING = 5
HOURS, WEEK = 168, 168 * 60


@dataclass(frozen=True, slots=True)
class State:
    """Which figures these are. `measured_at` is when a network last answered for the selection."""

    version: int
    # The zone of the days; `is_built` is False before the first build of the rollups.
    zone: ZoneInfo
    is_built: bool
    measured_at: datetime | None
    # The organisation changed its zone and the rollups still have the old days.
    is_rebuilding: bool = False
    # When `version` was reached: a restored backup counts up to the same numbers again.
    changed_at: datetime | None = None
    # What was asked for besides.
    also: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in the period, by day. None = not reported.

    `before` holds the period before, None where measuring began too late to compare.
    """

    days: list[tuple[date, dict[str, int | None]]]
    totals: dict[str, int | None]
    before: dict[str, int | None] | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of the week (0 = Monday): lifetime sums of what was published in it."""

    weekday: int
    hour: int
    publications: int
    engagements: int | None
    impressions: int | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that waits for an answer."""

    pk: int
    platform: str
    author_handle: str
    text: str
    created_at: datetime


@dataclass(slots=True)
class Pending:
    """Comments waiting for an answer, the oldest first; not narrowed by the period."""

    count: int
    rows: list[Comment] = field(default_factory=list)


@dataclass(slots=True)
class Dashboard:
    """Everything one look at the dashboard needs."""

    filters: Filters
    state: State
    totals: Sums
    posts_before: int
    publications_before: int
    platforms: dict[str, Sums]
    content_types: dict[str, Sums]
    published: list[tuple[date, Sums]]
    happened: Happened
    heatmap: list[Cell]
    top: Ranking
    pending: Pending

    @property
    def changes(self) -> dict[str, float | None]:
        """Percent against the period before; None = not enough data to compare."""
        found = {
            "posts": change(self.totals.posts, self.posts_before),
            "publications": change(self.totals.publications, self.publications_before),
        }
        before = self.happened.before or {}
        for name in MEASURED:
            found[name] = change(self.happened.totals.get(name), before.get(name))
        return found


def change(now: int | None, before: int | None) -> float | None:
    """100 × (now − before) ÷ before; None when either is unknown or nothing was before."""
    if now is None or before is None or before <= 0:
        return None
    return 100.0 * (now - before) / before


def load(
    filters: Filters,
    user: Any = None,
    *,
    by: str = "engagement_rate",
    limit: int = TOP,
    minimum: int | None = None,
    worst: bool = False,
    state: State | None = None,
) -> Dashboard:
    """All panels. `user` limits the pending comments, None counts everybody's."""
    state = state or current_state(filters)
    rows, numbers = _breakdown(filters, state)
    return Dashboard(
        filters=filters,
        state=state,
        totals=sources.total(rows, posts=numbers.total),
        posts_before=numbers.before,
        publications_before=numbers.publications_before,
        platforms=_grouped(rows, "platform", numbers.platforms),
        content_types=_grouped(rows, "content_type", numbers.content_types),
        published=published(filters, state),
        happened=happened(filters, state),
        heatmap=heatmap(filters, state),
        top=post_queries.ranking(filters, by=by, limit=limit, minimum=minimum, worst=worst),
        pending=pending(filters, user),
    )


def current_state(
    filters: Filters | None = None, also: Mapping[str, tuple[str, Sequence[Any]]] | None = None
) -> State:
    """Version, zone and time of measuring. One query.

    `also` maps names to SELECTs of one value, with their parameters, read along with it.
    """
    where, params = "1 = 1", []
    if filters is not None and (filters.accounts is not None or filters.platform):
        accounts = "SELECT id FROM socialhub_account WHERE 1 = 1"
        if filters.platform:
            accounts += " AND platform = %s"
            params.append(filters.platform)
        if filters.accounts is not None:
            accounts += f" AND id IN ({', '.join(['%s'] * (len(filters.accounts) or 1))})"
            params += filters.accounts or (0,)
        where = f"account_id IN ({accounts})"
    more = "".join(f" ({query}) AS {name}," for name, (query, _) in (also or {}).items())
    before = [value for _, values in (also or {}).values() for value in values]
    rows = sources.fetch(
        f"SELECT o.timezone AS wanted, v.version, v.timezone, v.changed_at,{more}"
        f" (SELECT measured_at FROM analytics_collectionday WHERE {where}"
        " AND measured_at IS NOT NULL"
        " ORDER BY utc_day DESC, measured_at DESC LIMIT 1) AS measured_at"
        " FROM socialhub_organisation o LEFT JOIN analytics_dataversion v ON v.id = 1",
        [*before, *params],
    )
    if not rows:
        # A new installation: this makes the organisation.
        Organisation.get()
        return current_state(filters, also)
    row = rows[0]
    built = row["timezone"] or ""
    return State(
        version=row["version"] or 0,
        zone=ZoneInfo(built or row["wanted"]),
        is_built=bool(built),
        measured_at=sql.loaded(row["measured_at"]),
        is_rebuilding=bool(built) and built != row["wanted"],
        changed_at=sql.loaded(row["changed_at"]),
        also={name: row[name] for name in also or {}},
    )


# -- what was published ---------------------------------------------------------------------


def _breakdown(filters: Filters, state: State) -> tuple[list[sources.Row], PostCounts]:
    """Sums by network and type, and how many posts they are. Two queries."""
    source = sources.days(filters, built=state.is_built)
    columns = f"f.platform, f.content_type, {source.sums(*MEASURED)}"
    if source.table == sources.BY_NETWORK:
        columns += f", {counts.COLUMNS}"
    rows = source.select(columns, "GROUP BY f.platform, f.content_type")
    if source.table == sources.BY_NETWORK:
        return rows, counts.from_rollup(filters, rows)
    return rows, counts.from_facts(filters)


def post_counts(filters: Filters, state: State) -> PostCounts:
    """Distinct posts of the period and of the one before. Two queries."""
    return _breakdown(filters, state)[1]


def _grouped(rows: Sequence[sources.Row], name: str, posts: dict[str, int]) -> dict[str, Sums]:
    """Sums by network or type, the one with most publications first."""
    groups: dict[str, list[sources.Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    found = {key: sources.total(some, posts=posts.get(key, 0)) for key, some in groups.items()}
    found = {key: sums for key, sums in found.items() if sums.publications}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0])))


def totals(filters: Filters, state: State) -> Sums:
    """Lifetime sums of the publications of the period, replies left out. Two queries."""
    rows, numbers = _breakdown(filters, state)
    return sources.total(rows, posts=numbers.total)


def by_platform(filters: Filters, state: State) -> dict[str, Sums]:
    """Lifetime sums of the publications of the period by network. Two queries."""
    rows, numbers = _breakdown(filters, state)
    return _grouped(rows, "platform", numbers.platforms)


def by_content_type(filters: Filters, state: State) -> dict[str, Sums]:
    """Lifetime sums of the publications of the period by type of post. Two queries."""
    rows, numbers = _breakdown(filters, state)
    return _grouped(rows, "content_type", numbers.content_types)


def by_account(filters: Filters, state: State) -> dict[int, Sums]:
    """Lifetime sums of the publications of the period by account. One query; posts unknown."""
    source = sources.days(filters, built=state.is_built)
    if source.table == sources.BY_NETWORK:
        # Its rows know no account.
        clause = source.where
        source = Source("analytics_accountdayrollup", clause, source.params, False)
    rows = source.select(f"f.account_id, {source.sums(*MEASURED)}", "GROUP BY f.account_id")
    found = {row["account_id"]: sources.total([row]) for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0])))


def by_campaign(filters: Filters) -> dict[int | None, Sums]:
    """Lifetime sums of the publications of the period by campaign, from the facts. One query."""
    source = sources.facts(filters)
    rows = sources.fetch(
        f"SELECT p.campaign_id, {source.sums(*MEASURED)}, COUNT(DISTINCT f.post_id) AS posts"
        f" FROM {STATS} f JOIN socialhub_post p ON p.id = f.post_id"
        f" WHERE {source.where} GROUP BY p.campaign_id",
        source.params,
    )
    found = {row["campaign_id"]: sources.total([row], posts=row["posts"]) for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0] or 0)))


def published(filters: Filters, state: State) -> list[tuple[date, Sums]]:
    """Lifetime numbers of what was published on each day of the period, every day listed."""
    source = sources.days(filters, built=state.is_built)
    rows = source.select(
        f"f.local_day, {source.sums(*SERIES)}", "GROUP BY f.local_day ORDER BY f.local_day"
    )
    found = {sql.loaded_day(row["local_day"]): sources.single(row, SERIES) for row in rows}
    nothing = sources.total([])
    return [(day, found.get(day, nothing)) for day in every_day(filters)]


def every_day(filters: Filters) -> list[date]:
    return [filters.first + timedelta(days=n) for n in range(filters.days)]


# -- what happened ---------------------------------------------------------------------------


def happened(filters: Filters, state: State) -> Happened:
    """How much each counter moved per day, on the day it was seen, and in the period before.

    One query. Campaigns are not known per day: with one chosen there is nothing to show. The
    period before can be compared when the selection was measured on its first day already.
    """
    if filters.campaign is not None:
        return Happened([], dict.fromkeys(MEASURED), None)
    both = replace(filters, first=filters.before.first)
    source = sources.days(both, built=True, activity=True)
    # The same selection on any day: without the two parameters of the period.
    ever = source.where.replace(sources.PERIOD, "1 = 1")
    sums = ", ".join(f"CAST(SUM(f.{name}) AS bigint) AS {name}" for name in MEASURED)
    rows = sources.fetch(
        f"SELECT f.local_day, {sums},"
        f" (SELECT MIN(f.local_day) FROM {source.table} f WHERE {ever}) AS began"
        f" FROM {source.table} f WHERE {source.where} GROUP BY f.local_day ORDER BY f.local_day",
        [*source.params[2:], *source.params],
    )
    began = sql.loaded_day(rows[0]["began"]) if rows else date.max
    by_day = {sql.loaded_day(row["local_day"]): row for row in rows}
    totals = _added([row for day, row in by_day.items() if day >= filters.first])
    past = [row for day, row in by_day.items() if day < filters.first]
    today = timezone.now().astimezone(state.zone).date()
    return Happened(
        days=[
            (day, _moved(by_day.get(day), totals) if began <= day <= today else {**NOTHING})
            for day in every_day(filters)
        ],
        totals=totals,
        before=_added(past) if began <= both.first else None,
    )


def _added(rows: Sequence[sources.Row]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for name in MEASURED:
        values = [row[name] for row in rows if row[name] is not None]
        found[name] = sum(values) if values else None
    return found


def _moved(row: sources.Row | None, totals: dict[str, int | None]) -> dict[str, int | None]:
    """A day on which nothing moved is 0, where the counter is reported at all."""
    if row is None:
        return {name: None if totals[name] is None else 0 for name in MEASURED}
    return {
        name: row[name] if row[name] is not None or totals[name] is None else 0 for name in MEASURED
    }


# -- hours of the week ------------------------------------------------------------------------


def heatmap(filters: Filters, state: State) -> list[Cell]:
    """Lifetime sums by local weekday and hour of publishing; only hours with publications.

    One query: UTC hours are summed per stretch of constant offset and shifted to local ones.
    """
    source = sources.hours(filters, state.zone, built=state.is_built)
    start, end = sql.bounds(state.zone, filters.first, filters.last)
    found = sql.segments(state.zone, start, end)
    place, params = _place(source, found)
    query = (
        f"SELECT {place} AS place, {source.sums('engagements', 'impressions')}"
        f" FROM {source.table} f WHERE {source.where} GROUP BY 1"
    )
    groups: dict[int, list[sources.Row]] = {}
    for row in sources.fetch(query, [*params, *source.params]):
        number, minute_of_week = divmod(row["place"], WEEK)
        local = (minute_of_week + found[number].offset // 60) // 60 % HOURS
        groups.setdefault(local, []).append(row)
    return [_cell(local, groups[local]) for local in sorted(groups)]


def _place(source: Source, found: Sequence[sql.Segment]) -> tuple[str, list[Any]]:
    """SQL: number of the segment × minutes of a week + minute of the UTC week."""
    column = "f.published_at" if source.is_facts else "f.hour_start"
    place, params = "f.hour_of_week * 60", []
    if source.is_facts and any(one.offset % 3600 for one in found):
        place += f" + {sql.minute(column)}"
    if len(found) > 1:
        cases = ""
        for number, segment in enumerate(found[:-1]):
            cases += f" WHEN {column} < %s THEN {number * WEEK}"
            params.append(sql.stored(segment.end))
        place += f" + CASE{cases} ELSE {(len(found) - 1) * WEEK} END"
    return place, params


def _cell(local: int, rows: Sequence[sources.Row]) -> Cell:
    sums = sources.single(rows[0], RATE) if len(rows) == 1 else sources.total(rows, metrics=RATE)
    return Cell(
        weekday=local // 24,
        hour=local % 24,
        publications=sums.publications,
        engagements=sums.metrics["engagements"],
        impressions=sums.metrics["impressions"],
        rate=sums.avg_engagement_rate,
    )


# -- comments ----------------------------------------------------------------------------------


def pending(filters: Filters, user: Any = None) -> Pending:
    """Comments neither answered nor archived, of every time; the oldest of them. One query."""
    clauses, params = ["i.answered_at IS NULL AND i.archived_at IS NULL"], []
    granted = None if user is None else granted_account_ids(user)
    for accounts in (filters.accounts, granted):
        if accounts is not None:
            # No account has the id 0.
            clauses.append(f"i.account_id IN ({', '.join(['%s'] * (len(accounts) or 1))})")
            params += accounts or (0,)
    post = (
        "i.publication_id IN (SELECT p.id FROM socialhub_publication p"
        " JOIN socialhub_post o ON o.id = p.post_id WHERE o.{} = %s)"
    )
    for clause, value in (
        ("a.platform = %s", filters.platform or None),
        (post.format("campaign_id"), filters.campaign),
        (post.format("content_type"), filters.content_type or None),
    ):
        if value is not None:
            clauses.append(clause)
            params.append(value)
    rows = sources.fetch(
        "SELECT i.id, i.author_handle, i.text, i.created_at, a.platform,"
        " COUNT(*) OVER () AS waiting"
        " FROM socialhub_interaction i JOIN socialhub_account a ON a.id = i.account_id"
        f" WHERE {' AND '.join(clauses)} ORDER BY i.created_at, i.id LIMIT {PENDING}",
        params,
    )
    return Pending(rows[0]["waiting"] if rows else 0, [_comment(row) for row in rows])


def _comment(row: sources.Row) -> Comment:
    at = sql.loaded(row["created_at"])
    assert at is not None  # the column takes no NULL
    return Comment(row["id"], row["platform"], row["author_handle"], row["text"], at)


def waiting(filters: Filters, user: Any = None) -> InteractionQuerySet:
    """The comments that `pending` counts."""
    rows = Interaction.objects.waiting()
    if user is not None:
        rows = rows.visible_to(user)
    if filters.accounts is not None:
        rows = rows.filter(account__in=filters.accounts)
    if filters.platform:
        rows = rows.filter(account__platform=filters.platform)
    if filters.campaign is not None:
        rows = rows.filter(publication__post__campaign=filters.campaign)
    if filters.content_type:
        rows = rows.filter(publication__post__content_type=filters.content_type)
    return rows


__all__ = ["Cell", "Dashboard", "Happened", "PostCounts", "State", "TopPost", "load"]
