"""Demo posts in every state, made with the same verbs people use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from socialhub.models import Account, Campaign, MediaAsset, Post
from socialhub.seeds import pictures, published, texts
from socialhub.seeds.past import PastPost
from socialhub.seeds.texts import Text
from socialhub.services import media as media_service
from socialhub.services import posts


def seed(
    users: Mapping[str, User], accounts: Mapping[str, Account], past: Sequence[PastPost]
) -> None:
    """Every demo post. Makes no network call."""
    maker = _Maker(users, accounts)
    published.seed(maker.author, maker.approver, accounts, maker.campaigns, maker.media, past)
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
            media=self.media(text),
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

    def media(self, text: Text) -> list[MediaAsset]:
        if not text.picture:
            return []
        asset = media_service.upload(self.author, pictures.draw(text.picture), alt_text=text.alt)
        MediaAsset.objects.filter(pk=asset.pk).update(is_demo=True)
        return [asset]


def _campaign(name: str) -> Campaign:
    slug, budget = texts.CAMPAIGNS[name]
    defaults = {"utm_campaign": slug, "budget": budget, "is_demo": True}
    return Campaign.objects.get_or_create(name=name, defaults=defaults)[0]
