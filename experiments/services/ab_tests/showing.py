"""The posts of a test, made when it starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from experiments.models import ABTest, ABTestPublication, ABTestVariant
from experiments.services.ab_tests.scheduling import Showing
from socialhub.models import ContentType, MediaAsset, Post, PostStatus
from socialhub.services import history, posts
from socialhub.services.posts import planning


def make_all(test: ABTest, showings: Sequence[Showing], user: Any) -> None:
    """Schedule every showing. The caller holds the transaction: all of them or none."""
    media = {one.variant.pk: media_of(one.variant) for one in showings}
    for one in showings:
        post = make_post(test, one, media[one.variant.pk])
        publication = post.publications.get()
        planning.put_on_queue(publication, one.due_at, user)
        ABTestPublication.objects.create(
            test=test,
            variant=one.variant,
            account=one.account,
            block=one.block,
            order=one.order,
            due_at=one.due_at,
            post=post,
            publication=publication,
            content_hash=post.content_hash,
        )


def make_post(test: ABTest, one: Showing, media: Sequence[MediaAsset]) -> Post:
    """A post that is approved as it stands: whoever approved the test approved these words."""
    post = posts.create(
        None,
        media=media,
        accounts=[one.account],
        due_at=one.due_at,
        text=one.variant.text,
        link=one.variant.link,
        track_link=one.variant.track_link,
        language=test.language,
        campaign=test.campaign,
        content_type=type_of(len(media), one.variant.link),
    )
    post.author, post.variant_key, post.is_demo = test.author, one.variant.key, test.is_demo
    post.status, post.approved_hash = PostStatus.APPROVED, post.content_hash
    post.approved_by, post.approved_at = test.approved_by, test.approved_at or timezone.now()
    history.sign(post, test.approved_by, "approved with its test")
    post.save()
    return post


def media_of(variant: ABTestVariant) -> list[MediaAsset]:
    items = variant.variant_media.select_related("media").order_by("position")
    return [item.media for item in items]


def type_of(images: int, link: str) -> str:
    """The same as for any post."""
    if images > 1:
        return ContentType.CAROUSEL
    if images == 1:
        return ContentType.IMAGE
    return ContentType.LINK if link else ContentType.TEXT
