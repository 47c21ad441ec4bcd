"""What a dashboard, export or report is about: a period of local days and narrowings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from socialhub.models import Account, Campaign, ContentType
from socialhub.models.accounts import granted_account_ids
from socialhub.platforms.registry import ADAPTERS
from socialhub.services.errors import Invalid

DEFAULT_DAYS = 30
# Five years, longer than any network's own statistics.
MOST_DAYS = 1_830
CONTENT_TYPES = tuple(ContentType.values)
NAMES = ("days", "from", "to", "platform", "account", "campaign", "content_type")


@dataclass(frozen=True, slots=True)
class Filters:
    """Local days `first` to `last`, both included; "" and None mean everything.

    `granted` are the accounts the reader is limited to, None when they may see all.
    """

    first: date
    last: date
    platform: str = ""
    account: int | None = None
    campaign: int | None = None
    content_type: str = ""
    granted: tuple[int, ...] | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Filters:
        """The same for the period of equal length just before."""
        length = timedelta(days=self.days)
        return replace(self, first=self.first - length, last=self.last - length)

    @property
    def accounts(self) -> tuple[int, ...] | None:
        """The accounts to read, None for all."""
        if self.account is None:
            return self.granted
        return (self.account,) if self.granted is None or self.account in self.granted else ()

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return _query(self)

    @property
    def key(self) -> str:
        """Equal for equal answers, for caches and ETags."""
        granted = "" if self.granted is None else ",".join(map(str, self.granted))
        return f"{self.query}&granted={granted}" if self.granted is not None else self.query


def parse(
    params: Mapping[str, Any],
    user: Any,
    today: date | Callable[[Filters], date],
    *,
    also: Collection[str] = (),
    days: int = DEFAULT_DAYS,
) -> Filters:
    """Filters from a query string; `also` are other names the endpoint takes.

    `today` may be a function of the narrowings, whose period is not known yet.

    Raises Invalid naming every wrong parameter: an unknown name or value, days outside 1 to
    1,830, an end before its start.
    """
    fields: dict[str, list[str]] = {}
    for name in params:
        if name not in NAMES and name not in also:
            fields[name] = [_("There is no such parameter.")]
    granted = granted_account_ids(user)
    found = replace(
        _by_kind(params, fields),
        account=_account(params, user, fields),
        campaign=_campaign(params, fields),
        granted=None if granted is None else tuple(sorted(granted)),
    )
    first, last = _period(params, today(found) if callable(today) else today, days, fields)
    if fields:
        named = [f"{name}: {' '.join(messages)}" for name, messages in fields.items()]
        raise Invalid("invalid", " ".join(named), fields)
    return replace(found, first=first, last=last)


@lru_cache(maxsize=1_000)
def _query(filters: Filters) -> str:
    given = {
        "from": filters.first.isoformat(),
        "to": filters.last.isoformat(),
        "platform": filters.platform,
        "account": filters.account,
        "campaign": filters.campaign,
        "content_type": filters.content_type,
    }
    return urlencode({name: value for name, value in given.items() if value})


def before_asking(params: Mapping[str, Any]) -> Filters | None:
    """The narrowings as `parse` will find them for somebody who may see every account.

    None when that takes a look at the database.
    """
    return None if params.get("account") or params.get("campaign") else _by_kind(params, {})


def _by_kind(params: Mapping[str, Any], fields: dict[str, list[str]]) -> Filters:
    return Filters(
        date.min,
        date.min,
        platform=_choice(params, "platform", ADAPTERS, fields),
        content_type=_choice(params, "content_type", CONTENT_TYPES, fields),
    )


def _period(
    params: Mapping[str, Any], today: date, days: int, fields: dict[str, list[str]]
) -> tuple[date, date]:
    """`from` and `to`, or the last `days` days, today included."""
    if params.get("days") and (params.get("from") or params.get("to")):
        fields["days"] = [_("Give either days, or from and to.")]
    if params.get("days"):
        days = _days(params["days"], fields)
    last = _date(params, "to", fields) or today
    first = _date(params, "from", fields) or last - timedelta(days=days - 1)
    if last < first:
        fields["to"] = [_("The last day must not be before the first day.")]
    elif (last - first).days >= MOST_DAYS:
        fields["from"] = [_("Choose a period of at most %(most)s days.") % {"most": MOST_DAYS}]
    elif first > today:
        fields["from"] = [_("This day is in the future.")]
    return first, last


def _days(given: Any, fields: dict[str, list[str]]) -> int:
    text = str(given)
    # isdecimal takes digits of other scripts, which is fine, but no sign or space.
    if text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    fields["days"] = [_("Enter a whole number from 1 to %(most)s.") % {"most": MOST_DAYS}]
    return DEFAULT_DAYS


def _date(params: Mapping[str, Any], name: str, fields: dict[str, list[str]]) -> date | None:
    given = params.get(name)
    if not given:
        return None
    found = _day(str(given))
    if found is None or not 2000 <= found.year <= 2100:
        fields[name] = [_("Enter a day like 2026-11-30.")]
        return None
    return found


@lru_cache(maxsize=1_000)
def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None


def _choice(
    params: Mapping[str, Any], name: str, known: Collection[str], fields: dict[str, list[str]]
) -> str:
    given = str(params.get(name) or "")
    if given and given not in known:
        fields[name] = [
            _("“%(given)s” is unknown. Choose one of: %(known)s.")
            % {"given": given[:60], "known": ", ".join(sorted(known))}
        ]
        return ""
    return given


def _account(params: Mapping[str, Any], user: Any, fields: dict[str, list[str]]) -> int | None:
    if not params.get("account"):
        return None
    rows = Account.objects.visible_to(user)
    return _row(params, "account", rows, _("There is no such account."), fields)


def _campaign(params: Mapping[str, Any], fields: dict[str, list[str]]) -> int | None:
    if not params.get("campaign"):
        return None
    rows = Campaign.objects.all()
    return _row(params, "campaign", rows, _("There is no such campaign."), fields)


def _row(
    params: Mapping[str, Any], name: str, rows: Any, message: str, fields: dict[str, list[str]]
) -> int | None:
    given = str(params[name])
    if given.isdecimal() and len(given) < 19 and rows.filter(pk=int(given)).exists():
        return int(given)
    fields[name] = [message]
    return None
