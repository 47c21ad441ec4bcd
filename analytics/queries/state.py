"""Which figures there are: version, zone of the days, time of measuring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics import sql
from analytics.queries.filters import Filters
from socialhub import prepared
from socialhub.models import Organisation


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


def current_state(
    filters: Filters | None = None, also: Mapping[str, tuple[str, Sequence[Any]]] | None = None
) -> State:
    """Version, zone and time of measuring. One query.

    `also` maps names to SELECTs of one value, with their parameters, read along with it.
    """
    rows = prepared.fetch(*question(filters, also))
    found = state_of(rows[0], also) if rows else None
    if found is None:
        # A new installation: this makes the organisation.
        Organisation.get()
        return current_state(filters, also)
    return found


def question(
    filters: Filters | None = None, also: Mapping[str, tuple[str, Sequence[Any]]] | None = None
) -> tuple[str, list[Any]]:
    """The SELECT of `current_state` and its parameters; each column has a name of its own."""
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
    return (
        f"SELECT o.timezone AS wanted, v.version, v.timezone, v.changed_at,{more}"
        f" (SELECT measured_at FROM analytics_collectionday WHERE {where}"
        " AND measured_at IS NOT NULL"
        " ORDER BY utc_day DESC, measured_at DESC LIMIT 1) AS measured_at"
        " FROM socialhub_organisation o LEFT JOIN analytics_dataversion v ON v.id = 1",
        [*before, *params],
    )


def state_of(
    row: Sequence[Any], also: Mapping[str, tuple[str, Sequence[Any]]] | None = None
) -> State | None:
    """The answer to `question`, None when there is no organisation yet."""
    wanted, version, built, changed_at, *found, measured_at = row
    if wanted is None:
        return None
    return State(
        version=version or 0,
        zone=ZoneInfo(built or wanted),
        is_built=bool(built),
        measured_at=sql.loaded(measured_at),
        is_rebuilding=bool(built) and built != wanted,
        changed_at=sql.loaded(changed_at),
        also=dict(zip(also or {}, found, strict=True)),
    )


def version() -> int:
    """Of the figures as they are now; `State.version` is that of a read. One query."""
    rows = prepared.fetch("SELECT version FROM analytics_dataversion WHERE id = 1")
    return rows[0][0] if rows else 0
