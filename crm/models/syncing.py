"""What was exchanged with Odoo: runs, and one line per object and try."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.connections import OdooConnection


class SyncKind(models.TextChoices):
    PRODUCTS = "products", _("products")
    SERVICES = "services", _("services")
    IMAGES = "images", _("images")
    EXPORT = "export", _("leads to Odoo")
    LEADS = "leads", _("leads from Odoo")
    REVENUE = "revenue", _("revenue")
    SCAN = "scan", _("daily comparison")
    ALL = "all", _("everything")


class Direction(models.TextChoices):
    IN = "in", _("from Odoo")
    OUT = "out", _("to Odoo")
    BOTH = "both", _("both ways")


class RunState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    # Odoo could not be reached or the worker died; the next run goes on from there.
    INTERRUPTED = "interrupted", _("interrupted")
    FAILED = "failed", _("failed")


class OdooSyncRun(models.Model):
    """One go at one kind of exchange. Counts are final when it is not running any more."""

    connection = models.ForeignKey(OdooConnection, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(_("kind"), max_length=12, choices=SyncKind.choices)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices)
    state = models.CharField(
        _("state"), max_length=12, choices=RunState.choices, default=RunState.QUEUED
    )
    # NULL = the periodic job.
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Ids of what a person chose; [] = everything that is due.
    selected = models.JSONField(default=list, blank=True)
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # The worker's sign of life; an old one means it died.
    beat_at = models.DateTimeField(null=True, blank=True)
    cursor_before = models.DateTimeField(null=True, blank=True)
    cursor_after = models.DateTimeField(null=True, blank=True)
    # How many there are to go through; NULL = not known.
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("unchanged"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    requests = models.PositiveIntegerField(_("requests"), default=0)
    error_class = models.CharField(max_length=40, blank=True, default="")
    error = models.CharField(_("error"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["done", "interrupted", "failed"])
                | Q(finished_at__isnull=False),
                name="odoo_sync_run_end_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["beat_at"],
                condition=Q(state__in=["queued", "running"]),
                name="odoo_sync_run_going",
            ),
            # Health: the last good run of each kind.
            models.Index(
                fields=["connection", "kind", "-finished_at"],
                condition=Q(state="done"),
                name="odoo_sync_run_last_good",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_at:%Y-%m-%d %H:%M}"


class LogOutcome(models.TextChoices):
    # The line is written before the request leaves; a line that stays so lost its worker.
    STARTED = "started", _("started")
    OK = "ok", _("done")
    SKIPPED = "skipped", _("unchanged")
    RETRY = "retry", _("again later")
    UNKNOWN = "unknown", _("no answer")
    FAILED = "failed", _("failed")


class OdooSyncLog(models.Model):
    """One object, one try. Never a secret, never a whole body."""

    run = models.ForeignKey(
        OdooSyncRun, null=True, blank=True, on_delete=models.CASCADE, related_name="logs"
    )
    connection = models.ForeignKey(OdooConnection, on_delete=models.CASCADE, related_name="logs")
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices)
    # Our object: "product", "service", "lead", "note", "revenue", "run" and its id.
    object_type = models.CharField(_("object"), max_length=20)
    object_id = models.PositiveBigIntegerField(null=True, blank=True)
    odoo_model = models.CharField(max_length=60, blank=True, default="")
    odoo_id = models.PositiveBigIntegerField(_("id in Odoo"), null=True, blank=True)
    operation = models.CharField(_("operation"), max_length=20)
    attempt = models.PositiveIntegerField(_("try"), default=1)
    outcome = models.CharField(_("outcome"), max_length=8, choices=LogOutcome.choices)
    error_class = models.CharField(_("error"), max_length=40, blank=True, default="")
    message = models.CharField(_("message"), max_length=500, blank=True, default="")
    # {field: [before, after]} of what changed; personal data only as "changed".
    changes = models.JSONField(default=dict, blank=True)
    milliseconds = models.PositiveIntegerField(_("duration"), null=True, blank=True)
    http_status = models.PositiveSmallIntegerField("HTTP", null=True, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("sync log line")
        verbose_name_plural = _("sync log")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "at"], name="odoo_log_by_object"),
            models.Index(fields=["at"], name="odoo_log_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.object_type} {self.object_id}: {self.outcome}"
