"""What is compared: variants, and the posts that show them."""

from __future__ import annotations

from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experiments.models.ab_tests import ABTest
from socialhub.models import Account, MediaAsset, Post, Publication


class ABTestVariant(models.Model):
    """One of 2 to 10 texts (pictures, addresses). Position 0 is the control.

    `key` is what its posts, link destinations and leads carry (`variant_key`).
    """

    test = models.ForeignKey(ABTest, on_delete=models.CASCADE, related_name="variants")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=40)
    text = models.TextField(_("text"), blank=True, default="")
    link = models.URLField(
        _("link"),
        max_length=2000,
        blank=True,
        default="",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    track_link = models.BooleanField(_("shorten and count clicks"), default=False)
    media: models.ManyToManyField[MediaAsset, ABTestVariantMedia] = models.ManyToManyField(
        MediaAsset, through="experiments.ABTestVariantMedia", related_name="+", blank=True
    )
    weight = models.PositiveSmallIntegerField(
        _("share"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("Split tests: 2 gets twice as many visitors as 1."),
    )
    key = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["test_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["test", "position"], name="ab_variant_position_unique"),
            models.UniqueConstraint(fields=["test", "name"], name="ab_variant_name_unique"),
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="ab_variant_key_unique"
            ),
            models.CheckConstraint(condition=Q(weight__gte=1), name="ab_variant_weight"),
            models.CheckConstraint(condition=Q(position__lte=9), name="ab_variant_at_most_ten"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_control(self) -> bool:
        return self.position == 0


class ABTestVariantMedia(models.Model):
    """A media file at its place in a variant."""

    variant = models.ForeignKey(
        ABTestVariant, on_delete=models.CASCADE, related_name="variant_media"
    )
    media = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "position"], name="ab_variant_media_position_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}/{self.position}"


class ABTestPublication(models.Model):
    """A publication that belongs to a test: one showing of one variant.

    `block` is the matched slot of a paired test (0, 1, …), 0 for single posts; `order` is its
    place in the block, drawn at random. The counters are those at a fixed age, so that all
    showings had the same time; NULL until then, impressions NULL where they are not reported.
    """

    test = models.ForeignKey(ABTest, on_delete=models.CASCADE, related_name="publications")
    variant = models.ForeignKey(
        ABTestVariant, on_delete=models.PROTECT, related_name="publications"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    block = models.PositiveSmallIntegerField(_("block"), default=0)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    due_at = models.DateTimeField(_("due"))
    post = models.OneToOneField(
        Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="ab_test_part"
    )
    publication = models.OneToOneField(
        Publication, null=True, blank=True, on_delete=models.SET_NULL, related_name="ab_test_part"
    )
    # content_hash of the post when the test started: another one later means it was edited.
    content_hash = models.CharField(max_length=64, blank=True, default="")
    engagements = models.BigIntegerField(null=True, blank=True)
    impressions = models.BigIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("publication of a test")
        verbose_name_plural = _("publications of a test")
        ordering = ["test_id", "block", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["test", "block", "account", "variant"],
                name="ab_publication_once_per_block",
            ),
            models.UniqueConstraint(
                fields=["test", "block", "account", "order"],
                name="ab_publication_order_unique",
            ),
            models.CheckConstraint(
                condition=Q(engagements__isnull=True) | Q(engagements__gte=0),
                name="ab_publication_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.test_id}/{self.block}/{self.order}"
