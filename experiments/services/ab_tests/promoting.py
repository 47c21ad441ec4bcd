"""The winner goes on: to more accounts, as an evergreen post, into recycling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import (
    ABTest,
    ABTestState,
    ABTestVariant,
    Outcome,
    PostRecycling,
    SplitBy,
)
from experiments.services import notices, splitting
from experiments.services.ab_tests import access, showing
from socialhub import policies
from socialhub.models import Account, Organisation, Post, PostStatus, PublicationStatus
from socialhub.services import history, posts
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.posts import planning


@transaction.atomic
def promote(
    test: ABTest,
    user: Any,
    *,
    accounts: Iterable[Account] = (),
    due_at: datetime | None = None,
    evergreen: bool = False,
    recycle: bool = False,
) -> Post | None:
    """Make a new post of the winner for `accounts`, or of the winner's own posts evergreen ones.

    Without accounts and without a wish it goes to the accounts of the test again. A split link
    leads everybody to the winner. Returns the post; None for a link, which has none. Raises
    Conflict without a winner or when it was done already, Invalid, Forbidden.
    """
    policies.require(user, "write_post")
    # It also goes on the queue, without another approval on the accounts of the test.
    policies.require(user, "start_experiment")
    access.require_accounts(user, test)
    test = access.locked(test, ABTestState.RUNNING, ABTestState.DECIDED)
    if test.outcome != Outcome.WINNER or test.winner is None:
        raise Conflict("no_winner", _("This test has no winner, so there is none to promote."))
    if test.promoted_at is not None:
        raise Conflict("already_promoted", _("The winner of this test was promoted already."))
    chosen = list(accounts)
    if test.split_by == SplitBy.LINK:
        _refuse_posts(chosen, due_at, evergreen or recycle)
        splitting.send_all_to_winner(test, user)
        post = None
    else:
        post = _post_of(test, test.winner, user, chosen, due_at, evergreen or recycle)
    if post is not None and (evergreen or recycle):
        _keep_showing(test, test.winner, post, user, recycle)
    test.promoted_at, test.promoted_post = timezone.now(), post
    history.sign(test, user, "promoted")
    test.save(update_fields=["promoted_at", "promoted_post", "updated_at"])
    notices.settled(test)
    return post


def _refuse_posts(accounts: Sequence[Account], due_at: datetime | None, keep: bool) -> None:
    if accounts or due_at is not None or keep:
        message = _("A short link is not a post: promoting it sends everybody to the winner.")
        raise Invalid("not_a_post", message, {"accounts": [message]})


def _post_of(
    test: ABTest,
    winner: ABTestVariant,
    user: Any,
    chosen: list[Account],
    due_at: datetime | None,
    keep: bool,
) -> Post:
    own = _newest_of(winner)
    if not chosen and due_at is None and keep and own is not None:
        return own
    on = chosen or list(test.accounts.all())
    if not on:
        message = _("Choose at least one account first.")
        raise Invalid("no_accounts", message, {"accounts": [message]})
    return _new_post(test, winner, user, on, due_at)


def _newest_of(winner: ABTestVariant) -> Post | None:
    """The winner as it was shown last."""
    out = winner.publications.filter(publication__status=PublicationStatus.PUBLISHED)
    part = out.order_by("publication__published_at").select_related("post").last()
    return part.post if part is not None else None


def _new_post(
    test: ABTest, winner: ABTestVariant, user: Any, on: list[Account], due_at: datetime | None
) -> Post:
    """Approved at once where the same people may: else it waits for approval with its time."""
    media = showing.media_of(winner)
    post = posts.create(
        user,
        media=media,
        accounts=on,
        due_at=due_at,
        text=winner.text,
        link=winner.link,
        track_link=winner.track_link,
        language=test.language,
        campaign=test.campaign,
        content_type=showing.type_of(len(media), winner.link),
    )
    if test.is_demo:
        Post.objects.filter(pk=post.pk).update(is_demo=True)
    if due_at is None:
        _queue(post, user)
    if {one.pk for one in on} <= set(test.accounts.values_list("pk", flat=True)):
        return _approved_with_test(post, test, user)
    if policies.can(user, "approve_post") and Organisation.get().self_approval:
        return posts.approve(post, user)
    return posts.submit(post, user)


def _queue(post: Post, user: Any) -> None:
    """The next free slot of each account; accounts without slots stay for a person to plan."""
    for publication in post.publications.select_related("account"):
        if not publication.account.slots.exists():
            message = _("%(account)s has no posting slots: choose a time.")
            text = message % {"account": publication.account}
            raise Invalid("no_slot", text, {"due_at": [text]})
    posts.queue(post, user)


def _approved_with_test(post: Post, test: ABTest, user: Any) -> Post:
    """These words were approved for these accounts, with the test."""
    posts.validate(post)
    post.refresh_from_db()
    post.status, post.approved_hash = PostStatus.APPROVED, post.content_hash
    post.approved_by, post.approved_at = test.approved_by, test.approved_at
    post.version += 1
    history.sign(post, user, "approved with its test")
    post.save()
    post.editors.all().delete()
    planning.schedule_planned(post, user, timezone.now())
    return post


def _keep_showing(
    test: ABTest, winner: ABTestVariant, post: Post, user: Any, recycle: bool
) -> None:
    """Evergreen, and nothing in the way of recycling it."""
    shown = winner.publications.filter(post__isnull=False).values_list("post_id", flat=True)
    kept = Post.objects.filter(pk__in={post.pk, *shown})
    # A form opened before is refused, as after any edit.
    kept.update(is_evergreen=True, version=F("version") + 1)
    for one in kept:
        history.record(one, user, "made evergreen")
    if recycle:
        PostRecycling.objects.update_or_create(
            post=post,
            defaults={
                "time_sensitive": False,
                "skip_until": None,
                "never_at": None,
                "never_by": None,
            },
        )
    post.refresh_from_db()
