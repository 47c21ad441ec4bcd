"""Writing a series: create, change, put in another order, delete, archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import (
    IN_FLIGHT,
    Account,
    Organisation,
    Post,
    PublicationStatus,
)
from socialhub.services import history
from socialhub.services.errors import Conflict, Invalid
from threads.models import SeriesStatus, ThreadSeries
from threads.services.series import access, content, materialising, rows, telling, unqueueing
from threads.services.series.data import AccountChoice, PartData

CHANGEABLE = (SeriesStatus.DRAFT, SeriesStatus.IN_REVIEW, SeriesStatus.APPROVED)
PLAIN_FIELDS = (
    "title",
    "topic",
    "language",
    "campaign",
    "due_at",
    "numbering",
    "numbers_first",
    "closing",
    "pace_seconds",
    "made_by",
    "is_demo",
)
NOT_NULL = set(PLAIN_FIELDS) - {"campaign", "due_at"}


@transaction.atomic
def create(
    user: Any,
    *,
    title: str,
    accounts: Iterable[AccountChoice | Account] = (),
    parts: Sequence[PartData] = (),
    **fields: Any,
) -> ThreadSeries:
    """A new draft; its parts have their posts and publications at once.

    `fields` are those of PLAIN_FIELDS; the language is the organisation's unless given.
    """
    policies.require(user, "write_thread")
    given = {name: value for name, value in fields.items() if value is not None}
    given.setdefault("language", Organisation.get().language)
    series = ThreadSeries(author=user)
    _set_plain(series, {"title": title, **given})
    _check_due(series, None)
    # It is complete after its parts: only then there is something to remember.
    series.save_without_historical_record()  # type: ignore[attr-defined]
    rows.set_accounts(series, user, accounts)
    rows.set_parts(series, parts)
    materialising.materialise(series)
    series.content_hash = content.content_hash(series)
    history.sign(series, user, "created")
    series.save()
    _note_editor(series, user)
    return series


@transaction.atomic
def edit(
    series: ThreadSeries,
    user: Any,
    *,
    version: int | None = None,
    parts: Sequence[PartData] | None = None,
    accounts: Iterable[AccountChoice | Account] | None = None,
    **fields: Any,
) -> ThreadSeries:
    """Change a series. What readers would see, and when, needs a new approval.

    `version` is the version the person saw; another one raises Conflict. What is out stays as
    it is, and while a part is on its way nothing is changed.
    """

    def change(row: ThreadSeries) -> tuple[set[int], list[Post]]:
        last_out = _last_is_out(row)
        before = {name: getattr(row, name) for name in ("numbering", "numbers_first", "closing")}
        due_before = row.due_at
        _set_plain(row, fields)
        _check_due(row, due_before)
        _require_same_numbers(row, before, last_out=last_out)
        new = rows.set_accounts(row, user, accounts) if accounts is not None else set()
        gone = rows.set_parts(row, parts) if parts is not None else []
        return new, gone

    return changed(series, user, version, change)


@transaction.atomic
def reorder(
    series: ThreadSeries, user: Any, part_ids: Sequence[int], *, version: int | None = None
) -> ThreadSeries:
    """Another order of the parts, every one named once by its id."""

    def change(row: ThreadSeries) -> tuple[set[int], list[Post]]:
        rows.set_order(row, part_ids)
        return set(), []

    return changed(series, user, version, change)


@transaction.atomic
def delete(series: ThreadSeries, user: Any) -> None:
    """Delete a series of which nothing was ever sent; any other is archived instead."""
    policies.require(user, "write_thread")
    access.require_accounts(user, series)
    series = access.locked(series, *SeriesStatus.values)
    unqueueing.take_off(series, user)
    found = access.rows_of(series)
    never_sent = (PublicationStatus.DRAFT, PublicationStatus.CANCELLED)
    if any(row.status not in never_sent or row.attempts.exists() for row in found):
        raise Conflict("protected", _("Parts of this series were sent. Archive it instead."))
    telling.settled(series)
    posts = [part.post for part in access.parts_of(series) if part.post is not None]
    series.parts.all().delete()
    for row in reversed(found):
        row.delete()
    for post in posts:
        post.delete()
    series.delete()


@transaction.atomic
def archive(series: ThreadSeries, user: Any, *, archived: bool = True) -> ThreadSeries:
    """Out of the lists; refused while something is still to go out."""
    policies.require(user, "write_thread")
    access.require_accounts(user, series)
    series = access.locked(series, *SeriesStatus.values)
    busy = (PublicationStatus.SCHEDULED, *IN_FLIGHT)
    if archived and any(row.status in busy for row in access.rows_of(series)):
        raise Conflict("busy", _("Something is still to go out. Cancel it first, then archive."))
    series.is_archived = archived
    history.sign(series, user, "archived" if archived else "unarchived")
    series.save()
    return series


# -- helpers ---------------------------------------------------------------------------


def changed(
    series: ThreadSeries,
    user: Any,
    version: int | None,
    change: Callable[[ThreadSeries], tuple[set[int], list[Post]]],
) -> ThreadSeries:
    """Do `change` to the locked row, and all that follows from it."""
    policies.require(user, "write_thread")
    access.require_accounts(user, series)
    series = access.locked(series, *CHANGEABLE)
    if version is not None and version != series.version:
        raise Conflict(
            "stale",
            _("Somebody changed this series since you opened it. Reload, then change it again."),
        )
    before = (content.content_hash(series), series.due_at)
    # What is out is known from here on, unless it is on its way: then nothing is changed.
    unqueueing.lock_posts(series)
    on_its_way = access.in_flight(series)
    added, orphans = change(series)
    series.content_hash = content.content_hash(series)
    differs = before != (series.content_hash, series.due_at)
    if differs and on_its_way is not None:
        raise on_its_way
    if differs:
        unqueueing.take_off(series, user, also=orphans)
        access.require_settled(series)
        series.status = SeriesStatus.DRAFT
        series.approved_by = series.approved_at = None
        telling.settled(series)
    materialising.materialise(series, added=added, orphans=orphans)
    series.version += 1
    history.sign(series, user, "edited")
    series.save()
    if differs:
        _note_editor(series, user)
    return series


def _set_plain(series: ThreadSeries, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(PLAIN_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    for name, value in fields.items():
        if value is not None or name not in NOT_NULL:
            setattr(series, name, value)
    series.title = series.title.strip()
    try:
        series.clean_fields(exclude=["author", "campaign"])
    except ValidationError as exc:
        found = {name: list(messages) for name, messages in exc.message_dict.items()}
        first = next(iter(found.values()))[0]
        raise Invalid("invalid", str(first), found) from None


def _check_due(series: ThreadSeries, before: Any) -> None:
    """A time that has passed is no new choice; one that was there may stay."""
    if series.due_at is not None and series.due_at != before and series.due_at < timezone.now():
        message = _("This time has passed. Choose a later one.")
        raise Invalid("due_passed", message, {"due_at": [message]})


def _last_is_out(series: ThreadSeries) -> tuple[bool, bool]:
    """Is any part out, and is the last one, which carries the call to action?"""
    out = rows.out_on(series)
    parts = access.parts_of(series)
    return bool(out), bool(parts) and parts[-1].pk in out


def _require_same_numbers(
    series: ThreadSeries, before: dict[str, Any], *, last_out: tuple[bool, bool]
) -> None:
    any_out, last = last_out
    after = {name: getattr(series, name) for name in before}
    numbers = ("numbering", "numbers_first")
    if any_out and any(after[name] != before[name] for name in numbers):
        raise Conflict("part_out", _("A part is out already, so the numbers stay as they are."))
    if last and after["closing"] != before["closing"]:
        raise Conflict("part_out", _("The last part is out already, so its ending stays."))


def _note_editor(series: ThreadSeries, user: Any) -> None:
    if user is not None:
        series.editors.add(user)
