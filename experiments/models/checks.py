"""What the daily job found out about the link and the media of posts that may be repeated."""

from __future__ import annotations

from django.db import models

from socialhub.models import Post


class LinkState(models.TextChoices):
    UNKNOWN = "unknown", "unknown"
    ALIVE = "alive", "alive"
    DEAD = "dead", "dead"


class PostCheck(models.Model):
    """The last look at what a post leads to and shows; a web request asks nobody."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="recycling_check")
    link = models.CharField(max_length=8, choices=LinkState.choices, default=LinkState.UNKNOWN)
    # The address that did not answer, and what it said.
    link_detail = models.CharField(max_length=300, blank=True, default="")
    # Looks in a row without an answer; each at least a day after the one before.
    failures = models.PositiveSmallIntegerField(default=0)
    media_missing = models.BooleanField(default=False)
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = "check of a post"
        verbose_name_plural = "checks of posts"

    def __str__(self) -> str:
        return f"check of post {self.post_id}"
