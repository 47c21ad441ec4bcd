"""Posts from a file: each row checked first, then each made into a post exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models.accounts import owned_by

if TYPE_CHECKING:
    from typing import Any


class ImportState(models.TextChoices):
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked")
    IMPORTING = "importing", _("being imported")
    IMPORTED = "imported", _("imported")
    # The file itself cannot be read; `problem` says why.
    REFUSED = "refused", _("not readable")


class PostImportQuerySet(models.QuerySet["PostImport"]):
    def visible_to(self, user: Any) -> PostImportQuerySet:
        """One's own; superusers see all."""
        return self if user.is_superuser else self.filter(owned_by(user, "user"))


class PostImport(models.Model):
    """One file of posts that somebody handed in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="post_imports"
    )
    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(upload_to="imports/")
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState.choices, default=ImportState.CHECKING
    )
    # How the file was read: {"encoding", "delimiter", "date_order", "columns", "sheet"}.
    read_as = models.JSONField(default=dict, blank=True)
    # {"code", "params"} when the file as a whole cannot be read.
    problem = models.JSONField(default=dict, blank=True)
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PostImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of posts")
        verbose_name_plural = _("imports of posts")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class PostImportRow(models.Model):
    """One row of the file, what is wrong with it, and the post it became."""

    batch = models.ForeignKey(PostImport, on_delete=models.CASCADE, related_name="rows")
    # As a spreadsheet counts: the row of titles is 1.
    number = models.PositiveIntegerField()
    # What the row says, read and typed: {"text", "accounts", "due_at", …}.
    values = models.JSONField(default=dict)
    # [{"column", "code", "params"}], "" as column for the row as a whole.
    problems = models.JSONField(default=list)
    problem_count = models.PositiveSmallIntegerField(default=0)
    # Set in the transaction that makes the post: a repeated import makes no second one.
    post = models.ForeignKey(
        "socialhub.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    imported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="import_row_unique"),
            models.CheckConstraint(
                condition=Q(problem_count=0) | Q(imported_at__isnull=True),
                name="import_row_with_problems_not_imported",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.batch_id}"
