"""Short links and their visits."""

from __future__ import annotations

import uuid

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TrackedLink(models.Model):
    """A short link `/l/{slug}`; visits are counted, people are not tracked."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    post = models.ForeignKey(
        "socialhub.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="links"
    )
    publication = models.ForeignKey(
        "socialhub.Publication",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="links",
    )
    campaign = models.ForeignKey(
        "socialhub.Campaign",
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="links",
    )
    utm_source = models.CharField(max_length=100, blank=True, default="")
    utm_medium = models.CharField(max_length=100, blank=True, default="")
    utm_campaign = models.CharField(max_length=100, blank=True, default="")
    utm_content = models.CharField(max_length=100, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tracked link")
        verbose_name_plural = _("tracked links")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(publication__isnull=False),
                name="tracked_link_one_per_publication",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class LinkDestination(models.Model):
    """Where a link leads; several share the visits by weight. `key` is opaque (a variant)."""

    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="destinations")
    key = models.CharField(max_length=64, default="default")
    url = models.URLField(
        _("address"), max_length=2000, validators=[URLValidator(schemes=["http", "https"])]
    )
    weight = models.PositiveIntegerField(_("weight"), default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["link", "key"], name="link_destination_key_unique"),
        ]

    def __str__(self) -> str:
        return self.url


class LinkVisit(models.Model):
    """One visit. Crawlers are marked, not counted; rows are aggregated after 90 days."""

    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField()
    # Random, from a first-party cookie; says nothing about the person.
    visitor = models.UUIDField(default=uuid.uuid4)
    destination_key = models.CharField(max_length=64)
    is_bot = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["link", "at"], name="link_visit_by_link")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.at:%Y-%m-%d}"


class LinkVisitDay(models.Model):
    """Visits of one UTC day, kept after the single rows are gone."""

    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="visit_days")
    day = models.DateField()
    destination_key = models.CharField(max_length=64)
    visits = models.PositiveIntegerField(default=0)
    visitors = models.PositiveIntegerField(default=0)
    bots = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "day", "destination_key"], name="link_visit_day_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.day}"
