"""What the apps above offer to the core, filled in their `AppConfig.ready()`.

The core imports none of them: it asks here by name and does without when nobody offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from socialhub.models import Account


@dataclass(frozen=True, slots=True)
class BestTime:
    """A stretch of time in which posts did well; `n` is how many posts that rests on.

    `order` 0 is the best of those offered together.
    """

    start: datetime
    end: datetime
    n: int
    note: str = ""
    order: int = 0


# (accounts, from, to) → the good times in between; the calendar shows them as a faint band.
BestTimes = Callable[[Sequence[Account], datetime, datetime], Sequence[BestTime]]

_best_times: list[BestTimes] = []
_panels: dict[str, list[str]] = {}


def register_best_times(provider: BestTimes) -> BestTimes:
    """Offer best times to the calendar."""
    if provider not in _best_times:
        _best_times.append(provider)
    return provider


def best_times(accounts: Sequence[Account], start: datetime, end: datetime) -> list[BestTime]:
    """What every provider offers; [] when none is registered."""
    return [time for provider in _best_times for time in provider(accounts, start, end)]


def register_panel(place: str, url_name: str) -> None:
    """Show the fragment at `url_name` on a page of the core; it is loaded over HTMX.

    Places: "today" (no arguments), "interaction" (the interaction's id).
    """
    names = _panels.setdefault(place, [])
    if url_name not in names:
        names.append(url_name)


def panels(place: str) -> tuple[str, ...]:
    """URL names of the fragments offered for a place."""
    return tuple(_panels.get(place, ()))


# -- one provider per name ------------------------------------------------------------

PUBLICATION_METRICS = "publication_metrics"

_providers: dict[str, Callable[..., Any]] = {}


def offer(name: str, provider: Callable[..., Any]) -> None:
    """Register the provider of `name`. Raises ValueError when another one has it."""
    if _providers.setdefault(name, provider) is not provider:
        raise ValueError(f"{name} is offered twice")


def provider(name: str) -> Callable[..., Any] | None:
    """Who provides `name`, or None."""
    return _providers.get(name)


def publication_metrics(publication_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Latest counters per publication id; a publication never measured is absent."""
    found = provider(PUBLICATION_METRICS)
    return found(list(publication_ids)) if found else {}
