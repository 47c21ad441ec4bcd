"""Sums kept by delta in the transaction that changes the facts (services/rollups.py).

Each metric has an integer sum and how many publications reported it: a sum over nothing
reported is unknown, not 0. What each column sums is written once, in `analytics/rollup_specs.py`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models import Account


def _sum() -> models.BigIntegerField:
    return models.BigIntegerField(db_default=0)


def _number() -> models.IntegerField:
    return models.IntegerField(db_default=0)


class RateSums(models.Model):
    """What every rollup holds."""

    publications = _number()
    impressions, impressions_n = _sum(), _number()
    engagements, engagements_n = _sum(), _number()
    # Over publications that report both: the average rate is the ratio of these sums.
    rated_engagements, rated_impressions, rated_n = _sum(), _sum(), _number()

    class Meta:
        abstract = True


class DaySums(RateSums):
    """What rollups by day hold besides."""

    likes, likes_n = _sum(), _number()
    comments, comments_n = _sum(), _number()
    shares, shares_n = _sum(), _number()
    reach, reach_n = _sum(), _number()
    saves, saves_n = _sum(), _number()
    clicks, clicks_n = _sum(), _number()
    replies, replies_n = _sum(), _number()
    quotes, quotes_n = _sum(), _number()

    class Meta:
        abstract = True


class DayRollup(DaySums):
    """Lifetime numbers of what was published on a day, by network and type."""

    pk = models.CompositePrimaryKey("local_day", "platform", "content_type")
    local_day = models.DateField()
    platform = models.CharField(max_length=20)
    content_type = models.CharField(max_length=12)
    # Posts whose first publication of this day on this network is in this row,
    posts = _number()
    # and those whose first publication of this day on any network is.
    lead_posts = _number()

    def __str__(self) -> str:
        return f"{self.local_day} {self.platform} {self.content_type}"


class HourRollup(RateSums):
    """Lifetime numbers of what was published in an hour, by network."""

    pk = models.CompositePrimaryKey("hour_start", "platform")
    hour_start = models.DateTimeField()
    platform = models.CharField(max_length=20)
    # 0 = Monday 00:00 UTC … 167.
    hour_of_week = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.hour_start} {self.platform}"


class AccountDayRollup(DaySums):
    """DayRollup by account, for people and filters limited to some accounts.

    Posts are not counted here: one post may be on several of the accounts chosen. There is no
    such table by hour: an account hardly publishes twice in an hour, so the facts are as short.
    """

    pk = models.CompositePrimaryKey("local_day", "account_id", "content_type")
    local_day = models.DateField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=20)
    content_type = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"{self.local_day} account {self.account_id} {self.content_type}"


class ActivityDay(models.Model):
    """What happened on a day: how much each counter moved, booked on the day it was seen.

    A correction by the network is negative. NULL = no publication of the row reported the
    counter. The days of a publication add up to its present counters.
    """

    pk = models.CompositePrimaryKey("local_day", "account_id", "content_type")
    local_day = models.DateField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=20)
    content_type = models.CharField(max_length=12)
    likes = models.BigIntegerField(null=True)
    comments = models.BigIntegerField(null=True)
    shares = models.BigIntegerField(null=True)
    impressions = models.BigIntegerField(null=True)
    reach = models.BigIntegerField(null=True)
    saves = models.BigIntegerField(null=True)
    clicks = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    quotes = models.BigIntegerField(null=True)
    engagements = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.local_day} account {self.account_id} {self.content_type}"


class DataVersion(models.Model):
    """One row; the number goes up with every change of a figure, last in the transaction."""

    version = models.BigIntegerField(default=1)
    changed_at = models.DateTimeField(_("changed"), null=True)
    # The zone whose days the rollups are built on; "" = they have never been built.
    timezone = models.CharField(max_length=64, blank=True, default="")
    # Snapshots before this day are down to the last of each day,
    compacted_to = models.DateField(null=True)
    # and those before this one were dropped.
    snapshots_from = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="data_version_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"
