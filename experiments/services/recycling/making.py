"""Making a repetition: a new post, its publication and the record of it, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from experiments.models import RecycledPost, RecyclingRule
from experiments.services.recycling.loading import STUCK, WAITING
from experiments.services.recycling.wording import Factors
from socialhub.models import (
    Account,
    MediaAsset,
    Organisation,
    Post,
    PostEditor,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.services import drafts, history, posts
from socialhub.services.errors import Conflict
from socialhub.services.posts import planning


@dataclass(frozen=True, slots=True)
class Order:
    """What to make. `text` is another wording, None the same one; `made_by` None the daily job."""

    original: Publication
    at: datetime
    number: int
    score: float
    factors: Factors
    predicted: float | None
    rule: RecyclingRule | None = None
    text: str | None = None
    made_by: Any = None
    # What the prediction was raised by, as ln.
    level: float = 0.0


def make(order: Order) -> RecycledPost:
    """A new post, approved like its original or in review.

    Raises Conflict when a repetition is on its way or somebody was faster, Invalid when the
    network would refuse it.
    """
    try:
        with transaction.atomic():
            return _make(order)
    except IntegrityError:
        raise _planned() from None


def _make(order: Order) -> RecycledPost:
    # One at a time for each account: two jobs, or a job and a person.
    Account.objects.select_for_update().get(pk=order.original.account_id)
    _require_free(order)
    post = _post(order)
    publication = post.publications.get()
    if needs_approval(order):
        _submit(post, order)
    else:
        _approve(post, publication, order)
    post.refresh_from_db()
    publication.refresh_from_db()
    return RecycledPost.objects.create(
        rule=order.rule,
        account_id=order.original.account_id,
        original=order.original,
        number=order.number,
        post=post,
        publication=publication,
        score=order.score,
        quality=order.factors.quality,
        freshness=order.factors.freshness,
        fatigue=order.factors.fatigue,
        decay=order.factors.decay,
        season=order.factors.season,
        diversity=order.factors.diversity,
        predicted=order.predicted,
        level=order.level,
        made_by=order.made_by,
    )


def needs_approval(order: Order) -> bool:
    """Another wording always needs a person; the same one where the rule says so.

    An original that was changed since it was approved is no longer what was approved.
    """
    original = order.original.post
    if order.text is not None or (order.rule is not None and order.rule.needs_approval):
        return True
    approved = original.status == PostStatus.APPROVED
    return not approved or original.approved_hash != drafts.content_hash(original)


def _require_free(order: Order) -> None:
    busy = RecycledPost.objects.filter(
        original=order.original, publication__status__in=[*WAITING, *STUCK]
    )
    if busy.exists():
        raise _planned()
    if order.made_by is None:
        taken = Publication.objects.filter(
            account_id=order.original.account_id, due_at=order.at
        ).exclude(status=PublicationStatus.CANCELLED)
        if taken.exists():
            raise Conflict("slot_taken", _("This posting slot is taken."))


def _planned() -> Conflict:
    return Conflict("already_planned", _("A repetition is planned already."))


def _post(order: Order) -> Post:
    """The copy: text, link, pictures, campaign and language of the original, on this account."""
    original, account = order.original.post, order.original.account
    same = order.text is None
    post = posts.create(
        None,
        text=original.text if order.text is None else order.text,
        link=original.link,
        track_link=original.track_link,
        language=original.language,
        content_type=original.content_type,
        campaign=original.campaign,
        is_evergreen=original.is_evergreen,
        media=_media(original),
        accounts=[account],
        overrides={account.pk: order.original.text_override}
        if same and order.original.text_override
        else None,
        due_at=order.at,
    )
    # Who hears of it: whoever repeats it, else whoever wrote it.
    post.author = order.made_by or original.author
    post.is_demo = original.is_demo
    history.sign(post, order.made_by, "recycled")
    post.save()
    if not same and order.made_by is not None:
        PostEditor.objects.get_or_create(post=post, user=order.made_by)
    return post


def _media(post: Post) -> list[MediaAsset]:
    return [item.media for item in post.post_media.select_related("media").order_by("position")]


def _submit(post: Post, order: Order) -> None:
    post = posts.submit(post, None)
    about = {"number": order.original.post_id}
    # The job has no reader of its own.
    with translation.override(Organisation.get().language):
        note = (
            _("A repetition of post %(number)s.")
            if order.text is None
            else _(
                "A repetition of post %(number)s in another wording, so a person has to read it."
            )
        )
    Post.objects.filter(pk=post.pk).update(review_comment=note % about)


def _approve(post: Post, publication: Publication, order: Order) -> None:
    """Under the original's approval: somebody vouched for this very content."""
    posts.validate(post)
    original = order.original.post
    post.status = PostStatus.APPROVED
    post.approved_hash = post.content_hash
    post.approved_by, post.approved_at = original.approved_by, original.approved_at
    history.sign(post, order.made_by, "approved with its original")
    post.save()
    planning.put_on_queue(publication, order.at, order.made_by)
