"""Short links: made, followed, counted."""

from socialhub.services.links.making import (
    create,
    for_publication,
    free_slug,
    sample_url,
    url_of,
)
from socialhub.services.links.visiting import (
    aggregate_visits,
    clicks,
    is_crawler,
    share_out,
    visit,
    with_utm,
)

__all__ = [
    "aggregate_visits",
    "clicks",
    "create",
    "for_publication",
    "free_slug",
    "is_crawler",
    "sample_url",
    "share_out",
    "url_of",
    "visit",
    "with_utm",
]
