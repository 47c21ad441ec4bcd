"""How leads come in by themselves: settings and embeddable forms."""

from __future__ import annotations

import secrets

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Attribution(models.TextChoices):
    FIRST = "first", _("first touch")
    LAST = "last", _("last touch")


class CrmSettings(models.Model):
    """How this organisation handles leads. One row."""

    send_by_itself = models.BooleanField(
        _("send new leads to Odoo by itself"),
        default=True,
        help_text=_("Off: somebody chooses which leads go to Odoo."),
    )
    attribution = models.CharField(
        _("revenue belongs to the"),
        max_length=5,
        choices=Attribution.choices,
        default=Attribution.LAST,
    )
    # How the conversion rows were last booked; another choice books them anew.
    booked_as = models.CharField(
        max_length=5, choices=Attribution.choices, default=Attribution.LAST, editable=False
    )
    retention_months = models.PositiveSmallIntegerField(
        _("erase personal data after (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Counted from the end of a lead, or from its last touch. Empty: keep."),
    )
    consent_text = models.TextField(
        _("consent text"),
        blank=True,
        default="",
        help_text=_("Shown beside the tick box of new forms and kept with each lead."),
    )

    class Meta:
        verbose_name = _("lead settings")
        verbose_name_plural = _("lead settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="crm_settings_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def get(cls) -> CrmSettings:
        """The row; made with defaults on the first call."""
        return cls.objects.get_or_create(pk=1)[0]


def new_key() -> str:
    """Public name of a form; unguessable, so that forms are not found by counting."""
    return secrets.token_urlsafe(12)


class LeadForm(models.Model):
    """A form for somebody else's website. It takes answers from the listed sites only."""

    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    name = models.CharField(_("name"), max_length=120)
    heading = models.CharField(_("heading"), max_length=200, blank=True, default="")
    button = models.CharField(_("button"), max_length=60, blank=True, default="")
    thanks = models.CharField(_("thank-you line"), max_length=300, blank=True, default="")
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    # Origins ("https://shop.example"), one per line in the form.
    sites = models.JSONField(_("sites that may embed it"), default=list, blank=True)
    asks_phone = models.BooleanField(_("ask for a phone number"), default=False)
    asks_company = models.BooleanField(_("ask for the company"), default=False)
    consent_text = models.TextField(_("consent text"), blank=True, default="")
    campaign = models.ForeignKey(
        "socialhub.Campaign",
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="lead_forms",
    )
    product = models.ForeignKey(
        "crm.Product", null=True, blank=True, on_delete=models.SET_NULL, related_name="forms"
    )
    service = models.ForeignKey(
        "crm.Service", null=True, blank=True, on_delete=models.SET_NULL, related_name="forms"
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("lead form")
        verbose_name_plural = _("lead forms")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
