"""Leads and revenue of single publications, posts, products and services, for their pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crm.models import CrmSettings, Lead, LeadTouch, Product, Service
from crm.queries import amounts, owed
from crm.queries.amounts import COUNTS
from socialhub import policies
from socialhub.models import Post, Publication
from socialhub.models.accounts import granted_account_ids

Row = dict[str, Any]
RECENT = 10
NOTHING: Row = {**dict.fromkeys(COUNTS, 0), **amounts.NO_AMOUNT, "amounts": []}


@dataclass(frozen=True, slots=True)
class Panel:
    """`numbers` as of `attribution.totals`; `leads` the newest that the user may see."""

    numbers: Row
    leads: list[Lead]
    more: bool


def for_publication(publication: Publication, user: Any) -> Panel:
    """Leads owed to this publication, by the touch of the settings. Constant queries."""
    return _panel(_owed(user, "publication", [publication.pk]), "owed_publication", user)


def for_post(post: Post, user: Any) -> Panel:
    """Leads owed to this post, on accounts that the user may see. Constant queries."""
    return _panel(_owed(user, "post", [post.pk]), "owed_post", user)


def for_item(item: Product | Service, user: Any) -> Panel:
    """Leads that ask for this product or service, whatever they are owed to."""
    rows = _granted(
        owed.leads(CrmSettings.get().attribution, Lead.objects.filter(**{item.kind: item})), user
    )
    return _panel(rows, item.kind, user)


def for_publications(ids: Iterable[int], user: Any) -> dict[int, Row]:
    """Publication → numbers, for lists; without leads it is absent. Constant queries."""
    return _numbers(_owed(user, "publication", list(ids)), "owed_publication")


def for_posts(ids: Iterable[int], user: Any) -> dict[int, Row]:
    """Post → numbers, for lists; without leads it is absent. Constant queries."""
    return _numbers(_owed(user, "post", list(ids)), "owed_post")


def for_items(kind: str, ids: Iterable[int], user: Any) -> dict[int, Row]:
    """Product or service → numbers, for lists; without leads it is absent. Constant queries."""
    if kind not in (Product.kind, Service.kind):
        raise ValueError(f"there is no kind {kind!r}")
    rows = Lead.objects.filter(**{f"{kind}__in": list(ids)})
    return _numbers(_granted(owed.leads(CrmSettings.get().attribution, rows), user), kind)


# -- reading ---------------------------------------------------------------------------


def _owed(user: Any, field: str, ids: list[int]) -> QuerySet[Lead]:
    """Leads owed to these rows."""
    # Those that have to do with them at all come first, by index.
    near = LeadTouch.objects.filter(**{f"{field}__in": ids}).order_by().values("lead_id")
    own = Lead.objects.filter(**{f"{field}__in": ids}).order_by().values("pk")
    rows = Lead.objects.filter(pk__in=near.union(own))
    found = owed.leads(CrmSettings.get().attribution, rows)
    return _granted(found.filter(**{f"owed_{field}__in": ids}), user)


def _granted(rows: QuerySet[Lead], user: Any) -> QuerySet[Lead]:
    granted = granted_account_ids(user)
    return rows if granted is None else rows.filter(owed_account__in=granted)


def _panel(rows: QuerySet[Lead], column: str, user: Any) -> Panel:
    numbers = next(iter(_numbers(rows, column).values()), dict(NOTHING))
    if not policies.can(user, "view_leads"):
        return Panel(numbers, [], False)
    seen = Lead.objects.visible_to(user).filter(pk__in=rows.values("pk"))
    found = list(seen.for_list().order_by("-created_at", "-pk")[: RECENT + 1])
    return Panel(numbers, found[:RECENT], len(found) > RECENT)


def _numbers(rows: QuerySet[Lead], column: str) -> dict[int, Row]:
    parts = amounts.read(rows, column)
    return {key: amounts.together(parts, key) for key in parts.counts}
