"""Rows for tests. Defaults are valid and unsurprising; a test names what matters to it."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from socialhub.models import (
    Account,
    AccountStatus,
    Campaign,
    Credential,
    Interaction,
    Organisation,
    Post,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.services import drafts


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.org")
    is_staff = True

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        """role="Marketer" puts the user into that group."""
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))


class AccountFactory(factory.django.DjangoModelFactory):
    """An active sandbox account; `server_url` is set by tests that talk to a server."""

    class Meta:
        model = Account
        skip_postgeneration_save = True

    platform = "sandbox"
    handle = factory.Sequence(lambda n: f"shop{n}")
    remote_id = factory.LazyAttribute(lambda o: o.handle)
    status = AccountStatus.ACTIVE

    @factory.post_generation
    def secrets(self, create, extracted, **kwargs):
        Credential.objects.create(
            account=self, secrets=extracted or {"token": f"sandbox-{self.handle}"}
        )


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Campaign {n}")


class PostFactory(factory.django.DjangoModelFactory):
    """A draft; `approved=True` makes it approved as it stands."""

    class Meta:
        model = Post
        skip_postgeneration_save = True

    text = factory.Sequence(lambda n: f"Post number {n}")
    author = factory.SubFactory(UserFactory)

    @factory.post_generation
    def approved(self, create, extracted, **kwargs):
        self.content_hash = drafts.content_hash(self)
        if extracted:
            self.status = PostStatus.APPROVED
            self.approved_hash = self.content_hash
        self.save()


class PublicationFactory(factory.django.DjangoModelFactory):
    """Scheduled and due a minute ago, of an approved post, on an active account."""

    class Meta:
        model = Publication

    post = factory.SubFactory(PostFactory, approved=True)
    account = factory.SubFactory(AccountFactory)
    status = PublicationStatus.SCHEDULED
    due_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=1))
    not_before = factory.LazyAttribute(lambda o: o.due_at)

    class Params:
        published = factory.Trait(
            status=PublicationStatus.PUBLISHED,
            remote_id=factory.Sequence(lambda n: f"remote-{n}"),
            published_at=factory.LazyFunction(timezone.now),
        )


class InteractionFactory(factory.django.DjangoModelFactory):
    """A comment under one of our publications."""

    class Meta:
        model = Interaction

    publication = factory.SubFactory(PublicationFactory, published=True)
    account = factory.LazyAttribute(lambda o: o.publication.account)
    remote_id = factory.Sequence(lambda n: f"comment-{n}")
    kind = "comment"
    author_handle = "visitor"
    text = "How much is it?"
    parent_remote_id = factory.LazyAttribute(lambda o: o.publication.remote_id)
    root_remote_id = factory.LazyAttribute(lambda o: o.publication.remote_id)
    created_at = factory.LazyFunction(timezone.now)


def organisation(**fields) -> Organisation:
    """The organisation's row with these fields."""
    row = Organisation.get()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row
