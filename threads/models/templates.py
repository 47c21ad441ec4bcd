"""Image templates, their versions, and the pictures made with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from socialhub.models import MediaAsset
from socialhub.models.accounts import granted_account_ids

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

LEAST_PIXELS, MOST_PIXELS = 50, 2160


class RendererName(models.TextChoices):
    TAKUMI = "takumi", _("built in")
    CHROMIUM = "chromium", "Chromium"


class ImageTemplateQuerySet(models.QuerySet["ImageTemplate"]):
    def in_use(self) -> ImageTemplateQuerySet:
        return self.filter(is_archived=False)


class ImageTemplate(models.Model):
    """A picture as HTML and CSS with fields to fill in. What it says now is its newest version.

    `fields` is a list of {"name", "label", "type", "required", "default", "max_length",
    "source"}; types: text, lines (a list), number, price, date, colour, image. `source` names
    what fills it by itself ("product.title"), "" for typed.
    `sizes` is a list of {"name", "width", "height"}; the first is `width` × `height`.
    """

    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    html = models.TextField("HTML")
    css = models.TextField("CSS", blank=True, default="")
    width = models.PositiveIntegerField(
        _("width"),
        default=1080,
        validators=[MinValueValidator(LEAST_PIXELS), MaxValueValidator(MOST_PIXELS)],
    )
    height = models.PositiveIntegerField(
        _("height"),
        default=1080,
        validators=[MinValueValidator(LEAST_PIXELS), MaxValueValidator(MOST_PIXELS)],
    )
    sizes = models.JSONField(_("sizes"), default=list, blank=True)
    fields = models.JSONField(_("fields"), default=list, blank=True)
    # What alt texts begin as: "{{ title }}, {{ price }}".
    alt_text = models.CharField(_("alt text"), max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1, editable=False)
    # Name of the starter design it was copied from.
    design = models.CharField(max_length=60, blank=True, default="", editable=False)
    # Its picture in the gallery; made by a job after each change.
    sample = models.ForeignKey(
        MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="image_templates",
        editable=False,
    )
    is_archived = models.BooleanField(default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ImageTemplateQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["html", "css", "fields", "sizes", "updated_at"])

    class Meta:
        verbose_name = _("image template")
        verbose_name_plural = _("image templates")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    width__gte=LEAST_PIXELS,
                    width__lte=MOST_PIXELS,
                    height__gte=LEAST_PIXELS,
                    height__lte=MOST_PIXELS,
                ),
                name="image_template_size",
                violation_error_message=_("Width and height are from 50 to 2160 pixels."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImageTemplateVersion(models.Model):
    """A template as it stood: pictures name the version they were made with. Never changed."""

    template = models.ForeignKey(ImageTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    html = models.TextField()
    css = models.TextField(blank=True, default="")
    fields = models.JSONField(default=list)
    sizes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of a template")
        verbose_name_plural = _("versions of a template")
        ordering = ["template_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}@{self.number}"


class RenderedImageQuerySet(models.QuerySet["RenderedImage"]):
    def visible_to(self, user: User | AnonymousUser) -> RenderedImageQuerySet:
        """Pictures whose media file this person may see."""
        if granted_account_ids(user) is None:
            return self
        return self.filter(media__in=MediaAsset.objects.visible_to(user).values("pk"))


class RenderedImage(models.Model):
    """One picture made: by which version, renderer and data. The same again is the same row."""

    version = models.ForeignKey(
        ImageTemplateVersion, on_delete=models.PROTECT, related_name="images"
    )
    renderer = models.CharField(_("renderer"), max_length=10, choices=RendererName.choices)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    # SHA-256 of everything the picture depends on: data, brand, bytes of its images, renderer.
    input_hash = models.CharField(max_length=64)
    # Of the PNG.
    sha256 = models.CharField(max_length=64)
    media = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="rendered")
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RenderedImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("rendered image")
        verbose_name_plural = _("rendered images")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["input_hash"], name="rendered_image_input")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.sha256[:12]}"
