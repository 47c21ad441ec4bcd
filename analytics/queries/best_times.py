"""Best times of accounts: their posts into the estimator, its slots onto the calendar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import PublicationStats
from analytics.queries.filters import Filters
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

Post = tuple[datetime, int | None, int | None]


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
) -> BestTimes:
    """Best times of these accounts together, of all when None. Two queries and a fit.

    `within` narrows the posts to its period, campaign and type; its accounts are not looked at.
    With several accounts their posts are put on one level first, so that a strong account does
    not make its habits look like good times. Raises ValueError for an unknown zone.
    """
    accounts = (
        Account.objects.all()
        if account_ids is None
        else (Account.objects.filter(pk__in=account_ids))
    )
    zones = set(accounts.values_list("audience_timezone", flat=True))
    home = Organisation.get().timezone
    zone = timezone or (zones.pop() if len(zones) == 1 else "") or home
    posts, unit = _posts(account_ids, now, within)
    slots = _remembered(posts, zone, now)
    return BestTimes(slots, zone, len(posts), unit, _explain(slots, len(posts), unit))


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


def _remembered(posts: list[Post], zone: str, now: datetime) -> tuple[Slot, ...]:
    """A fit takes a tenth of a second and more: once an hour for the same posts is enough."""
    # Every number counts: impressions alone may have moved.
    key = f"best-times:{zone}:{now:%Y%m%d%H}:{hash(tuple(posts))}"
    cache = caches["local"]
    found = cache.get(key)
    if found is None:
        # numpy and scipy take 60 MB: only in processes that are asked.
        from analytics.best_times import rank

        found = tuple(rank(posts, zone, now))
        cache.set(key, found, REMEMBERED_SECONDS)
    return found


def _explain(slots: Sequence[Slot], posts: int, unit: str) -> str:
    good = sum(slot.badge in GOOD for slot in slots)
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
