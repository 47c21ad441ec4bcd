"""Writing a test: create, change, delete, and "A/B test this" on a post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.models import (
    ABTest,
    ABTestPublication,
    ABTestState,
    ABTestVariant,
    ABTestVariantMedia,
    Design,
    Metric,
)
from experiments.services.ab_tests import access, checking, content, telling
from socialhub import policies
from socialhub.models import (
    Account,
    AccountStatus,
    MediaAsset,
    Organisation,
    Post,
)
from socialhub.services import history
from socialhub.services.errors import Conflict, Invalid

CHANGEABLE = (ABTestState.DRAFT, ABTestState.IN_REVIEW, ABTestState.APPROVED)
PLAIN_FIELDS = (
    "question",
    "design",
    "split_by",
    "metric",
    "confidence",
    "power",
    "smallest_effect",
    "is_open_ended",
    "language",
    "campaign",
    "first_at",
    "washout_hours",
    "planned_size",
    "ends_at",
    "link",
    "page_slug",
    "is_demo",
)


@dataclass(frozen=True, slots=True)
class VariantData:
    """One variant as a person wrote it; the first one of a test is the control.

    Without a name it is called A, B, C … by its place.
    """

    name: str = ""
    text: str = ""
    link: str = ""
    track_link: bool = False
    media: Sequence[MediaAsset] = ()
    weight: int = 1


@transaction.atomic
def create(
    user: Any,
    *,
    question: str,
    design: str = Design.PAIRED,
    split_by: str = "",
    metric: str = Metric.ENGAGEMENTS,
    accounts: Iterable[Account] = (),
    variants: Sequence[VariantData],
    source_post: Post | None = None,
    **fields: Any,
) -> ABTest:
    """A new draft. Raises Invalid, Forbidden; Conflict when the post is being tested already."""
    policies.require(user, "change_experiment")
    if source_post is not None:
        _require_untested(source_post)
    fields.setdefault("language", Organisation.get().language)
    given = {"question": question, "design": design, "split_by": split_by, "metric": metric}
    test = ABTest(author=user, source_post=source_post)
    _set_plain(test, {**given, **fields})
    history.sign(test, user, "created")
    try:
        with transaction.atomic():
            # It is complete after its variants: only then there is something to remember.
            test.save_without_historical_record()  # type: ignore[attr-defined]
    except IntegrityError as exc:
        raise _taken(test, exc) from exc
    _set_accounts(test, user, accounts)
    _set_variants(test, variants)
    _after_edit(test, user)
    return test


@transaction.atomic
def edit(
    test: ABTest,
    user: Any,
    *,
    version: int | None = None,
    variants: Sequence[VariantData] | None = None,
    accounts: Iterable[Account] | None = None,
    **fields: Any,
) -> ABTest:
    """Change a test that has not started. A changed plan or variant sends it back to draft.

    `version` is the version the person saw; another one raises Conflict. A test that runs or is
    decided is never changed: everything it rests on was fixed at its start.
    """
    policies.require(user, "change_experiment")
    access.require_accounts(user, test)
    test = ABTest.objects.select_for_update().get(pk=test.pk)
    if test.state not in CHANGEABLE:
        raise Conflict(
            "already_started",
            _("This test has started: its plan and variants stay as they are. Stop it to change."),
        )
    if version is not None and version != test.version:
        raise Conflict(
            "stale",
            _("Somebody changed this test since you opened it. Reload, then change it again."),
        )
    before = content.content_hash(test)
    _set_plain(test, fields)
    if accounts is not None:
        _set_accounts(test, user, accounts)
    if variants is not None:
        _set_variants(test, variants)
    _save_edit(test, user, before)
    return test


@transaction.atomic
def delete(test: ABTest, user: Any) -> None:
    """Delete a test that never started; one that has is kept with its evidence."""
    policies.require(user, "change_experiment")
    access.require_accounts(user, test)
    test = ABTest.objects.select_for_update().get(pk=test.pk)
    if test.state not in CHANGEABLE:
        raise Conflict("protected", _("A test that has started is kept with its evidence."))
    telling.settled(test)
    test.delete()


@transaction.atomic
def from_post(post: Post, user: Any, **fields: Any) -> ABTest:
    """ "A/B test this": the post as control, and B as a copy of it for the marketer to change.

    The new posts are the test's own; the post itself stays as it is, and so do its texts for
    single accounts: a variant has one text.
    """
    policies.require(user, "change_experiment")
    policies.require_accounts(user, post)
    on = Account.objects.filter(publications__post=post).exclude(status=AccountStatus.DISABLED)
    items = post.post_media.select_related("media").order_by("position")
    copy = VariantData(
        text=post.text,
        link=post.link,
        track_link=post.track_link,
        media=[item.media for item in items],
    )
    words = " ".join(post.text.split())
    excerpt = words if len(words) <= 80 else f"{words[:79]}…"
    fields.setdefault("question", _("Which does better: “%(post)s” or B?") % {"post": excerpt})
    fields.setdefault("accounts", on.distinct())
    fields.setdefault("variants", [copy, copy])
    fields.setdefault("language", post.language)
    fields.setdefault("campaign", post.campaign)
    fields.setdefault("is_demo", post.is_demo)
    return create(user, source_post=post, **fields)


def open_test_of(post: Post) -> ABTest | None:
    """The test that has this post as control or as one of its own, and is not decided yet."""
    tests = ABTest.objects.exclude(state=ABTestState.DECIDED)
    mine = ABTestPublication.objects.filter(post=post).values("test_id")
    return tests.filter(source_post=post).first() or tests.filter(pk__in=mine).first()


# -- helpers ---------------------------------------------------------------------


def _require_untested(post: Post) -> None:
    if open_test_of(post) is not None:
        raise _already_tested()


def _already_tested() -> Conflict:
    message = _("This post is in a test that is not decided yet. Finish or delete that one first.")
    return Conflict("already_tested", message, {"source_post": [message]})


def _taken(test: ABTest, exc: IntegrityError) -> Exception:
    """Which constraint refused the row: what was asked for at the same moment by another."""
    if test.source_post is not None and open_test_of(test.source_post) is not None:
        return _already_tested()
    if test.page_slug and ABTest.objects.filter(page_slug=test.page_slug).exists():
        message = _("This address is taken.")
        return Conflict("slug_taken", message, {"page_slug": [message]})
    open_ones = ABTest.objects.exclude(state=ABTestState.DECIDED)
    if test.link is not None and open_ones.filter(link=test.link).exists():
        message = _("Another test that is not decided yet has this link.")
        return Conflict("link_taken", message, {"link": [message]})
    return exc


def _set_plain(test: ABTest, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(PLAIN_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(test, name, value)
    test.page_slug = test.page_slug or None
    checking.numbers(test)
    checking.times(test, fields)
    checking.split(test)
    try:
        test.clean_fields(exclude=["author", "campaign", "link", "source_post"])
    except ValidationError as exc:
        found = {name: list(messages) for name, messages in exc.message_dict.items()}
        first = next(iter(found.values()))[0]
        raise Invalid("invalid", str(first), found) from None


def _set_accounts(test: ABTest, user: Any, accounts: Iterable[Account]) -> None:
    chosen = list(accounts)
    if {a.pk for a in chosen} - access.visible_accounts(user, chosen):
        message = _("One of the accounts does not exist.")
        raise Invalid("no_such_account", message, {"accounts": [message]})
    gone = [a for a in chosen if a.status == AccountStatus.DISABLED]
    if gone:
        message = _("%(account)s is disconnected. Connect it again first.") % {"account": gone[0]}
        raise Invalid("account_disabled", message, {"accounts": [message]})
    test.accounts.set(chosen)


def _set_variants(test: ABTest, variants: Sequence[VariantData]) -> None:
    """Bring the rows in line; a variant keeps its row by its place."""
    named = [(_name(one, place), one) for place, one in enumerate(variants)]
    checking.written(test, named)
    ABTestVariant.objects.filter(test=test, position__gte=len(named)).delete()
    # Names may change places, and two rows of one name cannot be there even for a moment.
    for row in ABTestVariant.objects.filter(test=test):
        ABTestVariant.objects.filter(pk=row.pk).update(name=f"#{row.position}")
    for place, (name, one) in enumerate(named):
        row, _made = ABTestVariant.objects.update_or_create(
            test=test,
            position=place,
            defaults={
                "name": name,
                "text": one.text,
                "link": one.link,
                "track_link": one.track_link,
                "weight": one.weight,
            },
        )
        _set_media(row, one.media)


def _name(one: VariantData, place: int) -> str:
    return one.name.strip() or (
        ascii_uppercase[place] if place < len(ascii_uppercase) else str(place + 1)
    )


def _set_media(variant: ABTestVariant, media: Sequence[MediaAsset]) -> None:
    wanted = [asset.pk for asset in media]
    present = variant.variant_media.order_by("position").values_list("media_id", flat=True)
    if wanted == list(present):
        return
    variant.variant_media.all().delete()
    ABTestVariantMedia.objects.bulk_create(
        ABTestVariantMedia(variant=variant, media=asset, position=n)
        for n, asset in enumerate(media, 1)
    )


def _save_edit(test: ABTest, user: Any, before: str) -> None:
    changed = before != content.content_hash(test)
    test.version += 1
    if changed and test.state != ABTestState.DRAFT:
        test.state = ABTestState.DRAFT
        test.approved_by = test.approved_at = None
        telling.settled(test)
    history.sign(test, user, "edited")
    _after_edit(test, user, changed=changed)


def _after_edit(test: ABTest, user: Any, *, changed: bool = True) -> None:
    test.content_hash = content.content_hash(test)
    try:
        with transaction.atomic():
            test.save()
    except IntegrityError as exc:
        raise _taken(test, exc) from exc
    if changed and user is not None:
        test.editors.add(user)
