"""Reports, who gets them, and what became of each delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from socialhub.crypto import EncryptedJSONField
from socialhub.models import DeliveryState
from socialhub.models.accounts import granted_account_ids

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class ReportType(models.TextChoices):
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")
    CUSTOM = "custom", _("any period")


class AnalyticsReportQuerySet(models.QuerySet["AnalyticsReport"]):
    def visible_to(self, user: User | AnonymousUser) -> AnalyticsReportQuerySet:
        """A report sums up every account, so who is limited to some sees those of one of them."""
        granted = granted_account_ids(user)
        return self if granted is None else self.filter(scope_account__in=granted)

    def latest_revisions(self) -> AnalyticsReportQuerySet:
        newer = AnalyticsReport.objects.filter(
            report_type=models.OuterRef("report_type"),
            period_start=models.OuterRef("period_start"),
            period_end=models.OuterRef("period_end"),
            scope_key=models.OuterRef("scope_key"),
            revision__gt=models.OuterRef("revision"),
        )
        return self.exclude(models.Exists(newer))


class AnalyticsReport(models.Model):
    """The figures of a period as they were when it was made. They never change afterwards.

    One per type, period, scope and revision; making it again by force is a new revision.
    """

    report_type = models.CharField(_("type"), max_length=10, choices=ReportType.choices)
    # Local days, both included.
    period_start = models.DateField(_("first day"))
    period_end = models.DateField(_("last day"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    # "" = everything, else "account:3" or "platform:mastodon" or "campaign:7".
    scope_key = models.CharField(_("scope"), max_length=60, blank=True, default="")
    scope_account = models.ForeignKey(
        "socialhub.Account", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    language = models.CharField(_("language"), max_length=8)
    timezone = models.CharField(_("time zone"), max_length=64)
    data_version = models.BigIntegerField()
    # When the newest of the numbers was measured.
    measured_at = models.DateTimeField(_("measured"), null=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    total_posts = models.PositiveIntegerField(_("posts"))
    total_publications = models.PositiveIntegerField(_("publications"))
    total_impressions = models.BigIntegerField(_("impressions"), null=True)
    total_engagements = models.BigIntegerField(_("engagements"), null=True)
    total_likes = models.BigIntegerField(_("likes"), null=True)
    total_comments = models.BigIntegerField(_("comments"), null=True)
    total_shares = models.BigIntegerField(_("shares"), null=True)
    avg_engagement_rate = models.FloatField(_("engagement rate"), null=True)
    avg_impressions_per_post = models.FloatField(_("impressions per post"), null=True)
    avg_engagements_per_post = models.FloatField(_("engagements per post"), null=True)
    # NULL = not enough data to compare.
    posts_change_pct = models.FloatField(_("change of posts"), null=True)
    engagement_change_pct = models.FloatField(_("change of engagement"), null=True)
    top_posts = models.JSONField(default=list)
    best_times = models.JSONField(default=list)
    content_performance = models.JSONField(default=dict)
    platform_breakdown = models.JSONField(default=dict)
    # Followers, daily series, bottom posts, and what other phases add: [{"key", "title", …}].
    sections = models.JSONField(default=list)
    details = models.JSONField(default=dict)
    summary = models.TextField(_("summary"), blank=True, default="")
    telegram_summary = models.TextField(blank=True, default="")
    # When the periodic job queued it for its subscribers; NULL = it did not.
    distributed_at = models.DateTimeField(null=True, blank=True)

    objects = AnalyticsReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-period_end", "-period_start", "report_type", "-revision"]
        permissions = [
            ("generate_report", "Can generate reports"),
            ("send_report", "Can send reports"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["report_type", "period_start", "period_end", "scope_key", "revision"],
                name="analytics_report_unique",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="analytics_report_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_report_type_display()} {self.period_start} – {self.period_end}"


class ReportRecipient(models.Model):
    """Somebody who gets reports: an e-mail address or a place Apprise can reach."""

    name = models.CharField(_("name"), max_length=80)
    # A mail address or an Apprise address with tokens: stored encrypted, never shown again.
    url = EncryptedJSONField(_("address"))
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, blank=True, default=""
    )
    wants_weekly = models.BooleanField(_("weekly reports"), default=True)
    wants_monthly = models.BooleanField(_("monthly reports"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("report recipient")
        verbose_name_plural = _("report recipients")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ReportDelivery(models.Model):
    """One report to one recipient, once: the record of what became of it."""

    report = models.ForeignKey(AnalyticsReport, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        ReportRecipient, null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    # The recipient's name when it was queued.
    name = models.CharField(_("recipient"), max_length=80)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField()
    # Messages the receiver took already, so that a second try goes on after them.
    parts_sent = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("report delivery")
        verbose_name_plural = _("report deliveries")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "recipient"], name="report_delivery_unique"),
        ]
        indexes = [
            # deliver_reports: what to send now.
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="report_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} → {self.name}"
