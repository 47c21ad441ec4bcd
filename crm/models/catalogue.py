"""Products and services: written here, or read from Odoo, which then is their master."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CatalogueItem(models.Model):
    """What products and services share. `connection` NULL = written here, without Odoo."""

    name = models.CharField(_("name"), max_length=300)
    description = models.TextField(_("description"), blank=True, default="")
    # NULL = no price is told ("on request").
    price = models.DecimalField(
        _("price"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    # NULL = not known.
    tax_included = models.BooleanField(_("tax included"), null=True, blank=True)
    url = models.URLField(
        _("address"),
        max_length=1000,
        blank=True,
        default="",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    image = models.ForeignKey(
        "socialhub.MediaAsset",
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_active = models.BooleanField(_("active"), default=True)

    connection = models.ForeignKey(
        "crm.OdooConnection",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="%(class)ss",
        editable=False,
    )
    odoo_id = models.PositiveBigIntegerField(_("id in Odoo"), null=True, blank=True, editable=False)
    odoo_write_date = models.DateTimeField(
        _("changed in Odoo"), null=True, blank=True, editable=False
    )
    content_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    synced_at = models.DateTimeField(_("read from Odoo"), null=True, blank=True, editable=False)
    # Archived or deleted in Odoo, or no longer for sale: kept here, not offered any more.
    is_available = models.BooleanField(_("available"), default=True, editable=False)
    unavailable_since = models.DateTimeField(null=True, blank=True, editable=False)
    # The write_date at which the image was last asked for.
    image_read_for = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # "product" or "service": the content type of a post about it, and its key in the API.
    kind: ClassVar[str]

    class Meta:
        abstract = True
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "odoo_id"],
                condition=Q(odoo_id__isnull=False),
                name="%(class)s_odoo_id_unique",
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0),
                name="%(class)s_price_not_negative",
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | ~Q(currency=""),
                name="%(class)s_price_has_currency",
                violation_error_message=_("A price needs its currency."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_offered(self) -> bool:
        """Active here and available in Odoo."""
        return self.is_active and self.is_available


class Product(CatalogueItem):
    """Something for sale."""

    kind = "product"
    posts = models.ManyToManyField("socialhub.Post", related_name="products", blank=True)

    class Meta(CatalogueItem.Meta):
        verbose_name = _("product")
        verbose_name_plural = _("products")


class Service(CatalogueItem):
    """Work for sale (in Odoo a product.template of type service)."""

    kind = "service"
    posts = models.ManyToManyField("socialhub.Post", related_name="services", blank=True)

    class Meta(CatalogueItem.Meta):
        verbose_name = _("service")
        verbose_name_plural = _("services")


class PriceFlag(models.Model):
    """A post that may show an old price: it was changed after the post was written."""

    post = models.ForeignKey("socialhub.Post", on_delete=models.CASCADE, related_name="price_flags")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.CASCADE)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE)
    old_price = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    old_currency = models.CharField(max_length=3, blank=True, default="")
    new_price = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    raised_at = models.DateTimeField(auto_now_add=True)
    # A person has looked; NULL = open.
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "auth.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("changed price")
        verbose_name_plural = _("changed prices")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, service__isnull=True)
                | Q(product__isnull=True, service__isnull=False),
                name="price_flag_of_one_item",
            ),
            # One open flag per post and item: a second change moves its new price.
            models.UniqueConstraint(
                fields=["post", "product"],
                condition=Q(settled_at__isnull=True, product__isnull=False),
                name="price_flag_one_open_product",
            ),
            models.UniqueConstraint(
                fields=["post", "service"],
                condition=Q(settled_at__isnull=True, service__isnull=False),
                name="price_flag_one_open_service",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.old_price} → {self.new_price}"

    @property
    def item(self) -> Product | Service | None:
        return self.product or self.service
