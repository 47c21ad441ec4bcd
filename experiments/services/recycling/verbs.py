"""What people do: repeat now, skip, never again, say what a post is bound to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import PostRecycling, RecycledPost, RecyclingLearned, RecyclingRule
from experiments.recycling import networks
from experiments.services.recycling import candidates, making, varying
from experiments.services.recycling.candidates import Candidate
from experiments.services.recycling.eligibility import Terms
from experiments.services.recycling.rules import create_rule, delete_rule, edit_rule, invalid
from experiments.services.recycling.wording import Factors
from socialhub import policies
from socialhub.models import Post, Publication
from socialhub.models.accounts import granted_account_ids
from socialhub.services import queue
from socialhub.services.errors import Conflict, Forbidden, Invalid

__all__ = [
    "again",
    "create_rule",
    "delete_rule",
    "describe",
    "edit_rule",
    "never",
    "recycle",
    "skip",
]

SKIPPED_FOR = timedelta(days=30)
# "Not now" of a person, which a person may take back by repeating it now.
PUT_OFF = ("skipped", "cancelled")
DESCRIBED = ("time_sensitive", "expires_on", "season_from", "season_to")


def recycle(
    publication: Publication,
    user: Any,
    *,
    due_at: datetime | None = None,
    rule: RecyclingRule | None = None,
    text: str | None = None,
) -> RecycledPost:
    """Repeat it at that time, else in the account's next free slot.

    The same wording goes out under the original's approval, unless the rule wants a new one;
    another wording goes into review. Raises Conflict "not_eligible" with every reason; that it
    was skipped or cancelled is none here.
    """
    policies.require(user, "recycle_post")
    _require_account(publication, user)
    now = timezone.now()
    if due_at is not None and due_at < now:
        message = _("This time has passed. Choose a later one.")
        raise Invalid("due_passed", message, {"due_at": [message]})
    found = _candidate(publication, now, rule)
    wording = _wording(found, rule, text)
    return making.make(
        making.Order(
            original=found.publication,
            at=due_at or _next_slot(found, now),
            number=_next_number(found.publication),
            score=found.score,
            factors=Factors(**{name: one.value for name, one in found.factors.items()}),
            predicted=found.predicted,
            rule=rule,
            text=wording,
            made_by=user,
            level=RecyclingLearned.get().level,
        )
    )


def skip(publication: Publication, user: Any, until: datetime | None = None) -> PostRecycling:
    """Not before that time; without one not for 30 days."""
    now = timezone.now()
    until = until or now + SKIPPED_FOR
    if until <= now:
        message = _("This time has passed. Choose a later one.")
        raise Invalid("until_passed", message, {"until": [message]})
    return _say(publication, user, skip_until=until)


def never(publication: Publication, user: Any) -> PostRecycling:
    """Never again, until somebody says `again`."""
    return _say(publication, user, never_at=timezone.now(), never_by=user)


def again(publication: Publication, user: Any) -> PostRecycling:
    """Takes `never` and `skip` back."""
    return _say(publication, user, never_at=None, never_by=None, skip_until=None)


def describe(
    publication: Publication,
    user: Any,
    **fields: bool | date | str | None,
) -> PostRecycling:
    """Say whether the post stays true, until when, and in which season it is shown.

    `time_sensitive`, `expires_on`, `season_from`, `season_to`; what is left out stays.
    """
    unknown = set(fields) - set(DESCRIBED)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    return _say(publication, user, **fields)


# -- helpers -------------------------------------------------------------------------


def root_of(publication: Publication) -> Publication:
    """The first showing, whichever repetition this is."""
    again = RecycledPost.objects.filter(publication=publication).select_related(
        "original__post", "original__account"
    )
    found = again.first()
    return found.original if found is not None else publication


@transaction.atomic
def _say(publication: Publication, user: Any, **fields: Any) -> PostRecycling:
    policies.require(user, "recycle_post")
    post = root_of(publication).post
    # What is said counts on every account of the post.
    policies.require_accounts(user, post)
    Post.objects.select_for_update().get(pk=post.pk)
    row, _made = PostRecycling.objects.get_or_create(post=post)
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as exc:
        raise invalid(exc) from None
    row.save()
    return row


def _require_account(publication: Publication, user: Any) -> None:
    granted = None if user is None else granted_account_ids(user)
    if granted is not None and publication.account_id not in granted:
        raise Forbidden("other_accounts", _("This post also goes to accounts you may not use."))


def _candidate(publication: Publication, now: datetime, rule: RecyclingRule | None) -> Candidate:
    try:
        found = candidates.candidate(publication, now, Terms.of(rule))
    except LookupError:
        raise Conflict("not_published", _("This publication is not out.")) from None
    reasons = [reason for reason in found.reasons if reason.code not in PUT_OFF]
    if reasons:
        sentences: Sequence[str] = [reason.sentence for reason in reasons]
        raise Conflict("not_eligible", " ".join(sentences), {"publication": list(sentences)})
    return found


def _wording(found: Candidate, rule: RecyclingRule | None, text: str | None) -> str | None:
    """The new text, None for the old one. Where a network wants a new one, it has to be new."""
    old = found.publication.text_override or found.post.text
    if text is not None and text.strip() and text.strip() != old.strip():
        if not varying.is_new_enough(found.publication, text):
            raise _too_alike(found)
        return text
    if not varying.is_needed(found.publication, rule):
        return None
    made = varying.vary(found.publication, _next_number(found.publication))
    if made is None:
        raise _too_alike(found)
    return made


def _too_alike(found: Candidate) -> Invalid:
    wants = networks.repeating(found.account.platform).needs_new_text
    message = (
        _("%(network)s refuses posts it has seen. Write another text.")
        % {"network": found.account.network_name}
        if wants
        else _("No other wording was found. Write another text.")
    )
    return Invalid("text_must_change", message, {"text": [message]})


def _next_slot(found: Candidate, now: datetime) -> datetime:
    return queue.next_free_slot(found.account, now) or now + timedelta(minutes=1)


def _next_number(original: Publication) -> int:
    last = RecycledPost.objects.filter(original=original).order_by("-number").first()
    return last.number + 1 if last is not None else 1
