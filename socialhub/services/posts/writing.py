"""Writing a post: create, edit, archive, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import (
    CHANGEABLE,
    IN_FLIGHT,
    Account,
    AccountStatus,
    ContentType,
    MediaAsset,
    Post,
    PostEditor,
    PostMedia,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.platforms.base import Problem
from socialhub.services import drafts, history
from socialhub.services.errors import Conflict, Invalid

PLAIN_FIELDS = (
    "text",
    "link",
    "track_link",
    "language",
    "content_type",
    "campaign",
    "is_evergreen",
)


@transaction.atomic
def create(
    user: Any,
    *,
    media: Sequence[MediaAsset] = (),
    accounts: Iterable[Account] = (),
    overrides: Mapping[int, str] | None = None,
    due_at: datetime | None = None,
    **fields: Any,
) -> Post:
    """A new draft with a draft publication per account. Raises Invalid, Forbidden."""
    policies.require(user, "write_post")
    chosen = list(accounts)
    _check_accounts(user, chosen, overrides or {})
    _check_due(due_at)
    post = Post(author=user, planned_at=due_at, **_plain(fields, media))
    _clean(post)
    history.sign(post, user, "created")
    post.save()
    _set_media(post, media)
    for account in chosen:
        Publication.objects.create(
            post=post,
            account=account,
            due_at=due_at,
            text_override=(overrides or {}).get(account.pk, ""),
        )
    _after_edit(post, user)
    return post


@transaction.atomic
def edit(
    post: Post,
    user: Any,
    *,
    version: int | None = None,
    media: Sequence[MediaAsset] | None = None,
    accounts: Iterable[Account] | None = None,
    overrides: Mapping[int, str] | None = None,
    due_at: datetime | None = None,
    **fields: Any,
) -> Post:
    """Change a post. What readers would see differently sends it back to draft, off the queue.

    `version` is the version the person saw; another one raises Conflict. What is already out
    stays as it is; a publication being sent right now is asked to stop.
    """
    policies.require(user, "write_post")
    policies.require_post(user, post)
    post = Post.objects.select_for_update().get(pk=post.pk)
    if version is not None and version != post.version:
        raise Conflict(
            "stale",
            _("Somebody changed this post since you opened it. Reload, then change it again."),
        )
    before = drafts.content_hash(post)
    if due_at is not None:
        _check_due(due_at)
        post.planned_at = due_at
    for name, value in _plain(fields, None).items():
        setattr(post, name, value)
    _clean(post)
    if media is not None:
        _set_media(post, media)
    added = _set_accounts(post, user, accounts, overrides)
    _save_edit(post, user, changed=added or before != drafts.content_hash(post))
    if due_at is not None:
        post.publications.filter(status=PublicationStatus.DRAFT).update(due_at=due_at)
    return post


def _save_edit(post: Post, user: Any, *, changed: bool) -> None:
    post.version += 1
    if changed and post.status != PostStatus.DRAFT:
        post.status = PostStatus.DRAFT
        post.approved_by = post.approved_at = None
    if changed:
        off_the_queue(post, user)
    history.sign(post, user, "edited")
    _after_edit(post, user, changed=changed)


def _after_edit(post: Post, user: Any, *, changed: bool = True) -> None:
    post.content_hash = drafts.content_hash(post)
    post.save()
    if changed and user is not None:
        PostEditor.objects.get_or_create(post=post, user=user)


def off_the_queue(post: Post, user: Any) -> None:
    """Nothing of this post goes out any more unless it is approved again.

    The caller holds the post's row lock, which the fence takes too.
    """
    now = timezone.now()
    waiting = post.publications.filter(status__in=CHANGEABLE).exclude(
        status=PublicationStatus.DRAFT
    )
    for publication in waiting.select_for_update():
        changed = Publication.objects.filter(pk=publication.pk, status__in=CHANGEABLE).update(
            status=PublicationStatus.DRAFT, not_before=None, rung_at=None, failures=0
        )
        if changed:
            history.event(publication, "taken_off", actor=user)
    post.publications.filter(status__in=IN_FLIGHT, cancel_requested_at__isnull=True).update(
        cancel_requested_at=now, cancel_requested_by=user
    )


@transaction.atomic
def archive(post: Post, user: Any, *, archived: bool = True) -> None:
    """Out of the lists; refused while something is still to go out."""
    policies.require(user, "write_post")
    policies.require_post(user, post)
    busy = post.publications.filter(status__in=[PublicationStatus.SCHEDULED, *IN_FLIGHT]).exists()
    if archived and busy:
        raise Conflict("busy", _("Something is still to go out. Cancel it first, then archive."))
    Post.objects.filter(pk=post.pk).update(is_archived=archived)
    history.record(post, user, "archived" if archived else "unarchived")


@transaction.atomic
def delete(post: Post, user: Any) -> None:
    """Delete a draft that never went anywhere; anything else is archived instead."""
    policies.require(user, "write_post")
    policies.require_post(user, post)
    if post.publications.exclude(status=PublicationStatus.DRAFT).exists() or (
        post.publications.filter(attempts__isnull=False).exists()
    ):
        raise Conflict("protected", _("This post has a history. Archive it instead."))
    post.publications.all().delete()
    post.delete()


def problems(post: Post) -> dict[int, list[Problem]]:
    """account id → why its network would refuse this post, for what is still to go out."""
    accounts = Account.objects.filter(
        publications__post=post, publications__status__in=CHANGEABLE
    ).distinct()
    return drafts.problems(post, list(accounts))


def validate(post: Post) -> None:
    """Raise Invalid naming every problem of every account."""
    found = problems(post)
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=found)}
    if found:
        sentences = [
            drafts.sentence(problem, accounts[pk]) for pk, why in found.items() for problem in why
        ]
        raise Invalid("does_not_fit", " ".join(dict.fromkeys(sentences)), {"text": sentences})


def count(text: str, accounts: Iterable[Account], link: str = "") -> list[dict[str, Any]]:
    """Length per account as its network counts it, with what is wrong in words."""
    return [drafts.count(account, text, link) for account in accounts]


# -- helpers ---------------------------------------------------------------------


def _plain(fields: dict[str, Any], media: Sequence[MediaAsset] | None) -> dict[str, Any]:
    unknown = set(fields) - set(PLAIN_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    given = {name: value for name, value in fields.items() if value is not None}
    if "campaign" in fields:
        given["campaign"] = fields["campaign"]
    if media is not None and not given.get("content_type"):
        given["content_type"] = _type_of(len(media), given.get("link", ""))
    return given


def _type_of(images: int, link: str) -> str:
    if images > 1:
        return ContentType.CAROUSEL
    if images == 1:
        return ContentType.IMAGE
    return ContentType.LINK if link else ContentType.TEXT


def _clean(post: Post) -> None:
    try:
        post.clean_fields(exclude=["author", "campaign"])
    except ValidationError as exc:
        fields = {name: list(messages) for name, messages in exc.message_dict.items()}
        first = next(iter(fields.values()))[0]
        raise Invalid("invalid", str(first), fields) from None


def _check_due(due_at: datetime | None) -> None:
    if due_at is not None and due_at < timezone.now():
        message = _("This time has passed. Choose a later one.")
        raise Invalid("due_passed", message, {"due_at": [message]})


def _check_accounts(user: Any, accounts: list[Account], overrides: Mapping[int, str]) -> None:
    if user is not None:
        seen = set(
            Account.objects.visible_to(user)
            .filter(pk__in=[a.pk for a in accounts])
            .values_list("pk", flat=True)
        )
        if {a.pk for a in accounts} - seen:
            message = _("One of the accounts does not exist.")
            raise Invalid("no_such_account", message, {"accounts": [message]})
    gone = [a for a in accounts if a.status == AccountStatus.DISABLED]
    if gone:
        message = _("%(account)s is disconnected. Connect it again first.") % {"account": gone[0]}
        raise Invalid("account_disabled", message, {"accounts": [message]})
    if set(overrides) - {a.pk for a in accounts}:
        message = _("A text is given for an account that is not chosen.")
        raise Invalid("override_without_account", message, {"overrides": [message]})


def _set_media(post: Post, media: Sequence[MediaAsset]) -> None:
    wanted = [asset.pk for asset in media]
    present = list(post.post_media.order_by("position").values_list("media_id", flat=True))
    if wanted == present:
        return
    post.post_media.all().delete()
    PostMedia.objects.bulk_create(
        PostMedia(post=post, media=asset, position=n) for n, asset in enumerate(media, 1)
    )


def _set_accounts(
    post: Post,
    user: Any,
    accounts: Iterable[Account] | None,
    overrides: Mapping[int, str] | None,
) -> bool:
    """Bring the open publications in line. True when an account was added."""
    open_ones = {
        p.account_id: p
        for p in post.publications.exclude(
            status__in=[PublicationStatus.PUBLISHED, PublicationStatus.CANCELLED]
        )
    }
    added = False
    if accounts is not None:
        chosen = {account.pk: account for account in accounts}
        new = [a for pk, a in chosen.items() if pk not in open_ones and not _has_been_out(post, a)]
        _check_accounts(user, [*new, *_still(chosen, open_ones)], {})
        for account in new:
            open_ones[account.pk] = Publication.objects.create(
                post=post, account=account, due_at=post.planned_at
            )
            added = True
        for account_id in set(open_ones) - set(chosen):
            _remove(open_ones.pop(account_id), user)
    for account_id, text in (overrides or {}).items():
        if account_id not in open_ones and text.strip():
            message = _("A text is given for an account that is not chosen.")
            raise Invalid("override_without_account", message, {"overrides": [message]})
        if account_id in open_ones:
            _set_override(open_ones[account_id], text)
    return added


def _still(chosen: Mapping[int, Account], open_ones: Mapping[int, Publication]) -> list[Account]:
    return [account for pk, account in chosen.items() if pk in open_ones]


def _has_been_out(post: Post, account: Account) -> bool:
    return post.publications.filter(account=account, status=PublicationStatus.PUBLISHED).exists()


def _set_override(publication: Publication, text: str) -> None:
    if text != publication.text_override:
        if publication.status in IN_FLIGHT:
            raise Conflict("in_flight", _("This is being published right now. Wait a moment."))
        Publication.objects.filter(pk=publication.pk).update(text_override=text)


def _remove(publication: Publication, user: Any) -> None:
    """Take an account out of a post: a draft vanishes, anything with a history is cancelled."""
    from socialhub.services import publishing

    untouched = publication.status == PublicationStatus.DRAFT and not publication.attempts.exists()
    if untouched:
        publication.delete()
    else:
        publishing.cancel(publication, user)
