"""Numbers of the last complete week, for image templates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.definitions import LABELS
from analytics.queries.dashboard import current_state
from analytics.queries.filters import Filters
from analytics.queries.happened import change, happened
from socialhub import policies
from socialhub.models.accounts import granted_account_ids
from socialhub.registries import DataItem, DataSource, register_data_source

METRICS = ("impressions", "engagements", "likes", "comments", "shares", "clicks", "reach", "saves")
WEEK = timedelta(days=7)


def register() -> None:
    """Offer the numbers of a week."""
    register_data_source(DataSource("metric", gettext_lazy("Number of the week"), find, get))


def find(user: Any, search: str, limit: int) -> list[DataItem]:
    """What happened in the last complete week, Monday to Sunday, on the accounts this person sees.

    A key names its week, so that a picture made again shows the same number.
    """
    if not policies.can(user, "view_metrics"):
        return []
    today = timezone.now().astimezone(current_state().zone).date()
    items = _items(user, today - timedelta(days=today.weekday() + 7))
    words = search.casefold().split()
    return [item for item in items if all(word in item.label.casefold() for word in words)][:limit]


def get(user: Any, key: str) -> DataItem | None:
    """The number named by "engagements:2026-11-16"; the day is the Monday of its week."""
    name, _colon, day = key.partition(":")
    if name not in METRICS or not policies.can(user, "view_metrics"):
        return None
    try:
        monday = date.fromisoformat(day)
    except ValueError:
        return None
    if monday.weekday() or not 2000 <= monday.year <= 2100:
        return None
    return next((item for item in _items(user, monday) if item.key == key), None)


def _items(user: Any, monday: date) -> list[DataItem]:
    granted = None if user is None else granted_account_ids(user)
    filters = Filters(
        monday,
        monday + WEEK - timedelta(days=1),
        granted=None if granted is None else tuple(sorted(granted)),
    )
    found = happened(filters, current_state(filters))
    return [
        _item(name, monday, found.totals.get(name), (found.before or {}).get(name))
        for name in METRICS
    ]


def _item(name: str, monday: date, number: int | None, before: int | None) -> DataItem:
    """A number nobody reported is None here and never 0."""
    label, percent = str(LABELS[name]), change(number, before)
    return DataItem(
        key=f"{name}:{monday.isoformat()}",
        label=label,
        values={
            "title": label,
            "label": label,
            "number": number,
            "change": None
            if percent is None
            else _("%(sign)s%(percent)s %% on the week before")
            % {"sign": "+" if percent >= 0 else "−", "percent": round(abs(percent))},
            "date": monday,
        },
    )
