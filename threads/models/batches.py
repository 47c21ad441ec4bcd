"""Bulk: one template, many rows, a picture and a draft from each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models import Account, Campaign, JobRun, Post
from socialhub.models.accounts import owned_by
from threads.models.templates import ImageTemplateVersion, RenderedImage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

MOST_ROWS = 500


class BatchState(models.TextChoices):
    # Rows are there and may have errors; nothing was made yet.
    CHECKED = "checked", _("checked")
    RUNNING = "running", _("running")
    DONE = "done", _("done")


class RowState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ImageBatchQuerySet(models.QuerySet["ImageBatch"]):
    def visible_to(self, user: User | AnonymousUser) -> ImageBatchQuerySet:
        """Own batches; administrators see all."""
        return self if user.is_superuser else self.filter(owned_by(user, "owner"))


class ImageBatch(models.Model):
    """A run of one template over a CSV file or a list of products."""

    version = models.ForeignKey(
        ImageTemplateVersion, on_delete=models.PROTECT, related_name="batches"
    )
    # Name of one of the version's sizes.
    size = models.CharField(max_length=40)
    source = models.CharField(_("source"), max_length=20)
    # Template for the alt text and for the text of each draft; "" makes no drafts.
    alt_text = models.CharField(_("alt text"), max_length=500)
    post_text = models.TextField(_("text of the drafts"), blank=True, default="")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accounts: models.ManyToManyField[Account, models.Model] = models.ManyToManyField(
        Account, related_name="+", blank=True
    )
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState.choices, default=BatchState.CHECKED
    )
    job = models.ForeignKey(
        JobRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImageBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk run")
        verbose_name_plural = _("bulk runs")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.created_at:%Y-%m-%d %H:%M}"


class ImageBatchRow(models.Model):
    """One row. A failed row says why and can be tried again; a done one is never made twice."""

    batch = models.ForeignKey(ImageBatch, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=RowState.choices, default=RowState.WAITING)
    # Sentences by field name, "" for the row.
    errors = models.JSONField(default=dict, blank=True)
    image = models.ForeignKey(
        RenderedImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    post = models.OneToOneField(
        Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["batch_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_row_position"),
            models.CheckConstraint(
                condition=~Q(state=RowState.FAILED) | ~Q(errors={}), name="batch_row_failed_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"
