"""What leads brought in, as Odoo counts it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.leads import Lead


class OrderKind(models.TextChoices):
    QUOTATION = "quotation", _("quotation")
    ORDER = "order", _("order")
    INVOICE = "invoice", _("invoice")
    REFUND = "refund", _("refund")


class LeadOrder(models.Model):
    """A quotation, order, invoice or refund of a lead in Odoo; amounts without tax."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="orders")
    # sale.order or account.move
    model = models.CharField(max_length=20)
    odoo_id = models.PositiveBigIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=OrderKind.choices)
    number = models.CharField(_("number"), max_length=80, blank=True, default="")
    # In the company's currency; a refund is negative.
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    happened_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["happened_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["lead", "model", "odoo_id"], name="lead_order_unique"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.model} {self.odoo_id}"


class LeadRevenue(models.Model):
    """Sums of one lead in the company's currency, without tax. NULL = Odoo does not tell.

    `won`: orders in state sale or done; `quoted`: quotations not yet decided; `invoiced`: posted
    invoices less refunds. Without Odoo's sale app `won` is the expected revenue of a won lead
    and `is_estimate` says so.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="revenue")
    quoted = models.DecimalField(
        _("quoted"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    won = models.DecimalField(_("won"), max_digits=16, decimal_places=2, null=True, blank=True)
    invoiced = models.DecimalField(
        _("invoiced"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    is_estimate = models.BooleanField(_("estimate"), default=False)
    read_at = models.DateTimeField(_("read from Odoo"))

    class Meta:
        verbose_name = _("revenue of a lead")
        verbose_name_plural = _("revenue of leads")
        constraints = [
            models.CheckConstraint(condition=~Q(currency=""), name="lead_revenue_has_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.won} {self.currency}"
