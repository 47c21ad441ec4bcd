"""How old a version of the Graph API is: https://developers.facebook.com/docs/graph-api/changelog

A version lives about two years. Only releases whose day is certain are listed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from socialhub.platforms.base import Check

RELEASES = {
    "v13.0": date(2022, 2, 8),
    "v14.0": date(2022, 5, 25),
    "v15.0": date(2022, 9, 15),
    "v16.0": date(2023, 2, 2),
    "v17.0": date(2023, 5, 23),
    "v18.0": date(2023, 9, 12),
    "v19.0": date(2024, 1, 23),
    "v20.0": date(2024, 5, 21),
    "v21.0": date(2024, 10, 2),
    "v22.0": date(2025, 1, 21),
    "v23.0": date(2025, 5, 29),
    "v24.0": date(2025, 10, 8),
}
OLD_MONTHS = 18


def age(version: str, today: date | None = None) -> int | None:
    """Whole months since a release (at least so many, for one before the table); None for one
    that is not known."""
    released = RELEASES.get(version) or _before_the_table(version)
    if released is None:
        return None
    now = today or datetime.now(UTC).date()
    months = (now.year - released.year) * 12 + now.month - released.month
    return months - (now.day < released.day)


def _before_the_table(version: str) -> date | None:
    found = re.fullmatch(r"v(\d+)\.\d+", version)
    first = min(RELEASES.values())
    oldest = next(name for name, day in RELEASES.items() if day == first)
    # "v1.0" is the one version that Threads has.
    return first if found and 1 < int(found[1]) < int(oldest[1:-2]) else None


def check(version: str, today: date | None = None) -> Check:
    """The doctor's line "api_version": not ok from 18 months on."""
    months = age(version, today)
    return Check("api_version", months is None or months < OLD_MONTHS, version)
