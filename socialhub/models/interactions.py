"""What other people wrote to us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models.accounts import Account, granted_account_ids

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class InteractionKind(models.TextChoices):
    COMMENT = "comment", _("comment")
    MENTION = "mention", _("mention")
    QUOTE = "quote", _("quote")


class InteractionQuerySet(models.QuerySet["Interaction"]):
    def visible_to(self, user: User | AnonymousUser) -> InteractionQuerySet:
        granted = granted_account_ids(user)
        return self if granted is None else self.filter(account_id__in=granted)

    def waiting(self) -> InteractionQuerySet:
        """Neither answered nor archived."""
        return self.filter(answered_at__isnull=True, archived_at__isnull=True)

    def for_list(self) -> InteractionQuerySet:
        return self.select_related("account", "publication__post", "assignee")


class Interaction(models.Model):
    """One comment, reply, mention or quote by someone else."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="interactions"
    )
    # Our publication it belongs to; NULL for a mention out of the blue.
    publication = models.ForeignKey(
        "socialhub.Publication",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="interactions",
    )
    remote_id = models.CharField(max_length=500)
    kind = models.CharField(_("kind"), max_length=10, choices=InteractionKind.choices)
    author_handle = models.CharField(_("author"), max_length=300)
    author_name = models.CharField(max_length=300, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    permalink = models.URLField(max_length=1000, blank=True, default="")
    parent_remote_id = models.CharField(max_length=500, blank=True, default="")
    root_remote_id = models.CharField(max_length=500, blank=True, default="")
    # What an answer needs (cid, acct, visibility).
    remote_data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("written"))
    collected_at = models.DateTimeField(auto_now_add=True)

    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assigned_interactions",
    )
    # "Ana is answering": a lock of a minute or two, renewed while she types.
    answering_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    answering_until = models.DateTimeField(null=True, blank=True)

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("inbox")
        ordering = ["-created_at", "-pk"]
        permissions = [("answer_interaction", "Can answer, assign and archive interactions")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "remote_id"], name="interaction_remote_id_unique"
            ),
        ]
        indexes = [
            # Apps above: what came in lately.
            models.Index(fields=["collected_at"], name="interaction_by_arrival"),
            # Inbox and Today: what waits for an answer.
            models.Index(
                fields=["created_at"],
                condition=Q(answered_at__isnull=True, archived_at__isnull=True),
                name="interaction_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_handle}: {' '.join(self.text.split())[:60]}"
