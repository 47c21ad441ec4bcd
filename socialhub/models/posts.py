"""What marketers write: posts, campaigns, media."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from socialhub.models.accounts import granted_account_ids, owned_by

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class Campaign(models.Model):
    """A named effort that posts belong to."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    budget = models.DecimalField(
        _("budget"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    utm_campaign = models.SlugField(
        "utm_campaign",
        max_length=100,
        blank=True,
        default="",
        help_text=_("Added to tracked links, so that web statistics know the campaign."),
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(starts_on__isnull=True)
                | Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message=_("The last day must not be before the first day."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MediaQuerySet(models.QuerySet["MediaAsset"]):
    def visible_to(self, user: User | AnonymousUser) -> MediaQuerySet:
        """Own uploads, what visible posts show, pictures of products. No grants: everything."""
        from socialhub import registries

        granted = granted_account_ids(user)
        if granted is None:
            return self
        if user.pk is None:
            # Files that nobody uploaded are not a stranger's own.
            return self.none()
        posts = Post.objects.visible_to(user).values("pk")
        seen = Q(uploaded_by_id=user.pk)
        seen |= Q(pk__in=PostMedia.objects.filter(post__in=posts).values("media"))
        for ids in registries.shared_media(user):
            seen |= Q(pk__in=ids)
        return self.filter(seen)


class MediaAsset(models.Model):
    """An uploaded or rendered file. Its bytes never change; a new upload is a new row."""

    file = models.FileField(_("file"), upload_to="media/%Y/%m/", max_length=300)
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, editable=False, db_index=True)
    mime = models.CharField(max_length=100, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    alt_text = models.CharField(
        _("alt text"),
        max_length=1500,
        blank=True,
        default="",
        help_text=_("What the picture shows, for people who cannot see it."),
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = _("media file")
        verbose_name_plural = _("media")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]


class ContentType(models.TextChoices):
    TEXT = "text", _("text")
    IMAGE = "image", _("image")
    CAROUSEL = "carousel", _("carousel")
    LINK = "link", _("link")
    VIDEO = "video", _("video")
    PRODUCT = "product", _("product")
    SERVICE = "service", _("service")
    THREAD = "thread", _("thread")


class PostStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    CHANGES_REQUESTED = "changes_requested", _("changes requested")


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, user: User | AnonymousUser) -> PostQuerySet:
        """Posts with a publication on a granted account, and own drafts."""
        granted = granted_account_ids(user)
        if granted is None:
            return self
        from socialhub.models.publications import Publication

        posts = Publication.objects.filter(account_id__in=granted).values("post_id")
        return self.filter(owned_by(user, "author") | Q(pk__in=posts))

    def for_list(self) -> PostQuerySet:
        return self.select_related("author", "campaign").prefetch_related("publications__account")


class Post(models.Model):
    """What the marketer wrote. Where and when it goes out is in its publications."""

    text = models.TextField(_("text"), blank=True, default="")
    link = models.URLField(
        _("link"),
        max_length=2000,
        blank=True,
        default="",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    track_link = models.BooleanField(_("shorten and count clicks"), default=False)
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    content_type = models.CharField(
        _("type"), max_length=12, choices=ContentType.choices, default=ContentType.TEXT
    )
    media: models.ManyToManyField[MediaAsset, PostMedia] = models.ManyToManyField(
        MediaAsset, through="socialhub.PostMedia", related_name="posts", blank=True
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    is_evergreen = models.BooleanField(_("evergreen"), default=False)
    # Opaque; set by experiments, carried to links and leads.
    variant_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    # An answer to a comment is a post of its own, kept out of the list of posts.
    is_reply = models.BooleanField(default=False, editable=False)

    status = models.CharField(
        _("status"),
        max_length=20,
        choices=PostStatus.choices,
        default=PostStatus.DRAFT,
        editable=False,
    )
    # The time chosen for all publications, until each has its own.
    planned_at = models.DateTimeField(_("planned for"), null=True, blank=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
        editable=False,
    )
    content_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    approved_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    review_comment = models.TextField(blank=True, default="", editable=False)
    # Raised by every edit; a form that was opened before another edit is refused.
    version = models.PositiveIntegerField(default=1, editable=False)
    is_archived = models.BooleanField(default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PostQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["content_hash", "updated_at"])

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("submit_post", "Can submit posts for approval"),
            ("approve_post", "Can approve posts"),
            ("schedule_post", "Can schedule, cancel and retry publications"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=PostStatus.APPROVED)
                | (~Q(approved_hash="") & Q(approved_hash=models.F("content_hash"))),
                name="post_approved_means_this_content",
            ),
        ]
        indexes = [
            # Today and the reviewers' list: what waits for approval.
            models.Index(
                fields=["updated_at"], condition=Q(status="in_review"), name="post_in_review"
            ),
        ]

    def __str__(self) -> str:
        first = " ".join(self.text.split())[:60]
        return first or f"#{self.pk}"

    def text_for(self, override: str) -> str:
        """Text as it goes out, link included, before any link is shortened."""
        text = override or self.text
        if self.link and self.link not in text:
            return f"{text}\n\n{self.link}".strip()
        return text


class PostMedia(models.Model):
    """A media file at its place in a post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="post_media")
    media = models.ForeignKey(MediaAsset, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="post_media_position_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}/{self.position}"


class PostEditor(models.Model):
    """Who edited a post since it was last approved: they may not approve it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="editors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="post_editor_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} edited {self.post_id}"


def hash_content(parts: dict[str, Any]) -> str:
    """SHA-256 of everything a reader of the post would see, as canonical JSON."""
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
