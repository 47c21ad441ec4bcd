"""What was seen of a running test."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experiments.models.ab_tests import ABTest
from experiments.models.variants import ABTestVariant


class ABTestLook(models.Model):
    """One evaluation: the counts then, and what they showed. Append-only.

    `counts`: [engagements, impressions or null] per variant, in order of position. `pairs`: one
    object per pair of variants (a, b, difference and its bounds, p). `log10_p` is the largest
    Holm-adjusted p of the leader, always valid: it decides when it falls to the line
    (`log10_bound`). Both NULL where nothing can be compared yet.
    """

    test = models.ForeignKey(ABTest, on_delete=models.CASCADE, related_name="looks")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(_("at"))
    synced_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField()
    blocks_done = models.PositiveSmallIntegerField(default=0)
    phi = models.FloatField(_("dispersion"), null=True, blank=True)
    log10_p = models.FloatField(null=True, blank=True)
    log10_bound = models.FloatField(null=True, blank=True)
    log10_mismatch = models.FloatField(null=True, blank=True)
    conditional_power = models.FloatField(null=True, blank=True)
    pairs = models.JSONField(default=list, blank=True)
    leader = models.ForeignKey(
        ABTestVariant, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # As experiments.statistics.outcome.State and Reason.
    state = models.CharField(_("state"), max_length=32)
    reason = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        ordering = ["test_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["test", "number"], name="ab_look_number_unique"),
            models.UniqueConstraint(fields=["test", "at"], name="ab_look_time_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.test_id}#{self.number}"


class ABTestExposure(models.Model):
    """A visitor of our own page, the variant shown to them, and whether they clicked.

    The visitor is random, from a first-party cookie; it says nothing about the person.
    """

    test = models.ForeignKey(ABTest, on_delete=models.CASCADE, related_name="exposures")
    variant = models.ForeignKey(ABTestVariant, on_delete=models.CASCADE, related_name="exposures")
    visitor = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField()
    clicked_at = models.DateTimeField(null=True, blank=True)
    is_bot = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["test", "visitor"],
                condition=Q(is_bot=False),
                name="ab_exposure_once_per_visitor",
            ),
        ]
        indexes = [models.Index(fields=["test", "variant"], name="ab_exposure_by_variant")]

    def __str__(self) -> str:
        return f"{self.test_id} {self.variant_id}"
