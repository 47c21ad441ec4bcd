"""Series in lists: their counts, marks on publications of parts, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import FINISHED, Organisation, Publication, PublicationStatus
from socialhub.queries.needs import MOST, Need, Step
from socialhub.registries import Mark
from threads.models import SeriesState, SeriesStatus, ThreadPost, ThreadSeries

CHANGE = "admin:threads_threadseries_change"


def for_list(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With its state, and as n_parts, n_rows and n_out how many parts and publications it has."""
    parts = ThreadPost.objects.filter(series=OuterRef("pk"))
    sent = Publication.objects.filter(post__thread_part__series=OuterRef("pk")).exclude(
        status=PublicationStatus.CANCELLED
    )
    return (
        rows.with_state()
        .select_related("author", "campaign")
        .prefetch_related("accounts")
        .annotate(
            n_parts=_count(parts, "series"),
            n_rows=_count(sent, "post__thread_part__series"),
            n_out=_count(
                sent.filter(status=PublicationStatus.PUBLISHED), "post__thread_part__series"
            ),
        )
    )


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def marks(user: Any, ids: Sequence[int]) -> dict[int, Mark]:
    """Publications that are a part of a series."""
    if not policies.can(user, "view_threads"):
        return {}
    rows = Publication.objects.filter(
        pk__in=ids, post__thread_part__series__in=ThreadSeries.objects.visible_to(user)
    ).annotate(
        series=F("post__thread_part__series"),
        title=F("post__thread_part__series__title"),
        position=F("post__thread_part__position"),
        total=_count(
            ThreadPost.objects.filter(series=OuterRef("post__thread_part__series")), "series"
        ),
    )
    return {
        pk: Mark(
            "series",
            "account_tree",
            _("part %(position)s of %(total)s of “%(title)s”")
            % {"position": position, "total": total, "title": title},
            reverse(CHANGE, args=[series]),
        )
        for pk, series, title, position, total in rows.values_list(
            "pk", "series", "title", "position", "total"
        )
    }


# -- Today ------------------------------------------------------------------------------


def needs(user: Any, now: datetime) -> tuple[list[Need], int]:
    """Series to approve, to change, and such as stopped in the middle."""
    if not policies.can(user, "view_threads"):
        return [], 0
    seen = ThreadSeries.objects.visible_to(user).filter(is_archived=False)
    found: list[Need] = []
    more = 0
    for rows, make in (
        (_stopped(seen), _partial),
        (_to_approve(user, seen), _approval),
        (_to_change(user, seen), _change),
    ):
        shown = list(rows[: MOST * 4])
        found += [make(row, user) for row in shown[:MOST]]
        more += max(0, len(shown) - MOST)
    return found, more


def _stopped(seen: QuerySet[Any]) -> QuerySet[Any]:
    """Such as go on when somebody does something: not those of which the rest is cancelled."""
    rows = Publication.objects.filter(post__thread_part__series=OuterRef("pk"))
    stopped = seen.exclude(status=SeriesStatus.CANCELLED).filter(
        Exists(rows.filter(status=PublicationStatus.PUBLISHED)),
        Exists(rows.exclude(status__in=FINISHED)),
    )
    return for_list(stopped).filter(state_now=SeriesState.PARTIAL).order_by("due_at", "pk")


def _to_approve(user: Any, seen: QuerySet[Any]) -> QuerySet[Any]:
    rows = seen.filter(status=SeriesStatus.IN_REVIEW)
    if policies.can(user, "approve_post") and not Organisation.get().self_approval:
        # Who edited it may not approve it, so it does not wait for them.
        rows = rows.exclude(editors=user)
    return rows.select_related("author").order_by("due_at", "pk")


def _to_change(user: Any, seen: QuerySet[Any]) -> QuerySet[Any]:
    rows = seen.filter(status=SeriesStatus.DRAFT, author=user).exclude(review_comment="")
    return rows.order_by("updated_at", "pk")


def _partial(row: Any, user: Any) -> Need:
    text = _("%(out)s of %(total)s parts are out; the others do not follow by themselves.")
    able = policies.can(user, "schedule_post") or policies.can(user, "write_thread")
    return _need(
        row,
        "warning",
        _("partly published"),
        text % {"out": row.n_out, "total": row.n_rows},
        Step(_("Look and resume"), url=_page(row)) if able else None,
    )


def _approval(row: Any, user: Any) -> Need:
    text = _("%(author)s handed the series in. Read it, then approve it or ask for changes.")
    able = policies.can(user, "approve_post")
    return _need(
        row,
        "in_review",
        _("to approve"),
        text % {"author": row.author or _("Somebody")},
        Step(_("Read and approve"), url=_page(row)) if able else None,
    )


def _change(row: Any, user: Any) -> Need:
    step = Step(_("Change it"), url=_page(row))
    return _need(row, "changes_requested", _("changes requested"), row.review_comment, step)


def _need(row: Any, state: str, word: str, text: str, step: Step | None) -> Need:
    return Need(
        key=f"series-{row.pk}",
        state=state,
        word=word,
        title=row.title,
        text=text,
        url=_page(row),
        since=row.due_at,
        pk=row.pk,
        step=step,
    )


def _page(row: Any) -> str:
    return reverse(CHANGE, args=[row.pk])
