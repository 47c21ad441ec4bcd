"""Best times of accounts: their posts into the estimator, its slots onto the calendar."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import PublicationStats
from analytics.queries.filters import Filters
from socialhub import prepared
from socialhub.models import Account, Organisation
from socialhub.registries import BestTime
from socialhub.services.queue import exists

if TYPE_CHECKING:
    from analytics.best_times import Slot

# Two years ago a post counts 1/273 of one of today (half-life 90 days).
HISTORY = timedelta(days=730)
MOST_POSTS = 5_000
GOOD = ("strong", "likely")
REMEMBERED_SECONDS = 3_600
# To be raised when a fit gets another shape or method: kept ones outlive an update.
SHAPE = 2

Post = tuple[datetime, int | None, int | None]
# The values of all 168 slots, how many are good, on how many posts that rests, in which unit.
Fit = tuple[list[tuple[Any, ...]], int, int, str]


@dataclass(frozen=True, slots=True)
class BestTimes:
    """All 168 slots, best first, in the audience's zone.

    `unit` is "rate" (percent of impressions) or "engagements" (per post, where impressions are
    not reported). `explanation` says on what they rest.
    """

    slots: tuple[Slot, ...]
    timezone: str
    posts: int
    unit: str
    explanation: str

    @property
    def good(self) -> list[Slot]:
        """Those that are more than a guess."""
        return [slot for slot in self.slots if slot.badge in GOOD]


def for_accounts(
    account_ids: Sequence[int] | None,
    now: datetime,
    *,
    timezone: str = "",
    within: Filters | None = None,
    most: int | None = None,
) -> BestTimes:
    """Best times of these accounts together, of all when None.

    `within` narrows the posts to its period, campaign and type; its accounts are not looked at.
    With several accounts their posts are put on one level first, so that a strong account does
    not make its habits look like good times. `most` leaves out all but the best so many. One
    query while no number has changed and no hour has passed since they were last asked for, in
    any process; else two and a fit, which takes a tenth of a second and more. Raises ValueError
    for an unknown zone.
    """
    from analytics.best_times import Slot

    inputs = _inputs(account_ids)
    zone = timezone or inputs.zone
    read = partial(_posts, account_ids, now, within)
    if inputs.version is None or (within is not None and within.campaign is not None):
        # Which posts a campaign has is no figure: the version does not tell.
        found = read()
        fit = _kept(_key(repr(found), zone, now), lambda: _fit(found, zone, now))
    else:
        about = f"{_selection(account_ids, within)}|{inputs.version}"
        fit = _kept(_key(about, zone, now), lambda: _fit(read(), zone, now))
    values, good, posts, unit = fit
    slots = tuple(Slot(*one) for one in values[:most])
    return BestTimes(slots, zone, posts, unit, _explain(good, posts, unit))


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The audience's zone, and which figures there are; None = not known."""

    zone: str
    version: str | None


def _inputs(account_ids: Sequence[int] | None) -> _Inputs:
    """One query."""
    chosen, params = "", []
    if account_ids is not None:
        # No account has the id 0.
        params = list(account_ids) or [0]
        chosen = f" WHERE id IN ({', '.join(['%s'] * len(params))})"
    ends = ", ".join(
        f"(SELECT {end}(audience_timezone) FROM socialhub_account{chosen})"
        for end in ("MIN", "MAX")
    )
    rows = prepared.fetch(
        f"SELECT o.timezone, v.version, v.changed_at, {ends}"
        " FROM socialhub_organisation o LEFT JOIN analytics_dataversion v ON v.id = 1",
        params * 2,
    )
    if not rows:
        # A new installation: this makes the organisation.
        return _Inputs(Organisation.get().timezone, None)
    home, version, changed_at, first, last = rows[0]
    # Accounts that have not one zone in common follow the organisation's.
    zone = first if first and first == last else home
    return _Inputs(zone, f"{version}:{changed_at}" if version and changed_at else None)


def _selection(account_ids: Sequence[int] | None, within: Filters | None) -> str:
    """Equal for equal posts of a version, campaigns left aside."""
    accounts = "all" if account_ids is None else ",".join(map(str, sorted(account_ids)))
    narrowed = f"{within.first}:{within.last}:{within.content_type}" if within else ""
    return f"{accounts}|{narrowed}"


def _key(about: str, zone: str, now: datetime) -> str:
    """Posts grow old enough to count, and older, without a change of any figure: by the hour."""
    text = f"{SHAPE}|{about}|{zone}|{now:%Y%m%d%H}"
    return f"best-times:{hashlib.sha256(text.encode()).hexdigest()}"


def _kept(key: str, make: Callable[[], Fit]) -> Fit:
    """From this process, else from any: a page and the report then show the same fit."""
    local, shared = caches["local"], caches["default"]
    found: Fit | None = local.get(key)
    if found is None:
        found = shared.get(key)
        if found is None:
            found = make()
            shared.set(key, found, REMEMBERED_SECONDS)
        local.set(key, found, REMEMBERED_SECONDS)
    return found


def _fit(found: tuple[list[Post], str], zone: str, now: datetime) -> Fit:
    # numpy and scipy take 60 MB: only in processes that are asked.
    from analytics.best_times import rank

    posts, unit = found
    slots = rank(posts, zone, now)
    good = sum(slot.badge in GOOD for slot in slots)
    return [astuple(slot) for slot in slots], good, len(posts), unit


def _posts(
    account_ids: Sequence[int] | None, now: datetime, within: Filters | None
) -> tuple[list[Post], str]:
    rows = PublicationStats.objects.filter(
        is_reply=False,
        engagements__isnull=False,
        published_at__gt=now - HISTORY,
        published_at__lte=now,
    )
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    if within is not None:
        rows = rows.filter(local_day__range=(within.first, within.last))
        if within.content_type:
            rows = rows.filter(content_type=within.content_type)
        if within.campaign is not None:
            rows = rows.filter(post__campaign=within.campaign)
    by_account: dict[int, list[Post]] = defaultdict(list)
    columns = ("account_id", "published_at", "impressions", "engagements")
    # By day first: there is an index for it.
    newest = rows.order_by("-local_day", "-published_at")
    for account, *post in newest.values_list(*columns)[:MOST_POSTS]:
        by_account[account].append((post[0], post[1], post[2]))
    return _one_unit(list(by_account.values()))


def _one_unit(accounts: list[list[Post]]) -> tuple[list[Post], str]:
    """Rates where most posts report impressions, else engagements per post."""
    posts = [post for account in accounts for post in account]
    seen = sum(post[1] is not None for post in posts)
    if 2 * seen < len(posts) or not posts:
        return [(at, None, engaged) for at, _seen, engaged in posts], "engagements"
    rated = [[post for post in account if post[1]] for account in accounts]
    whole = _rate([post for account in rated for post in account])
    levelled: list[Post] = []
    for account in rated:
        level = _rate(account) / whole if whole else 0
        for at, impressions, engaged in account:
            # ln(e ÷ n) moves by the difference between this account and all of them.
            seen_as = round((impressions or 0) * level) if level else impressions
            levelled.append((at, seen_as, engaged))
    return levelled, "rate"


def _rate(posts: list[Post]) -> float:
    impressions = sum(post[1] or 0 for post in posts)
    return sum(post[2] or 0 for post in posts) / impressions if impressions else 0.0


def _explain(good: int, posts: int, unit: str) -> str:
    if not posts:
        return _("No post has been measured yet, so every hour is a guess.")
    said = ngettext(
        "This rests on %(posts)s measured post.",
        "This rests on %(posts)s measured posts.",
        posts,
    ) % {"posts": posts}
    if unit == "engagements":
        said += " " + _("The network reports no impressions: hours are compared by engagements.")
    if not good:
        return said + " " + _("That is not enough to tell good hours from lucky ones.")
    return said


# -- onto days ---------------------------------------------------------------------------------


def on_calendar(accounts: Sequence[Account], start: datetime, end: datetime) -> list[BestTime]:
    """Good hours between two moments, the best first; [] where every hour is a guess."""
    ids = [account.pk for account in accounts]
    measured = PublicationStats.objects.filter(account__in=ids, engagements__isnull=False)
    if not measured.exists():
        return []
    found = for_accounts(ids, clock.now())
    return [
        one
        for order, slot in enumerate(found.good)
        for one in _times(slot, order, ZoneInfo(found.timezone), start, end)
    ]


def _times(
    slot: Slot, order: int, zone: ZoneInfo, start: datetime, end: datetime
) -> list[BestTime]:
    found, day = [], start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        local = datetime.combine(day, time(slot.hour))
        at = local.replace(tzinfo=zone)
        if day.weekday() == slot.weekday and start <= at < end and exists(local, zone):
            found.append(BestTime(at, at + timedelta(hours=1), slot.n, describe(slot), order))
        day += timedelta(days=1)
    return found


def describe(slot: Slot) -> str:
    """One line about a slot: how sure it is."""
    words: dict[str, Any] = {"strong": _("strong"), "likely": _("likely"), "guess": _("a guess")}
    return _("%(badge)s: %(chance)s %% to be among the five best hours") % {
        "badge": words[slot.badge],
        "chance": round(100 * slot.p_top5),
    }
