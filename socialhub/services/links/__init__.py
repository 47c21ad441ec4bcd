"""Short links: made, followed, counted."""

from socialhub.services.links.making import (
    create,
    for_publication,
    free_slug,
    require_changeable,
    sample_url,
    url_of,
    utm_campaign,
)
from socialhub.services.links.visiting import (
    aggregate_visits,
    clicks,
    is_crawler,
    marks_of,
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
    "marks_of",
    "require_changeable",
    "sample_url",
    "share_out",
    "url_of",
    "utm_campaign",
    "visit",
    "with_utm",
]
