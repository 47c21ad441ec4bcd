"""Figures as a table, one row per publication or per day, for spreadsheets and programs.

Missing is an empty cell, never 0. Rows come from the database as they are written out: the memory
it takes does not grow with the period.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Case, F, QuerySet, When

from analytics.models import PublicationStats
from analytics.queries import dashboard
from analytics.queries.dashboard import SERIES, State
from analytics.queries.filters import Filters
from analytics.queries.publications import SHOWN
from analytics.rollup_specs import MEASURED
from socialhub.services.tables import MOST_IN_SHEET, Row, csv_lines, workbook

__all__ = [
    "DAYS",
    "MOST_IN_SHEET",
    "PUBLICATIONS",
    "Row",
    "csv_lines",
    "day_rows",
    "publication_rows",
    "publications",
    "workbook",
]

# Column → where it comes from.
PUBLICATIONS = {
    "local_day": "local_day",
    "published_at": "published_at",
    "publication": "publication_id",
    "post": "post_id",
    "platform": "platform",
    "account": "account_id",
    "handle": "account__handle",
    "content_type": "content_type",
    "campaign": "post__campaign__name",
    "text": "shown_text",
    "permalink": "publication__permalink",
    **{name: name for name in SHOWN},
    "measured_at": "metrics_at",
    "gone_at": "gone_at",
}
PUBLISHED = (*SERIES, "avg_engagement_rate")
DAYS = (
    "date",
    "publications",
    *(f"published_{name}" for name in PUBLISHED),
    *(f"happened_{name}" for name in MEASURED),
)
CHUNK = 2_000


def publications(filters: Filters) -> QuerySet[PublicationStats]:
    """What the dashboard counts: publications of the period, replies left out, oldest first."""
    rows = PublicationStats.objects.filter(
        local_day__range=(filters.first, filters.last), is_reply=False
    )
    if filters.platform:
        rows = rows.filter(platform=filters.platform)
    if filters.content_type:
        rows = rows.filter(content_type=filters.content_type)
    if filters.accounts is not None:
        rows = rows.filter(account__in=filters.accounts)
    if filters.campaign is not None:
        rows = rows.filter(post__campaign=filters.campaign)
    return rows.order_by("local_day", "published_at", "pk")


def publication_rows(filters: Filters, state: State) -> Iterator[Row]:
    """Values in the order of PUBLICATIONS; moments with the offset of the organisation's zone."""
    text = Case(
        When(publication__text_override="", then=F("post__text")),
        default=F("publication__text_override"),
    )
    rows = publications(filters).annotate(shown_text=text).values_list(*PUBLICATIONS.values())
    for row in rows.iterator(chunk_size=CHUNK):
        yield [
            value.astimezone(state.zone).isoformat() if isinstance(value, datetime) else value
            for value in row
        ]


def day_rows(filters: Filters, state: State, today: date) -> Iterator[Row]:
    """Values in the order of DAYS: lifetime numbers of what was published on the day, then what
    happened on it. Two queries."""
    happened = dict(dashboard.happened(filters, state).days)
    nothing: dict[str, int | None] = dict.fromkeys(MEASURED)
    for day, sums in dashboard.published(filters, state):
        moved = happened.get(day, nothing) if day <= today else nothing
        yield [
            day,
            sums.publications,
            *(sums.get(name) for name in PUBLISHED),
            *(moved[name] for name in MEASURED),
        ]
