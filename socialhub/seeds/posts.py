"""Demo posts in every state, made with the same verbs people use."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from socialhub import http
from socialhub.models import (
    Account,
    Campaign,
    MediaAsset,
    Outcome,
    PayloadGeneration,
    Post,
    Publication,
    PublicationAttempt,
    PublicationEvent,
    PublicationStatus,
)
from socialhub.seeds import pictures, texts
from socialhub.seeds.texts import Text
from socialhub.services import media as media_service
from socialhub.services import posts

# (index in texts.PAST, handle) → the post as the sandbox network has it
Past = dict[tuple[int, str], dict[str, Any]]
NAMESPACE = uuid.UUID("6f1c2f3e-6c0e-4a43-9d6b-0b6f5d0c2a11")


def past_on_the_network(server: str) -> Past:
    """Give the sandbox network the posts of the past weeks, each once. Calls the network."""
    now = timezone.now()
    answer = http.request("GET", f"{server}/control/posts")
    there = {post["key"]: post for post in answer.json() if post.get("key")}
    wanted = {
        (n, handle): _wire(text, handle, _key(n, handle), now)
        for n, text in enumerate(texts.PAST)
        for handle in text.accounts
    }
    missing = {place: post for place, post in wanted.items() if post["key"] not in there}
    made = _send(server, list(missing.values()))
    found = {post["key"]: given for post, given in zip(missing.values(), made, strict=True)}
    return {place: (there | found)[post["key"]] for place, post in wanted.items()}


def _key(n: int, handle: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{n}/{handle}"))


def _wire(text: Text, handle: str, key: str, now: datetime) -> dict[str, Any]:
    created_at = now + (text.due or timedelta())
    return {
        "handle": handle,
        "text": text.text,
        "created_at": created_at.isoformat(),
        "language": text.language,
        "key": key,
    }


def _send(server: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not given:
        return []
    answer = http.request("POST", f"{server}/control/posts", json={"posts": given})
    if answer.status not in (200, 201):
        raise RuntimeError(f"the sandbox network refused the demo's history: {answer.status}")
    return list(answer.json())


def seed(users: Mapping[str, User], accounts: Mapping[str, Account], past: Past) -> None:
    """Every demo post. Makes no network call."""
    maker = _Maker(users, accounts)
    for n, text in enumerate(texts.PAST):
        maker.published(text, {h: past[n, h] for h in text.accounts}, n)
    for text in texts.SOON:
        maker.approved(text)
    for text in texts.QUEUED:
        posts.queue(maker.approved(text), maker.author)
    maker.missed(texts.MISSED)
    for text in texts.TO_APPROVE:
        posts.submit(maker.draft(text), maker.author)
    text, comment = texts.CHANGES
    post = posts.submit(maker.draft(text), maker.author)
    posts.request_changes(post, maker.approver, comment)
    maker.draft(texts.DRAFT)


class _Maker:
    def __init__(self, users: Mapping[str, User], accounts: Mapping[str, Account]) -> None:
        self.author, self.approver = users["marketer"], users["approver"]
        self.accounts = accounts
        self.now = timezone.now()
        self.campaigns = {name: _campaign(name) for name in texts.CAMPAIGNS}

    def draft(self, text: Text, *, dated: bool = True) -> Post:
        due_at = self.now + text.due if text.due and dated else None
        ids = {self.accounts[handle].pk: own for handle, own in text.overrides.items()}
        post = posts.create(
            self.author,
            text=text.text,
            link=text.link,
            language=text.language,
            media=self._media(text),
            campaign=self.campaigns.get(text.campaign),
            is_evergreen=text.evergreen,
            accounts=[self.accounts[handle] for handle in text.accounts],
            overrides=ids,
            due_at=due_at,
        )
        Post.objects.filter(pk=post.pk).update(is_demo=True)
        post.is_demo = True
        return post

    def approved(self, text: Text, *, dated: bool = True) -> Post:
        post = posts.submit(self.draft(text, dated=dated), self.author)
        return posts.approve(post, self.approver)

    def missed(self, text: Text) -> None:
        """Approved and overdue; the worker finds it so at its first tick."""
        post = self.approved(text, dated=False)
        posts.schedule(post, self.author)
        due_at = self.now + (text.due or timedelta())
        Post.objects.filter(pk=post.pk).update(planned_at=due_at)
        post.publications.update(due_at=due_at, not_before=due_at)

    def published(self, text: Text, remote: Mapping[str, dict[str, Any]], n: int) -> None:
        """What a worker would have left behind at the time."""
        post = self.approved(text, dated=False)
        at = self.now + (text.due or timedelta())
        Post.objects.filter(pk=post.pk).update(
            planned_at=at, approved_at=at - timedelta(hours=3), created_at=at - timedelta(days=1)
        )
        for publication in post.publications.select_related("account"):
            handle = publication.account.handle
            _as_published(publication, post, remote[handle], _key(n, handle))

    def _media(self, text: Text) -> list[MediaAsset]:
        if not text.picture:
            return []
        asset = media_service.upload(self.author, pictures.draw(text.picture), alt_text=text.alt)
        MediaAsset.objects.filter(pk=asset.pk).update(is_demo=True)
        return [asset]


def _campaign(name: str) -> Campaign:
    slug, budget = texts.CAMPAIGNS[name]
    defaults = {"utm_campaign": slug, "budget": budget, "is_demo": True}
    return Campaign.objects.get_or_create(name=name, defaults=defaults)[0]


def _as_published(
    publication: Publication, post: Post, remote: Mapping[str, Any], key: str
) -> None:
    at = datetime.fromisoformat(remote["created_at"])
    generation = PayloadGeneration.objects.create(
        publication=publication,
        number=1,
        content_hash=post.content_hash,
        client_key=key,
        text=publication.full_text,
        body={"text": publication.full_text, "key": key},
        frozen_at=at,
    )
    attempt = PublicationAttempt.objects.create(
        publication=publication,
        generation=generation,
        number=1,
        claim_token=uuid.uuid4(),
        started_at=at,
        finished_at=at,
        outcome=Outcome.ACCEPTED,
        remote_id=remote["id"],
        permalink=remote["url"],
    )
    Publication.objects.filter(pk=publication.pk).update(
        status=PublicationStatus.PUBLISHED,
        due_at=at,
        not_before=at,
        published_at=at,
        remote_id=remote["id"],
        permalink=remote["url"],
    )
    publication.events.all().delete()
    PublicationEvent.objects.create(
        publication=publication, at=at, code="accepted", attempt=attempt, detail=remote["url"]
    )
