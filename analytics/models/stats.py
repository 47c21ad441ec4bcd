"""Numbers of publications: the latest per publication, and every change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics import definitions
from analytics.models.counters import Counters
from socialhub.models import Account, AccountStatus, ContentType, Post, Publication
from socialhub.models.accounts import granted_account_ids
from socialhub.platforms.base import COUNTERS

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class PublicationStatsQuerySet(models.QuerySet["PublicationStats"]):
    def visible_to(self, user: User | AnonymousUser) -> PublicationStatsQuerySet:
        granted = granted_account_ids(user)
        return self if granted is None else self.filter(account_id__in=granted)

    def due(self, at: datetime) -> PublicationStatsQuerySet:
        """Rows to read now; those of an account that has to be reconnected wait for it."""
        return self.filter(next_collect_at__lte=at, account__status=AccountStatus.ACTIVE)


class PublicationStats(Counters):
    """Latest numbers of one published publication, and when to read them again.

    Apart from Publication, so that the collector and the publisher never wait for each other.
    What dashboards group by is copied here: no join, no date arithmetic.
    """

    publication = models.OneToOneField(
        Publication,
        verbose_name=_("publication"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="stats",
    )
    post = models.ForeignKey(
        Post, verbose_name=_("post"), on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        related_name="+",
        # publication_stats_due begins with it.
        db_index=False,
    )
    platform = models.CharField(_("network"), max_length=20)
    content_type = models.CharField(_("type"), max_length=12, choices=ContentType.choices)
    # Answers to comments are measured, and kept out of figures about posts.
    is_reply = models.BooleanField(default=False)
    published_at = models.DateTimeField(_("published"))
    # In the organisation's zone (DataVersion.timezone); changing the zone writes it anew.
    local_day = models.DateField()
    # local_day of the publication of the same post before this one; NULL = this is the first.
    # With it a post on several networks is counted once in any period, without a DISTINCT.
    previous_day = models.DateField(null=True)
    # The same among publications on this network.
    previous_day_on_network = models.DateField(null=True)
    # 0 = Monday 00:00 UTC … 167.
    hour_of_week = models.PositiveSmallIntegerField()

    # Dashboards sum these: 8 bytes.
    likes = models.BigIntegerField(_("likes"), null=True)
    comments = models.BigIntegerField(_("comments"), null=True)
    shares = models.BigIntegerField(_("shares"), null=True)
    saves = models.BigIntegerField(_("saves"), null=True)
    clicks = models.BigIntegerField(_("clicks"), null=True)
    replies = models.BigIntegerField(_("replies"), null=True)
    quotes = models.BigIntegerField(_("quotes"), null=True)
    engagements = models.GeneratedField(
        expression=definitions.engagements_expression(),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        verbose_name=_("engagements"),
    )
    engagement_rate = models.GeneratedField(
        expression=definitions.engagement_rate_expression(),
        output_field=models.FloatField(null=True),
        db_persist=True,
        verbose_name=_("engagement rate"),
    )

    first_seen_at = models.DateTimeField(default=timezone.now)
    # When the network last answered, changed or not; NULL = never.
    metrics_at = models.DateTimeField(_("measured"), null=True)
    # NULL = not collected any more.
    next_collect_at = models.DateTimeField(_("next reading"), null=True)
    # The network said it has no such post; the counters stay what they were.
    gone_at = models.DateTimeField(_("gone since"), null=True)
    # The last reading was left out, because the account's monthly cap is used up.
    skipped_at = models.DateTimeField(null=True)
    # Readings in a row without an answer.
    failures = models.PositiveSmallIntegerField(default=0)

    objects = PublicationStatsQuerySet.as_manager()

    class Meta:
        verbose_name = _("numbers of a publication")
        verbose_name_plural = _("numbers of publications")
        ordering = ["-published_at", "-pk"]
        permissions = [("record_metrics", "Can record numbers by hand")]
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in COUNTERS}),
                name="publication_stats_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(hour_of_week__lte=167), name="publication_stats_hour_of_week"
            ),
        ]
        indexes = [
            # collect_metrics: what is due now, account by account.
            models.Index(
                fields=["account", "next_collect_at"],
                condition=Q(next_collect_at__isnull=False),
                name="publication_stats_due",
            ),
            # Dashboards: a period; also what a change of time zone has to visit.
            models.Index(fields=["local_day"], name="publication_stats_by_day"),
            # Posts counted on an earlier day already: few, so both stay small.
            models.Index(
                fields=["local_day", "previous_day", "platform", "content_type"],
                condition=Q(previous_day__lt=F("local_day")),
                name="publication_stats_repeats",
            ),
            models.Index(
                fields=["local_day", "previous_day_on_network", "platform", "content_type"],
                condition=Q(previous_day_on_network__lt=F("local_day")),
                name="publication_stats_again",
            ),
            # Best and worst posts; the last columns answer the filter without the row.
            models.Index(
                fields=["-engagement_rate", "-publication", "local_day", "platform", "impressions"],
                condition=Q(engagement_rate__isnull=False, is_reply=False),
                name="publication_stats_by_rate",
            ),
            models.Index(
                fields=["-engagements", "-publication", "local_day", "platform"],
                condition=Q(engagements__isnull=False, is_reply=False),
                name="publication_stats_by_engaged",
            ),
        ]

    def __str__(self) -> str:
        return f"numbers of publication {self.pk}"


class PostMetrics(Counters):
    """The counters of a publication as known at a moment, kept when one changed. Append-only.

    The newest row equals PublicationStats. PostgreSQL keeps a partition per month
    (services/partitions.py).
    """

    pk = models.CompositePrimaryKey("publication_id", "collected_at")
    publication = models.ForeignKey(
        Publication,
        on_delete=models.CASCADE,
        related_name="metrics",
        # The primary key begins with it.
        db_index=False,
    )
    collected_at = models.DateTimeField()
    # Typed in or sent by a program, not read from the network.
    is_manual = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in COUNTERS}),
                name="post_metrics_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"publication {self.publication_id} at {self.collected_at}"
