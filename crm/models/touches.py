"""What hangs on a lead: contacts with what we published, later words, conflicts."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.leads import Lead


class TouchKind(models.TextChoices):
    INTERACTION = "interaction", _("comment")
    VISIT = "visit", _("visit of a link")
    FORM = "form", _("form")
    API = "api", _("API")
    ADMIN = "admin", _("by hand")


class LeadTouch(models.Model):
    """One contact of a lead with what we published. A comment touches one lead only."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="touches")
    kind = models.CharField(_("kind"), max_length=12, choices=TouchKind.choices)
    at = models.DateTimeField(_("when"))
    interaction = models.OneToOneField(
        "socialhub.Interaction",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="lead_touch",
    )
    link = models.ForeignKey(
        "socialhub.TrackedLink",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="lead_touches",
    )
    account = models.ForeignKey(
        "socialhub.Account", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    post = models.ForeignKey(
        "socialhub.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    publication = models.ForeignKey(
        "socialhub.Publication",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="lead_touches",
    )
    campaign = models.ForeignKey(
        "socialhub.Campaign", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    variant_key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class NoteState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    # Sent, no usable answer: looked for in Odoo, never sent again blindly.
    UNKNOWN = "unknown", _("unknown")
    PARKED = "parked", _("parked")


class LeadNote(models.Model):
    """A later word of the same person, posted below the lead in Odoo at most once."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="notes")
    # Found again in Odoo by this, when no answer came.
    marker = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    interaction = models.OneToOneField(
        "socialhub.Interaction",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="lead_note",
    )
    text = models.TextField(_("text"))
    written_at = models.DateTimeField(_("written"))
    state = models.CharField(
        _("state"), max_length=8, choices=NoteState.choices, default=NoteState.WAITING
    )
    odoo_message_id = models.PositiveBigIntegerField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["written_at", "pk"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["waiting", "sending", "unknown"]),
                name="lead_note_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.state}"


class LeadConflict(models.Model):
    """A contact field changed on both sides: a person decides between two values."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="conflicts")
    field = models.CharField(max_length=40)
    ours = models.TextField(blank=True, default="")
    theirs = models.TextField(blank=True, default="")
    raised_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # "ours" or "theirs".
    choice = models.CharField(max_length=6, blank=True, default="")

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "field"],
                condition=Q(settled_at__isnull=True),
                name="lead_conflict_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.field}"
