"""What workers and beat would have done in the past weeks, one moment after the other.

Publications go out at their minute. Once a day, before the first posting slot, everything due is
read, and three times a week running tests are looked at and recycling plans ahead: less often than
a running installation does all this, with the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from analytics.services import collecting, tracking
from experiments.services import evaluating
from experiments.services.recycling import learning, planning
from socialhub.models import Organisation, Post, PostStatus, Publication
from socialhub.seeds.clock import Travel
from socialhub.services import posts, publishing

# Local; the numbers of a showing at a slot are read at the same ages as those of any other there.
DAILY = time(9, 5)
# Tuesday, Thursday and Saturday: recycling plans three days ahead.
THOROUGH = (1, 3, 5)
SOON = timedelta(days=2)


class Weeks:
    """Lives up to a moment. `approver` looks at what recycling proposes, once a day."""

    def __init__(self, travel: Travel, approver: User) -> None:
        self.travel, self.approver = travel, approver

    def until(self, end: datetime) -> None:
        """Everything due until then, in order."""
        for day in self._days(end):
            self._publish_until(day)
            self.travel.go(day)
            self._round()
        self._publish_until(end)
        self.travel.go(end)

    def _days(self, end: datetime) -> Iterator[datetime]:
        zone = Organisation.get().zone
        day = timezone.now().astimezone(zone).date()
        while (moment := datetime.combine(day, DAILY, zone)) < end:
            if moment > timezone.now():
                yield moment
            day += timedelta(days=1)

    def _publish_until(self, end: datetime) -> None:
        while (publication := _ours().filter(not_before__lte=end).first()) is not None:
            assert publication.not_before is not None  # scheduled, a constraint of Publication
            self.travel.go(publication.not_before)
            if (said := publishing.publish(publication.pk)) != "published":
                raise RuntimeError(f"a demo post of the past did not go out: {said}")

    def _round(self) -> None:
        tracking.sweep()
        if errors := collecting.collect(timezone.now())["errors"]:
            raise RuntimeError(f"the sandbox network was not read: {errors}")
        zone = Organisation.get().zone
        if timezone.now().astimezone(zone).weekday() not in THOROUGH:
            return
        learning.learn(timezone.now())
        looked, planned = evaluating.evaluate_all(timezone.now()), planning.plan_all(timezone.now())
        if looked["failed"] or planned["failed"]:
            raise RuntimeError("a demo test or rule could not be worked on; the log says why")
        self._approve_repetitions()

    def _approve_repetitions(self) -> None:
        """What goes out soon; the rest waits for somebody to look at it."""
        waiting = Post.objects.filter(
            status=PostStatus.IN_REVIEW,
            recycled_from__rule__is_demo=True,
            planned_at__lte=timezone.now() + SOON,
        )
        for post in waiting:
            posts.approve(post, self.approver)


def _ours() -> QuerySet[Publication]:
    """What waits and is of a test or a repetition, in order of time."""
    ours = Q(ab_test_part__test__is_demo=True) | Q(repeats__rule__is_demo=True)
    return (
        Publication.objects.filter(ours, status="scheduled")
        .order_by("not_before", "pk")
        .select_related("post")
    )
