"""What fits: the exact counters of the chosen accounts, with number and closing reserved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from socialhub.models import Account
from socialhub.platforms.base import TextCount
from socialhub.writing import MAX_PARTS, Explain, Fits

# The longest number of each style of numbering; `{n}` is the highest part.
_NUMBERS = {"none": "", "slash": "{n}/{n}", "brackets": "({n}/{n})", "open": "{n}/", "dot": "{n}."}
NUMBERINGS = tuple(_NUMBERS)


class Room(NamedTuple):
    """`fits` for every part, `fits_last` for the one with the closing; `explain` what is over."""

    fits: Fits
    fits_last: Fits
    explain: Explain


def room(
    accounts: Sequence[Account],
    *,
    numbering: str = "",
    closing: str = "",
    parts: int | None = None,
    link: str = "",
) -> Room:
    """What every one of the accounts takes. Without accounts everything fits.

    `numbering` is that of a series, "" for a post of its own. `link` is what goes out under the
    text unless it is in it.
    """
    counters = [_counter(account, _number(account, numbering, parts)) for account in accounts]

    def counted(text: str, *more: str) -> list[TextCount]:
        whole = [text, *(piece for piece in more if piece)]
        if link and link not in text:
            whole.append(link)
        return [count("\n\n".join(whole)) for count in counters]

    def fits(text: str) -> bool:
        return all(count.ok for count in counted(text))

    def fits_last(text: str) -> bool:
        return all(count.ok for count in counted(text, closing.strip()))

    def explain(text: str) -> str:
        found = zip(accounts, counted(text), strict=True)
        return "; ".join(_excess(account, count) for account, count in found if not count.ok)

    return Room(fits, fits_last, explain)


def _counter(account: Account, number: str) -> Callable[[str], TextCount]:
    """The account's own counter; the number stands behind the text as in a series."""
    adapter, options = account.adapter, account.merged_options
    return lambda text: adapter.count(f"{text} {number}" if number else text, options)


def _number(account: Account, numbering: str, parts: int | None) -> str:
    if not numbering:
        return ""
    caps = account.capabilities
    if numbering == "none" and not (caps.threads and caps.replies):
        # Posts that cannot answer one another carry numbers whatever was chosen.
        numbering = "slash"
    return _NUMBERS[numbering].format(n=parts or MAX_PARTS)


def _excess(account: Account, count: TextCount) -> str:
    if count.count > count.limit:
        return _("%(excess)s characters too many for %(network)s (limit %(limit)s)") % {
            "excess": count.count - count.limit,
            "network": account.network_name,
            "limit": count.limit,
        }
    return _("%(excess)s bytes too many for %(network)s (limit %(limit)s)") % {
        "excess": (count.byte_count or 0) - (count.byte_limit or 0),
        "network": account.network_name,
        "limit": count.byte_limit,
    }
