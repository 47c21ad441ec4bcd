"""The posts and publications of a series, kept in step with its parts.

Every part has its post, and every account of the series a publication of it, from the first
save on. `materialise` is the only place that makes them, and doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from socialhub.models import (
    FINISHED,
    IN_FLIGHT,
    ContentType,
    FollowsAs,
    Post,
    Publication,
    PublicationStatus,
)
from socialhub.services import drafts, posts, publishing
from socialhub.services.errors import Conflict
from threads.models import Mode, ThreadAccount, ThreadPost, ThreadSeries
from threads.services.series import access, composing, content

FOLLOWS = {
    Mode.CHAIN: FollowsAs.REPLY,
    Mode.COMMENTS: FollowsAs.COMMENT,
    Mode.NUMBERED: FollowsAs.ALONE,
}


def materialise(
    series: ThreadSeries, *, added: Iterable[int] = (), orphans: Iterable[Post] = ()
) -> None:
    """Bring posts and publications in line. The caller holds the series' lock.

    `added` are accounts that came (back) with this change: what was cancelled there is made
    anew. `orphans` are posts of parts that are gone.
    """
    parts = access.parts_of(series)
    rows = _rows_by_part(series)
    out = {part for part, _account in _with(rows, PublicationStatus.PUBLISHED)}
    texts = _texts(series, Mode.CHAIN, [part.text for part in parts])
    for part, text in zip(parts, texts, strict=True):
        _keep_post(series, part, text, is_out=part.pk in out)
    touched: set[int] = set()
    accounts = access.accounts_of(series)
    for one in accounts:
        touched |= _keep_chain(series, one, parts, rows, again=one.account_id in set(added))
    left = {one.account_id for one in accounts}
    for row in reversed(access.rows_of(series)):
        if row.account_id not in left:
            _remove(row)
    for post in orphans:
        remove_post(post)
    for post in Post.objects.filter(pk__in=touched):
        Post.objects.filter(pk=post.pk).update(content_hash=drafts.content_hash(post))


def due_of(series: ThreadSeries, step: int) -> datetime | None:
    """When the part `step` places after the first one is due."""
    if series.due_at is None:
        return None
    return series.due_at + timedelta(seconds=step * series.pace_seconds)


def remove_post(post: Post) -> None:
    """The post of a part that is gone: away, or kept out of sight with what was tried."""
    for row in post.publications.all():
        _remove(row)
    if post.publications.exists():
        Post.objects.filter(pk=post.pk).update(is_archived=True)
    else:
        post.delete()


# -- helpers ---------------------------------------------------------------------------

Rows = dict[tuple[int, int], Publication]


def _rows_by_part(series: ThreadSeries) -> Rows:
    """(part, account) → its newest publication."""
    return {(access.part_of(row).pk, row.account_id): row for row in access.rows_of(series)}


def _with(rows: Rows, status: str) -> list[tuple[int, int]]:
    return [place for place, row in rows.items() if row.status == status]


def _texts(series: ThreadSeries, mode: str, texts: Sequence[str]) -> list[str]:
    return composing.texts_of(
        texts,
        mode=mode,
        numbering=series.numbering,
        numbers_first=series.numbers_first,
        closing=series.closing,
    )


def _keep_post(series: ThreadSeries, part: ThreadPost, text: str, *, is_out: bool) -> None:
    wanted: dict[str, Any] = {
        "text": text,
        "link": part.link,
        "track_link": part.track_link,
        "language": series.language,
        "campaign": series.campaign,
        "content_type": ContentType.THREAD,
    }
    media = content.media_of(part)
    if part.post is None:
        part.post = posts.create(None, media=media, **wanted)
        part.post.author, part.post.is_demo = series.author, series.is_demo
        Post.objects.filter(pk=part.post.pk).update(author=series.author, is_demo=series.is_demo)
        ThreadPost.objects.filter(pk=part.pk).update(post=part.post)
    elif not is_out and _differs(part.post, wanted, [one.pk for one in media]):
        part.post = posts.edit(part.post, None, media=media, **wanted)
    elif part.post.campaign_id != series.campaign_id:
        # Not what readers see, so a part that is out follows too.
        Post.objects.filter(pk=part.post.pk).update(campaign=series.campaign)
    if part.post.planned_at != series.due_at:
        Post.objects.filter(pk=part.post.pk).update(planned_at=series.due_at)


def _differs(post: Post, wanted: dict[str, Any], media: Sequence[int]) -> bool:
    if any(getattr(post, name) != value for name, value in wanted.items()):
        return True
    present = post.post_media.order_by("position").values_list("media_id", flat=True)
    return list(present) != list(media)


def _keep_chain(
    series: ThreadSeries,
    one: ThreadAccount,
    parts: Sequence[ThreadPost],
    rows: Rows,
    *,
    again: bool,
) -> set[int]:
    """The publications of one account, each hanging on the one before. Posts it touched."""
    key, touched = str(one.account_id), set()
    texts = _texts(series, one.mode, [part.overrides.get(key) or part.text for part in parts])
    chain: list[Publication] = []
    for step, (part, text) in enumerate(zip(parts, texts, strict=True)):
        assert part.post is not None
        row = rows.get((part.pk, one.account_id))
        if row is None or (again and row.status == PublicationStatus.CANCELLED):
            row = Publication(post=part.post, account=one.account)
            if chain and chain[-1].status == PublicationStatus.CANCELLED:
                # The chain ends before: this part would wait for ever.
                row.status = PublicationStatus.CANCELLED
        if row.status not in FINISHED or row._state.adding:
            wanted: dict[str, Any] = {
                "text_override": "" if text == part.post.text else text,
                "parent_id": chain[-1].pk if chain else None,
                "root_id": chain[0].pk if chain else None,
                "follows_as": FOLLOWS[Mode(one.mode)] if chain else FollowsAs.REPLY,
                "pace_seconds": series.pace_seconds,
            }
            if row.status == PublicationStatus.DRAFT:
                wanted["due_at"] = due_of(series, step)
            if _store(row, wanted):
                touched.add(part.post.pk)
        chain.append(row)
    return touched


def _store(row: Publication, wanted: dict[str, Any]) -> bool:
    """True when something was written."""
    changes = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    if row._state.adding:
        row.save()
    elif changes:
        Publication.objects.filter(pk=row.pk).update(**changes)
    return bool(changes)


def _remove(row: Publication) -> None:
    """A draft that never went anywhere vanishes; anything with a history is cancelled."""
    if row.status == PublicationStatus.DRAFT and not row.attempts.exists():
        hanging = Publication.objects.filter(Q(parent=row) | Q(root=row))
        hanging.update(parent=None, root=None)
        row.delete()
    elif row.status in IN_FLIGHT:
        message = _("A part is being published on %(account)s right now. Wait a moment.")
        raise Conflict("in_flight", message % {"account": row.account})
    elif row.status not in FINISHED:
        publishing.cancel(row, None)
