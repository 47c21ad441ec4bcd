"""Notices to people, and outgoing webhooks."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.crypto import EncryptedJSONField


class NoticeKind(models.TextChoices):
    FAILED = "failed", _("publication failed")
    UNKNOWN = "unknown", _("outcome unknown")
    MISSED = "missed", _("publication missed")
    RECONNECT = "reconnect", _("account needs reconnecting")
    TO_APPROVE = "to_approve", _("post to approve")
    DUPLICATE = "duplicate", _("published twice")
    LOGIN_ENDING = "login_ending", _("login ends soon")
    OVER_CAP = "over_cap", _("monthly cap reached")
    # Of an app above; the first word of the incident names who describes it.
    TASK = "task", _("something to decide")


class Notice(models.Model):
    """One incident that somebody must hear of. Open until resolved or acknowledged."""

    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind.choices)
    # One open notice per incident: "publication:12:failed:3".
    incident = models.CharField(max_length=200, unique=True)
    post = models.ForeignKey("socialhub.Post", null=True, blank=True, on_delete=models.CASCADE)
    publication = models.ForeignKey(
        "socialhub.Publication", null=True, blank=True, on_delete=models.CASCADE
    )
    account = models.ForeignKey(
        "socialhub.Account", null=True, blank=True, on_delete=models.CASCADE
    )
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The trouble went away by itself (published after all, reconnected).
    resolved_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        indexes = [
            # escalate: open notices nobody acknowledged.
            models.Index(
                fields=["created_at"],
                condition=Q(
                    acknowledged_at__isnull=True,
                    resolved_at__isnull=True,
                    escalated_at__isnull=True,
                ),
                name="notice_to_escalate",
            ),
        ]

    def __str__(self) -> str:
        return self.incident


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    DROPPED = "dropped", _("not needed any more")


class NoticeDelivery(models.Model):
    """One notice to one person over one channel: "app", "mail" or a channel's id."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    channel = models.CharField(max_length=20)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "user", "channel"], name="notice_delivery_unique"
            ),
        ]
        indexes = [
            # deliver_notices: what to send now.
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="notice_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.user_id} ({self.channel})"


class PostSubscription(models.Model):
    """Somebody besides the author who hears of a post's incidents."""

    post = models.ForeignKey(
        "socialhub.Post", on_delete=models.CASCADE, related_name="subscriptions"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="post_subscription_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.post_id}"


class WebhookEndpoint(models.Model):
    """An address that is told of events (Standard Webhooks headers and signature)."""

    url = models.URLField(
        _("address"), max_length=500, validators=[URLValidator(schemes=["http", "https"])]
    )
    secret = EncryptedJSONField(_("signing secret"))
    events = models.JSONField(_("events"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """An outbox row, written in the transaction of the event it tells of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.CharField(max_length=60)
    payload = models.JSONField()
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-created_at"]
        indexes = [
            # deliver_webhooks: what to send now.
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="webhook_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint_id}"
