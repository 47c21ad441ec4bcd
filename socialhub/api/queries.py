"""Querysets of the API's lists: everything a page shows, in a fixed number of queries."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from socialhub import policies
from socialhub.models import (
    JobRun,
    MediaAsset,
    PayloadGeneration,
    Post,
    PostMedia,
    Publication,
    PublicationAttempt,
    TrackedLink,
)
from socialhub.models.accounts import granted_account_ids


def publications(user: Any) -> QuerySet[Publication]:
    """With account, parent, the number of attempts and the latest frozen text."""
    attempts = (
        PublicationAttempt.objects.filter(publication=OuterRef("pk"))
        .order_by()
        .values("publication")
        .annotate(n=Count("pk"))
        .values("n")
    )
    latest = PayloadGeneration.objects.filter(publication=OuterRef("pk")).order_by("-number")
    return (
        Publication.objects.visible_to(user)
        .select_related("post", "account", "parent")
        .annotate(
            attempt_count=Coalesce(Subquery(attempts, IntegerField()), Value(0)),
            latest_generation=Subquery(latest.values("number")[:1]),
            sent_text=Subquery(latest.values("text")[:1]),
        )
    )


def posts(user: Any) -> QuerySet[Post]:
    """With their media in order and the publications this user may see."""
    return (
        Post.objects.visible_to(user)
        .select_related("author", "approved_by")
        .prefetch_related(
            Prefetch("post_media", PostMedia.objects.order_by("position")),
            Prefetch("publications", publications(user).order_by("pk")),
        )
    )


def links(user: Any) -> QuerySet[TrackedLink]:
    """Links of posts and publications this user may see, and those that belong to none."""
    rows = TrackedLink.objects.prefetch_related("destinations")
    if granted_account_ids(user) is None:
        return rows
    return rows.filter(
        Q(post__isnull=True) | Q(post__in=Post.objects.visible_to(user).values("pk")),
        Q(publication__isnull=True)
        | Q(publication__in=Publication.objects.visible_to(user).values("pk")),
    )


def jobs(user: Any) -> QuerySet[JobRun]:
    """Own jobs; everybody's for those who may look at the system."""
    if user.is_authenticated and policies.can(user, "view_system"):
        return JobRun.objects.all()
    return JobRun.objects.filter(owner_id=user.pk)


def media_in_review(asset: MediaAsset) -> bool:
    """Is it part of content that somebody is judging or has approved?"""
    return PostMedia.objects.filter(
        Q(post__status="in_review") | Q(post__status="approved"), media=asset
    ).exists()
