"""Today: what waits for a person, what goes out, how the week looks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub.models import Organisation, Publication
from socialhub.models import PublicationStatus as S
from socialhub.queries import needs
from socialhub.queries.needs import Need

GOES_OUT = (S.SCHEDULED, S.PUBLISHING, S.UNKNOWN, S.PUBLISHED)
DAYS = 7


@dataclass(slots=True)
class Day:
    """One day of the strip: how many publications, and of them how many with trouble."""

    day: date
    is_today: bool
    total: int = 0
    trouble: int = 0
    platforms: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Today:
    """Everything the page shows; `later` and `earlier` are today's rows around `now`."""

    now: datetime
    posts: int
    posts_out: int
    needs: list[Need]
    needs_more: int
    may_act: bool
    earlier: list[Publication]
    later: list[Publication]
    week: list[Day]

    @property
    def sentence(self) -> str:
        return f"{self._posts()} {self._needs()}"

    @property
    def needs_count(self) -> int:
        return len(self.needs) + self.needs_more

    def _posts(self) -> str:
        if not self.posts:
            return _("Nothing goes out today.")
        if self.posts_out == self.posts:
            return ngettext(
                "The one post of today is out.", "All %(n)s posts of today are out.", self.posts
            ) % {"n": self.posts}
        said = ngettext("%(n)s post goes out today.", "%(n)s posts go out today.", self.posts) % {
            "n": self.posts
        }
        if self.posts_out:
            said = _("%(n)s posts go out today, %(out)s of them are out already.") % {
                "n": self.posts,
                "out": self.posts_out,
            }
        return said

    def _needs(self) -> str:
        count = self.needs_count
        if not self.may_act:
            return (
                ngettext(
                    "%(n)s thing waits for a colleague.",
                    "%(n)s things wait for a colleague.",
                    count,
                )
                % {"n": count}
                if count
                else _("Nothing waits.")
            )
        if not count:
            return _("Nothing needs you.")
        return ngettext("%(n)s needs you.", "%(n)s need you.", count) % {"n": count}


def today(user: Any, now: datetime | None = None) -> Today:
    """The page for `user` at `now`; days are the organisation's."""
    now = now or timezone.now()
    organisation = Organisation.get()
    local = now.astimezone(organisation.zone)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # Wall-clock days: adding to an aware local time keeps the hour across a clock change.
    end = start + timedelta(days=DAYS)
    rows = list(_rows(user, start, end))
    of_today = [p for p in rows if _local_day(p, organisation) == local.date()]
    waiting, more = needs.needs(user, organisation, now)
    going = [p for p in of_today if p.status in GOES_OUT]
    posts = {p.post_id for p in going}
    still = {p.post_id for p in going if p.status != S.PUBLISHED}
    return Today(
        now=now,
        posts=len(posts),
        posts_out=len(posts - still),
        needs=waiting,
        needs_more=more,
        may_act=needs.may_act(user),
        earlier=[p for p in of_today if p.due_at <= now],
        later=[p for p in of_today if p.due_at > now],
        week=_week(rows, local.date(), organisation),
    )


def _rows(user: Any, start: datetime, end: datetime) -> QuerySet[Publication]:
    return (
        Publication.objects.visible_to(user)
        .for_list()
        .filter(due_at__gte=start, due_at__lt=end, post__is_reply=False)
        .exclude(Q(status=S.CANCELLED) | Q(post__is_archived=True, status=S.DRAFT))
        .order_by("due_at", "pk")
    )


def _local_day(publication: Publication, organisation: Organisation) -> date:
    return publication.due_at.astimezone(organisation.zone).date()


def _week(rows: list[Publication], first: date, organisation: Organisation) -> list[Day]:
    days = {
        first + timedelta(days=n): Day(first + timedelta(days=n), is_today=n == 0)
        for n in range(DAYS)
    }
    for publication in rows:
        day = days[_local_day(publication, organisation)]
        day.total += 1
        day.trouble += publication.status in (S.FAILED, S.MISSED, S.UNKNOWN)
        day.platforms[publication.account.platform] += 1
    return list(days.values())
