"""Rows of posts that are out already, as people and workers would have left them at the time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from socialhub.models import (
    Account,
    Campaign,
    ContentType,
    MediaAsset,
    Outcome,
    PayloadGeneration,
    Post,
    PostMedia,
    PostStatus,
    Publication,
    PublicationAttempt,
    PublicationEvent,
    PublicationStatus,
)
from socialhub.seeds import past
from socialhub.seeds.past import PastPost
from socialhub.seeds.texts import Text
from socialhub.services import drafts

WRITTEN_BEFORE, APPROVED_BEFORE = timedelta(days=1), timedelta(hours=3)
APPROVAL = ("status", "content_hash", "approved_hash", "approved_by", "approved_at", "created_at")
SENDING = (
    "status",
    "due_at",
    "not_before",
    "published_at",
    "remote_id",
    "permalink",
    "created_at",
)


def seed(
    author: User,
    approver: User,
    accounts: Mapping[str, Account],
    campaigns: Mapping[str, Campaign],
    media: Callable[[Text], Sequence[MediaAsset]],
    found: Sequence[PastPost],
) -> None:
    """Write, approve and publish these posts in a few statements. Makes no network call."""
    posts = [_post(one, author, campaigns) for one in found]
    Post.objects.bulk_create(posts)
    PostMedia.objects.bulk_create(
        PostMedia(post=post, media=asset, position=n)
        for post, one in zip(posts, found, strict=True)
        for n, asset in enumerate(media(one.text), 1)
    )
    sent = [
        (Publication(post=post, account=accounts[handle]), past.key(one.name, handle), remote)
        for post, one in zip(posts, found, strict=True)
        for handle, remote in one.remote.items()
    ]
    Publication.objects.bulk_create([publication for publication, _, _ in sent])
    _approve(posts, author, approver)
    _publish(sent, author)


def _post(one: PastPost, author: User, campaigns: Mapping[str, Campaign]) -> Post:
    text = one.text
    pictured = ContentType.IMAGE if text.picture else ""
    return Post(
        text=text.text,
        link=text.link,
        language=text.language,
        content_type=pictured or (ContentType.LINK if text.link else ContentType.TEXT),
        campaign=campaigns.get(text.campaign),
        is_evergreen=text.evergreen,
        author=author,
        planned_at=min(_moment(remote) for remote in one.remote.values()),
        is_demo=True,
    )


def _moment(remote: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(remote["created_at"])


def _approve(posts: Sequence[Post], author: User, approver: User) -> None:
    for post in posts:
        assert post.planned_at is not None  # set by _post
        post.created_at = post._history_date = post.planned_at - WRITTEN_BEFORE
    Post.history.bulk_history_create(posts, default_user=author, default_change_reason="created")
    for post in posts:
        assert post.planned_at is not None
        post.status, post.approved_by = PostStatus.APPROVED, approver
        post.approved_at = post._history_date = post.planned_at - APPROVED_BEFORE
        post.content_hash = post.approved_hash = drafts.content_hash(post)
    Post.objects.bulk_update(posts, APPROVAL)
    Post.history.bulk_history_create(
        posts, update=True, default_user=approver, default_change_reason="approved"
    )


def _publish(sent: Sequence[tuple[Publication, str, Mapping[str, Any]]], author: User) -> None:
    rows = [publication for publication, _, _ in sent]
    for publication, _, remote in sent:
        publication.created_at = publication._history_date = _moment(remote) - WRITTEN_BEFORE
    Publication.history.bulk_history_create(rows, default_user=author)
    for publication, _, remote in sent:
        publication.status = PublicationStatus.PUBLISHED
        publication.due_at = publication.not_before = publication.published_at = _moment(remote)
        publication.remote_id, publication.permalink = remote["id"], remote["url"]
    Publication.objects.bulk_update(rows, SENDING)
    generations = PayloadGeneration.objects.bulk_create(
        _generation(publication, key, _moment(remote)) for publication, key, remote in sent
    )
    attempts = PublicationAttempt.objects.bulk_create(map(_attempt, generations))
    PublicationEvent.objects.bulk_create(
        PublicationEvent(
            publication=attempt.publication,
            at=attempt.started_at,
            code="accepted",
            attempt=attempt,
            detail=attempt.permalink,
        )
        for attempt in attempts
    )


def _generation(publication: Publication, key: str, at: datetime) -> PayloadGeneration:
    text = publication.full_text
    return PayloadGeneration(
        publication=publication,
        number=1,
        content_hash=publication.post.content_hash,
        client_key=key,
        text=text,
        body={"text": text, "key": key},
        frozen_at=at,
    )


def _attempt(generation: PayloadGeneration) -> PublicationAttempt:
    publication = generation.publication
    return PublicationAttempt(
        publication=publication,
        generation=generation,
        number=1,
        claim_token=uuid.uuid4(),
        started_at=generation.frozen_at,
        finished_at=generation.frozen_at,
        outcome=Outcome.ACCEPTED,
        remote_id=publication.remote_id,
        permalink=publication.permalink,
    )
