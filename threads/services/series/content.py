"""What is approved: every part on every account, as one."""

from __future__ import annotations

from typing import Any

from socialhub.models import MediaAsset, hash_content
from threads.models import ThreadPost, ThreadSeries
from threads.services.series import access

SERIES = ("language", "numbering", "numbers_first", "closing", "pace_seconds")


def content_of(series: ThreadSeries) -> dict[str, Any]:
    """Everything whose change needs a new approval, as JSON."""
    return {
        **{name: getattr(series, name) for name in SERIES},
        "accounts": [[row.account_id, row.mode] for row in access.accounts_of(series)],
        "parts": [_part(part) for part in access.parts_of(series)],
    }


def content_hash(series: ThreadSeries) -> str:
    """SHA-256 of `content_of`."""
    return hash_content(content_of(series))


def media_of(part: ThreadPost) -> list[MediaAsset]:
    """Its files in order, from what was read with it."""
    return [item.media for item in sorted(part.part_media.all(), key=lambda one: one.position)]


def _part(part: ThreadPost) -> dict[str, Any]:
    return {
        "text": part.text.strip(),
        "link": part.link,
        "track_link": part.track_link,
        "overrides": part.overrides,
        "picture": part.picture,
        "media": [[media.sha256, media.alt_text] for media in media_of(part)],
    }
