"""Following short links and counting visits without knowing who the visitor is."""

from __future__ import annotations

import hashlib
import logging
import math
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import DatabaseError, transaction
from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils import timezone

from socialhub import registries
from socialhub.models import LinkDestination, LinkVisit, LinkVisitDay, TrackedLink

log = logging.getLogger(__name__)

KEEP_DAYS = 90
# Django redirects to no address longer than 2,048 characters; stored ones have at most 2,000.
MAX_URL = 2_048


class FoldedElsewhere(Exception):
    """Another job removed visits of the day this one was adding up."""


def visit(link: TrackedLink, visitor: uuid.UUID, *, is_bot: bool, counted: bool = True) -> str:
    """The address to send this visitor to; the same visitor gets the same destination.

    `counted=False`: nothing is written (HEAD, prefetch). Counting never stands in the way of
    the redirect.
    """
    destination = choose(list(link.destinations.all()), visitor)
    if counted:
        try:
            with transaction.atomic():
                LinkVisit.objects.create(
                    link=link,
                    at=timezone.now(),
                    visitor=visitor,
                    destination_key=destination.key,
                    is_bot=is_bot,
                )
        except DatabaseError:
            log.exception("a visit of link %s could not be counted", link.pk)
    return with_utm(link, destination.url, marks_of(link, destination.key, destination.url))


def marks_of(link: TrackedLink, key: str, url: str) -> dict[str, str]:
    """What the apps above add to an address, so that they know again who comes by it."""
    try:
        with transaction.atomic():
            return registries.link_marks(link, key, url)
    except DatabaseError:
        log.exception("a visit of link %s goes on without marks", link.pk)
        return {}


def choose(destinations: list[LinkDestination], visitor: uuid.UUID) -> LinkDestination:
    """The destination of this visitor, always the same; see `share_out`."""
    by_key = {one.key: one for one in destinations if one.weight}
    if not by_key:
        return destinations[0]
    weights = {key: one.weight for key, one in by_key.items()}
    return by_key[share_out(str(destinations[0].link_id), weights, visitor)]


def share_out(scope: str, weights: Mapping[str, int], visitor: uuid.UUID) -> str:
    """Weighted rendezvous hashing: shares as the weights say, and a visitor stays where they are.

    A key that is added or changes its weight moves only as many visitors as it must. In another
    scope the same visitor is drawn anew. Weights are above 0.
    """

    def score(key: str) -> float:
        seed = f"{scope}:{key}:{visitor}".encode()
        number = int.from_bytes(hashlib.sha256(seed).digest()[:8])
        return -math.log((number + 1) / (2**64 + 1)) / weights[key]

    return min(weights, key=score)


def with_utm(link: TrackedLink, url: str, marks: Mapping[str, str] | None = None) -> str:
    """`url` with the link's UTM parameters and `marks`; those the author wrote into it stay."""
    parts = urlsplit(url)
    present = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    names = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
    wanted = {name: getattr(link, name) for name in names} | dict(marks or {})
    added = urlencode(
        [(name, value) for name, value in wanted.items() if value and name not in present]
    )
    # The author's own query is kept letter by letter.
    query = "&".join(part for part in (parts.query, added) if part)
    full = urlunsplit(parts._replace(query=query))
    return full if len(full) <= MAX_URL else url


def is_crawler(headers: Mapping[str, str]) -> bool:
    """Does the User-Agent name a crawler or a preview fetcher? None at all is one too."""
    agent = headers.get("User-Agent", "")
    return not agent or _is_crawler(agent[:500])


@lru_cache(maxsize=1024)
def _is_crawler(agent: str) -> bool:
    # Its list of patterns is large; only processes that serve links load it.
    from crawlerdetect import CrawlerDetect

    return bool(CrawlerDetect(user_agent=agent).is_crawler())


# -- counting ----------------------------------------------------------------------


def clicks(link_ids: Iterable[int]) -> dict[int, int]:
    """link id → visits of people, all time; 0 for a link nobody followed."""
    ids = list(link_ids)
    found = dict.fromkeys(ids, 0)
    recent = LinkVisit.objects.filter(link__in=ids, is_bot=False).values_list("link")
    older = LinkVisitDay.objects.filter(link__in=ids).values_list("link")
    for pk, count in recent.annotate(n=Count("pk")):
        found[pk] += count
    for pk, count in older.annotate(n=Sum("visits")):
        found[pk] += count
    return found


def aggregate_visits(now: datetime | None = None) -> int:
    """Turn whole UTC days older than 90 days into one row per link, day and destination.

    Returns how many single visits are gone. One transaction per day: a crash leaves every day
    either whole or counted. Visits that an app above still needs wait.
    """
    limit = ((now or timezone.now()) - timedelta(days=KEEP_DAYS)).astimezone(UTC).date()
    gone = 0
    while (oldest := _foldable().aggregate(at=Min("at"))["at"]) is not None:
        day = oldest.astimezone(UTC).date()
        if day >= limit:
            break
        try:
            gone += _fold(day)
        except FoldedElsewhere:
            break
    return gone


def _foldable() -> QuerySet[LinkVisit]:
    rows = LinkVisit.objects.all()
    for link_ids in registries.needed_visits():
        rows = rows.exclude(link__in=link_ids)
    return rows


@transaction.atomic
def _fold(day: date) -> int:
    start = datetime.combine(day, time(), UTC)
    rows = _foldable().filter(at__gte=start, at__lt=start + timedelta(days=1))
    people = Q(is_bot=False)
    counted = list(
        rows.values("link_id", "destination_key").annotate(
            visits=Count("pk", filter=people),
            visitors=Count("visitor", filter=people, distinct=True),
            bots=Count("pk", filter=~people),
        )
    )
    for row in counted:
        _add(day, **row)
    gone = rows.delete()[0]
    if gone != sum(row["visits"] + row["bots"] for row in counted):
        # Somebody else is folding this day; undo and let them.
        raise FoldedElsewhere
    return gone


def _add(
    day: date,
    *,
    link_id: int,
    destination_key: str,
    visits: int,
    visitors: int,
    bots: int,
) -> None:
    row, created = LinkVisitDay.objects.get_or_create(
        link_id=link_id,
        day=day,
        destination_key=destination_key,
        defaults={"visits": visits, "visitors": visitors, "bots": bots},
    )
    if not created:
        LinkVisitDay.objects.filter(pk=row.pk).update(
            visits=F("visits") + visits,
            visitors=F("visitors") + visitors,
            bots=F("bots") + bots,
        )
