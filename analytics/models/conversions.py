"""What posts brought in. Written by the phases that know of leads and orders."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models import Campaign, Publication


class ConversionKind(models.TextChoices):
    LEAD = "lead", _("lead")
    OPPORTUNITY = "opportunity", _("opportunity")
    ORDER = "order", _("order")
    INVOICE = "invoice", _("invoice")


class Conversion(models.Model):
    """One lead, opportunity, order or invoice, and the publication it is owed to.

    `key` is the writer's own: writing the same key again changes the row, never adds one.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ConversionKind.choices)
    happened_at = models.DateTimeField(_("happened"))
    publication = models.ForeignKey(
        Publication,
        verbose_name=_("publication"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversions",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversions",
    )
    variant_key = models.CharField(_("variant"), max_length=64, blank=True, default="")
    # NULL = no amount is known; a lead has none.
    amount = models.DecimalField(
        _("amount"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        ordering = ["-happened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | ~Q(currency=""),
                name="conversion_amount_has_currency",
            ),
        ]
        indexes = [models.Index(fields=["happened_at"], name="conversion_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
