"""What is approved: the plan and every variant, as one."""

from __future__ import annotations

from typing import Any

from experiments.models import ABTest, ABTestVariant
from socialhub.models import hash_content

PLAN = (
    "question",
    "design",
    "split_by",
    "metric",
    "confidence",
    "power",
    "smallest_effect",
    "is_open_ended",
    "language",
    "washout_hours",
    "planned_size",
    "link_id",
    "page_slug",
)


def content_of(test: ABTest) -> dict[str, Any]:
    """Everything whose change needs a new approval, as JSON."""
    return {
        **{name: getattr(test, name) for name in PLAN},
        "first_at": test.first_at.isoformat() if test.first_at else None,
        "ends_at": test.ends_at.isoformat() if test.ends_at else None,
        "accounts": sorted(test.accounts.values_list("pk", flat=True)),
        "variants": [_variant(one) for one in variants_of(test)],
    }


def content_hash(test: ABTest) -> str:
    """SHA-256 of `content_of`."""
    return hash_content(content_of(test))


def variants_of(test: ABTest) -> list[ABTestVariant]:
    """In their order, with their pictures; read anew."""
    rows = ABTestVariant.objects.filter(test=test).order_by("position")
    return list(rows.prefetch_related("variant_media__media"))


def shown(variant: ABTestVariant) -> dict[str, Any]:
    """What a reader of a variant would see; equal for equal variants."""
    media = sorted(variant.variant_media.all(), key=lambda item: item.position)
    return {
        "text": variant.text.strip(),
        "link": variant.link,
        "track_link": variant.track_link,
        "media": [[item.media.sha256, item.media.alt_text] for item in media],
    }


def _variant(variant: ABTestVariant) -> dict[str, Any]:
    return {"name": variant.name, "weight": variant.weight, **shown(variant)}
