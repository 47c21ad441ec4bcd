"""The inbox: store what others wrote, answer it, hand it over, put it away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies, signals
from socialhub.models import (
    CHANGEABLE,
    IN_FLIGHT,
    Account,
    AccountStatus,
    Interaction,
    Organisation,
    Post,
    PostStatus,
    Publication,
)
from socialhub.platforms.base import RemoteInteraction
from socialhub.services import drafts, history
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.posts import planning

# How long "Ana is answering" stands without a sign of life.
ANSWERING = timedelta(minutes=2)


@transaction.atomic
def reply(interaction: Interaction, user: Any, text: str) -> Publication:
    """Answer it: a publication like any other, due now.

    No second answer while one is on its way.
    """
    policies.require(user, "answer_interaction")
    row = Interaction.objects.select_for_update().get(pk=interaction.pk)
    account = row.account
    if account.status != AccountStatus.ACTIVE:
        raise Conflict(
            "account_unusable",
            _("%(account)s has to be reconnected first.") % {"account": account},
        )
    if row.publications.filter(status__in=[*CHANGEABLE, *IN_FLIGHT]).exists():
        raise Conflict("being_answered", _("An answer to this is on its way already."))
    if not text.strip():
        message = _("Write an answer first.")
        raise Invalid("empty", message, {"text": [message]})
    post = Post(
        author=user,
        text=text.strip(),
        is_reply=True,
        language=Organisation.get().language,
        content_type="text",
    )
    _require_fit(post, account)
    history.sign(post, user, "answered")
    post.save()
    post.content_hash = post.approved_hash = drafts.content_hash(post)
    post.status, post.approved_by, post.approved_at = PostStatus.APPROVED, user, timezone.now()
    post.save()
    publication = Publication.objects.create(post=post, account=account, answers=row)
    planning.put_on_queue(publication, timezone.now(), user)
    publication.refresh_from_db()
    return publication


def _require_fit(post: Post, account: Account) -> None:
    if not account.capabilities.replies:
        raise Invalid(
            "replies_not_allowed",
            _("%(account)s cannot answer on its network.") % {"account": account},
        )
    counted = drafts.count(account, post.text)
    if not counted["ok"]:
        sentences = [problem["message"] for problem in counted["problems"]]
        raise Invalid("does_not_fit", " ".join(sentences), {"text": sentences})


@transaction.atomic
def archive(interaction: Interaction, user: Any, *, archived: bool = True) -> Interaction:
    """Nothing to answer here (or, after all, there is)."""
    policies.require(user, "answer_interaction")
    Interaction.objects.filter(pk=interaction.pk).update(
        archived_at=timezone.now() if archived else None
    )
    interaction.refresh_from_db()
    return interaction


@transaction.atomic
def assign(interaction: Interaction, user: Any, assignee: Any) -> Interaction:
    """Hand it to somebody who may see it; None takes it back."""
    policies.require(user, "answer_interaction")
    if assignee is not None:
        seen = Interaction.objects.visible_to(assignee).filter(pk=interaction.pk).exists()
        if not seen or not policies.can(assignee, "answer_interaction"):
            message = _("%(person)s cannot answer on this account.") % {"person": assignee}
            raise Invalid("cannot_answer", message, {"assignee": [message]})
    Interaction.objects.filter(pk=interaction.pk).update(assignee=assignee)
    interaction.refresh_from_db()
    return interaction


def touch_answering(interaction: Interaction, user: Any) -> bool:
    """Say "I am answering"; False when somebody else is at it."""
    policies.require(user, "answer_interaction")
    now = timezone.now()
    free = Q(answering_by__isnull=True) | Q(answering_by=user) | Q(answering_until__lte=now)
    taken = Interaction.objects.filter(free, pk=interaction.pk).update(
        answering_by=user, answering_until=now + ANSWERING
    )
    return taken == 1


def release_answering(interaction: Interaction, user: Any) -> None:
    """Stop saying so."""
    Interaction.objects.filter(pk=interaction.pk, answering_by=user).update(
        answering_by=None, answering_until=None
    )


@transaction.atomic
def store(account: Account, items: Iterable[RemoteInteraction]) -> int:
    """Save what is new; what is known already is left alone. Returns how many were new."""
    wanted = {item.remote_id: item for item in items}
    own = set(account.publications.filter(remote_id__in=wanted).values_list("remote_id", flat=True))
    known = set(
        account.interactions.filter(remote_id__in=wanted).values_list("remote_id", flat=True)
    )
    fresh = [item for key, item in wanted.items() if key not in own | known]
    publications = _publications_of(account, fresh)
    Interaction.objects.bulk_create(
        [_row(account, item, publications) for item in fresh], ignore_conflicts=True
    )
    made = account.interactions.filter(remote_id__in=[i.remote_id for i in fresh])
    for interaction_id in made.values_list("pk", flat=True):
        _announce(interaction_id)
    return len(fresh)


def _publications_of(account: Account, items: list[RemoteInteraction]) -> dict[str, int]:
    """Remote id → publication: of our own posts, and of comments under them.

    Some networks name only the comment answered, not the root of the conversation.
    """
    ids = ({i.parent_id for i in items} | {i.root_id for i in items}) - {""}
    comments = account.interactions.filter(remote_id__in=ids, publication__isnull=False)
    found = dict(comments.values_list("remote_id", "publication_id"))
    return {
        **found,
        **dict(account.publications.filter(remote_id__in=ids).values_list("remote_id", "pk")),
    }


def _row(account: Account, item: RemoteInteraction, publications: dict[str, int]) -> Interaction:
    return Interaction(
        account=account,
        publication_id=publications.get(item.parent_id) or publications.get(item.root_id),
        remote_id=item.remote_id,
        kind=item.kind,
        author_handle=item.author_handle[:300],
        author_name=item.author_name[:300],
        text=item.text,
        permalink=item.permalink,
        parent_remote_id=item.parent_id,
        root_remote_id=item.root_id,
        remote_data=dict(item.data),
        created_at=item.created_at,
    )


def _announce(interaction_id: int) -> None:
    transaction.on_commit(
        lambda: signals.interaction_received.send(Interaction, interaction_id=interaction_id),
        robust=True,
    )
