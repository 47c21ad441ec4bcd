"""Leads: who may buy, where they came from, and what became of them in Odoo."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models.accounts import granted_account_ids, owned_by

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class LeadSource(models.TextChoices):
    INTERACTION = "interaction", _("interaction")
    LINK = "link", _("tracked link")
    FORM = "form", _("form")
    API = "api", _("API")
    ADMIN = "admin", _("by hand")


class LeadState(models.TextChoices):
    # Captured; a person (or the setting "send by itself") puts it on the queue.
    NEW = "new", _("new")
    QUEUED = "queued", _("waiting for Odoo")
    # In Odoo: its id is known.
    EXPORTED = "exported", _("sent to Odoo")
    # Read back from Odoo: stage and salesperson are theirs.
    LINKED = "linked", _("linked with Odoo")
    # Needs a person; `park_code` and `park_reason` say why.
    PARKED = "parked", _("parked")


class Outcome(models.TextChoices):
    OPEN = "open", _("open")
    WON = "won", _("won")
    LOST = "lost", _("lost")


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, user: User | AnonymousUser) -> LeadQuerySet:
        """No account grants: every lead. Else those of granted accounts and own ones."""
        granted = granted_account_ids(user)
        if granted is None:
            return self
        return self.filter(Q(account_id__in=granted) | owned_by(user, "created_by"))

    def for_list(self) -> LeadQuerySet:
        return self.select_related(
            "account", "publication__account", "post", "campaign", "stage", "revenue", "connection"
        )


class Lead(models.Model):
    """Somebody who may buy. After it was sent, Odoo owns stage, salesperson and revenue."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The line a salesperson reads first.
    name = models.CharField(_("title"), max_length=300)
    contact_name = models.CharField(_("contact"), max_length=300, blank=True, default="")
    email = models.EmailField(_("e-mail"), max_length=254, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=60, blank=True, default="")
    company = models.CharField(_("company"), max_length=300, blank=True, default="")
    message = models.TextField(_("message"), blank=True, default="")
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    # What duplicates are found by: the e-mail in lower case, the phone's digits, the person on
    # the network ("bluesky:did:plc:…"); "" = unknown.
    email_key = models.CharField(max_length=254, blank=True, default="", editable=False)
    phone_key = models.CharField(max_length=30, blank=True, default="", editable=False)
    person_key = models.CharField(max_length=400, blank=True, default="", editable=False)

    # Where it came from first.
    source = models.CharField(_("source"), max_length=12, choices=LeadSource.choices)
    account = models.ForeignKey(
        "socialhub.Account",
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="leads",
    )
    post = models.ForeignKey(
        "socialhub.Post",
        verbose_name=_("post"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="leads",
    )
    publication = models.ForeignKey(
        "socialhub.Publication",
        verbose_name=_("publication"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="leads",
    )
    campaign = models.ForeignKey(
        "socialhub.Campaign",
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="leads",
    )
    variant_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    product = models.ForeignKey(
        "crm.Product", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    service = models.ForeignKey(
        "crm.Service", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    # Attribution, see docs/attribution.md: maintained with every touch until won or lost.
    first_touch = models.ForeignKey(
        "crm.LeadTouch", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_touch = models.ForeignKey(
        "crm.LeadTouch", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(_("since"), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    # The words agreed to, as they stood on the form, and when.
    consent_text = models.TextField(_("consent"), blank=True, default="", editable=False)
    consent_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Personal data was removed.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    # -- the way to Odoo ------------------------------------------------------------
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=LeadState.choices,
        default=LeadState.NEW,
        editable=False,
    )
    park_code = models.CharField(max_length=40, blank=True, default="", editable=False)
    park_reason = models.CharField(max_length=500, blank=True, default="", editable=False)
    connection = models.ForeignKey(
        "crm.OdooConnection",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="leads",
        editable=False,
    )
    odoo_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    # A worker's hold: only one sends it.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    queued_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_try_at = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)
    # A request that could have created it left us: from then on look first.
    was_sent = models.BooleanField(default=False, editable=False)
    exported_at = models.DateTimeField(null=True, blank=True, editable=False)

    # -- as Odoo has it -----------------------------------------------------------------
    stage = models.ForeignKey(
        "crm.OdooStage", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    stage_name = models.CharField(
        _("stage"), max_length=200, blank=True, default="", editable=False
    )
    probability = models.FloatField(_("probability"), null=True, blank=True, editable=False)
    expected_revenue = models.DecimalField(
        _("expected revenue"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    currency = models.CharField(max_length=3, blank=True, default="", editable=False)
    outcome = models.CharField(
        _("outcome"),
        max_length=5,
        choices=Outcome.choices,
        default=Outcome.OPEN,
        editable=False,
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    lost_reason = models.CharField(max_length=200, blank=True, default="", editable=False)
    salesperson = models.CharField(
        _("salesperson"), max_length=200, blank=True, default="", editable=False
    )
    odoo_type = models.CharField(max_length=12, blank=True, default="", editable=False)
    # When it was first seen as an opportunity.
    opportunity_at = models.DateTimeField(null=True, blank=True, editable=False)
    odoo_write_date = models.DateTimeField(null=True, blank=True, editable=False)
    # The contact fields as both sides last agreed on them.
    agreed = models.JSONField(default=dict, blank=True, editable=False)
    pulled_at = models.DateTimeField(_("read from Odoo"), null=True, blank=True, editable=False)
    # Odoo does not show it any more: deleted, merged, or out of the bot's sight. Never sent again.
    gone_since = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("capture_lead", "Can make leads of comments"),
            ("export_lead", "Can send leads to Odoo"),
            ("erase_lead", "Can erase a person's data"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "odoo_id"],
                condition=Q(odoo_id__isnull=False),
                name="lead_odoo_id_unique",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[LeadState.EXPORTED, LeadState.LINKED], odoo_id__isnull=False)
                | Q(state__in=[LeadState.NEW, LeadState.QUEUED], odoo_id__isnull=True)
                | Q(state=LeadState.PARKED),
                name="lead_state_matches_odoo_id",
            ),
            models.CheckConstraint(
                condition=~Q(state=LeadState.PARKED) | ~Q(park_code=""),
                name="lead_parked_says_why",
            ),
            models.CheckConstraint(
                condition=Q(expected_revenue__isnull=True) | ~Q(currency=""),
                name="lead_expected_revenue_has_currency",
            ),
        ]
        indexes = [
            # export_leads: what waits.
            models.Index(
                fields=["next_try_at"], condition=Q(state="queued"), name="lead_waiting_for_odoo"
            ),
            models.Index(fields=["created_at"], name="lead_by_time"),
            models.Index(fields=["email_key"], condition=~Q(email_key=""), name="lead_by_email"),
            models.Index(fields=["phone_key"], condition=~Q(phone_key=""), name="lead_by_phone"),
            models.Index(fields=["person_key"], condition=~Q(person_key=""), name="lead_by_person"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def external_name(self) -> str:
        """Its name in Odoo's `ir.model.data`, module `socialhub`."""
        return f"lead_{self.uuid}"
