"""What the parts of a series reached, and how many readers each part lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F

from socialhub.models import Account, Publication
from threads.models import ThreadSeries

# Shown per part; a counter nobody reports is None.
SHOWN = ("impressions", "engagements", "likes", "comments", "shares")
# What loss of readers is counted by, the better one first.
BASES = ("impressions", "likes")


@dataclass(frozen=True, slots=True)
class PartNumbers:
    """One part on one account, or on all of them together.

    `counters` by name, None = not reported. `from_previous_pct` and `from_first_pct` are changes
    in percent (−25.0: a quarter fewer than the part before), None where they cannot be told.
    """

    position: int
    counters: dict[str, int | None]
    measured_at: datetime | None
    publication_id: int | None = None
    from_previous_pct: float | None = None
    from_first_pct: float | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """The chain on one account. `basis` is the counter the changes rest on, "" for none."""

    account: Account
    basis: str
    parts: list[PartNumbers]


@dataclass(frozen=True, slots=True)
class SeriesNumbers:
    """`parts` are all accounts together; `total` every part of every account."""

    parts: list[PartNumbers]
    total: dict[str, int | None]
    basis: str
    accounts: list[AccountNumbers] = field(default_factory=list)

    @property
    def measured_at(self) -> datetime | None:
        return max((p.measured_at for p in self.parts if p.measured_at), default=None)


def numbers(series: ThreadSeries, user: Any) -> SeriesNumbers:
    """Latest counters of the parts on the accounts this person sees. One query."""
    rows = Publication.objects.filter(post__thread_part__series=series)
    if user is not None:
        rows = rows.visible_to(user)
    found = rows.select_related("account", "stats").annotate(
        position=F("post__thread_part__position")
    )
    chains: dict[int, list[Any]] = {}
    for row in found.order_by("account_id", "position", "pk"):
        chains.setdefault(row.account_id, []).append(row)
    return _together([_account(chain) for chain in chains.values()])


def _account(rows: Sequence[Any]) -> AccountNumbers:
    measured = [
        PartNumbers(
            row.position,
            {name: getattr(_stats(row), name, None) for name in SHOWN},
            getattr(_stats(row), "metrics_at", None),
            row.pk,
            is_gone=getattr(_stats(row), "gone_at", None) is not None,
        )
        for row in rows
    ]
    basis = _basis(measured)
    return AccountNumbers(rows[0].account, basis, _with_changes(measured, basis))


def _stats(row: Any) -> Any:
    """The row's numbers; None before it is out."""
    return getattr(row, "stats", None)


def _basis(parts: Iterable[PartNumbers]) -> str:
    known = [part.counters for part in parts]
    return next((name for name in BASES if any(c[name] is not None for c in known)), "")


def _with_changes(parts: Sequence[PartNumbers], basis: str) -> list[PartNumbers]:
    if not basis:
        return list(parts)
    values = [part.counters[basis] for part in parts]
    return [
        replace(
            part,
            from_previous_pct=_change(values[n], values[n - 1]) if n else None,
            from_first_pct=_change(values[n], values[0]) if n else None,
        )
        for n, part in enumerate(parts)
    ]


def _change(now: int | None, before: int | None) -> float | None:
    if now is None or not before:
        return None
    return round(100 * (now - before) / before, 1)


def _together(accounts: Sequence[AccountNumbers]) -> SeriesNumbers:
    """Sums over accounts. Changes only over accounts whose chain reports the counter throughout,
    so that a network that reports less does not look like readers lost."""
    by_position: dict[int, list[PartNumbers]] = {}
    for account in accounts:
        for part in account.parts:
            by_position.setdefault(part.position, []).append(part)
    parts = [
        PartNumbers(position, _sums(found), _newest(found))
        for position, found in sorted(by_position.items())
    ]
    basis = _basis(parts)
    full = [
        account
        for account in accounts
        if basis
        and len(account.parts) == len(parts)
        and all(part.counters[basis] is not None for part in account.parts)
    ]
    if full:
        compared = [
            replace(part, counters=_sums(account.parts[n] for account in full))
            for n, part in enumerate(parts)
        ]
        changed = _with_changes(compared, basis)
        parts = [
            replace(
                part,
                from_previous_pct=other.from_previous_pct,
                from_first_pct=other.from_first_pct,
            )
            for part, other in zip(parts, changed, strict=True)
        ]
    return SeriesNumbers(parts, _sums(parts), basis if full else "", list(accounts))


def _sums(parts: Iterable[PartNumbers]) -> dict[str, int | None]:
    """Missing is skipped; None when nobody reports it."""
    listed = list(parts)
    found = {name: [part.counters[name] for part in listed] for name in SHOWN}
    return {
        name: sum(v for v in values if v is not None)
        if any(v is not None for v in values)
        else None
        for name, values in found.items()
    }


def _newest(parts: Iterable[PartNumbers]) -> datetime | None:
    return max((part.measured_at for part in parts if part.measured_at), default=None)
