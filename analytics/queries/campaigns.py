"""What each campaign's posts of a period have gathered."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.queries.sources import Sums
from analytics.rollup_specs import MEASURED, STATS


@dataclass(frozen=True, slots=True)
class CampaignSums:
    """A campaign and the lifetime sums of its publications of the period."""

    pk: int
    name: str
    sums: Sums


def named(filters: Filters) -> list[CampaignSums]:
    """Campaigns with publications in the period, that with most first. One query.

    Posts without a campaign are not read: where few have one, that is nearly all of them.
    """
    source = sources.facts(filters)
    rows = sources.fetch(
        f"SELECT c.id, c.name, {source.sums(*MEASURED)}, COUNT(DISTINCT f.post_id) AS posts"
        f" FROM {STATS} f JOIN socialhub_post p ON p.id = f.post_id"
        " JOIN socialhub_campaign c ON c.id = p.campaign_id"
        f" WHERE {source.where} AND p.campaign_id IS NOT NULL GROUP BY c.id, c.name",
        source.params,
    )
    found = [
        CampaignSums(row["id"], row["name"], sources.total([row], posts=row["posts"]))
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.sums.publications, one.pk))
