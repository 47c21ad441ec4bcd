"""Which leads a read is about, and to which contact with us each of them is owed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, QuerySet, When

from analytics import sql
from analytics.queries.filters import Filters
from crm.models import Attribution, CrmSettings, Lead
from socialhub.models import Organisation, Post

# Name of the column → the field of touch and lead it is read from.
COLUMNS = {
    "owed_account": "account_id",
    "owed_publication": "publication_id",
    "owed_post": "post_id",
    "owed_campaign": "campaign_id",
    "owed_variant": "variant_key",
}


def touch_or_default(touch: str | None) -> str:
    """First or last touch; as the settings say when not given. Raises ValueError."""
    chosen = touch or CrmSettings.get().attribution
    if chosen not in Attribution.values:
        raise ValueError(f"there is no touch {chosen!r}")
    return chosen


def zone() -> ZoneInfo:
    """The zone of the local days."""
    return Organisation.get().zone


def leads(touch: str, rows: QuerySet[Lead] | None = None) -> QuerySet[Lead]:
    """Leads with COLUMNS: those of the touch, or the lead's own when it has no touch."""
    relation = f"{touch}_touch"
    columns = {
        name: Case(
            When(**{f"{relation}__isnull": True}, then=F(field)), default=_of(relation, field)
        )
        for name, field in COLUMNS.items()
    }
    return (Lead.objects.all() if rows is None else rows).order_by().annotate(**columns)


def _of(relation: str, field: str) -> F:
    return F(f"{relation}__{field}")


def narrowed(rows: QuerySet[Lead], filters: Filters) -> QuerySet[Lead]:
    """Those the filters mean, of every time. A lead counts for the account it is owed to."""
    if (accounts := filters.accounts) is not None:
        rows = rows.filter(owed_account__in=accounts)
    if filters.platform:
        from socialhub.models import Account

        named = Account.objects.filter(platform=filters.platform).values("pk")
        rows = rows.filter(owed_account__in=named)
    if filters.campaign is not None:
        rows = rows.filter(owed_campaign=filters.campaign)
    if filters.content_type:
        posts = Post.objects.filter(content_type=filters.content_type).values("pk")
        rows = rows.filter(owed_post__in=posts)
    return rows


def within(filters: Filters, days: ZoneInfo, field: str = "created_at") -> dict[str, Any]:
    """Arguments of `filter`: the moment lies on the local days of the period."""
    start, end = sql.bounds(days, filters.first, filters.last)
    return {f"{field}__gte": start, f"{field}__lt": end}


def of_period(filters: Filters, touch: str) -> QuerySet[Lead]:
    """Leads that came in on the local days of the period, narrowed, with COLUMNS."""
    return narrowed(leads(touch), filters).filter(**within(filters, zone()))
