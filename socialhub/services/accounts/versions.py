"""How old the API version in use is, from its name or the network's own list of releases."""

from __future__ import annotations

import re
from datetime import date

# LinkedIn names versions by month; each lives a year at least. Meta's live about two years.
MONTHLY = re.compile(r"(20\d{2})(0[1-9]|1[0-2])")
WARN_MONTHLY, WARN_NUMBERED = 9, 18


def warn_after(version: str) -> int:
    """From how many months on a person should look for a newer one."""
    return WARN_MONTHLY if MONTHLY.fullmatch(version) else WARN_NUMBERED


def age_in_months(platform: str, version: str, today: date) -> int | None:
    """Whole months since it came out; None when that is not known."""
    found = MONTHLY.fullmatch(version)
    released = date(int(found[1]), int(found[2]), 1) if found else None
    if released is None:
        return None
    months = (today.year - released.year) * 12 + today.month - released.month
    return max(0, months - (today.day < released.day))
