"""How old the API version in use is, from its name or the network's own list of releases."""

from __future__ import annotations

import re
from datetime import date

from socialhub.platforms.meta import versions as meta

# LinkedIn names versions by month; each lives a year at least. Meta's live about two years.
MONTHLY = re.compile(r"(20\d{2})(0[1-9]|1[0-2])")
WARN_MONTHLY = 9


def warn_after(version: str) -> int:
    """From how many months on a person should look for a newer one."""
    return WARN_MONTHLY if MONTHLY.fullmatch(version) else meta.OLD_MONTHS


def age_in_months(version: str, today: date) -> int | None:
    """Whole months since it came out; None when that is not known."""
    found = MONTHLY.fullmatch(version)
    if found is None:
        return meta.age(version, today)
    months = (today.year - int(found[1])) * 12 + today.month - int(found[2])
    return max(0, months)
