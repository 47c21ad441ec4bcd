"""Telling those who may approve that a series waits for them."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from socialhub.models import NoticeKind
from socialhub.registries import NoticeSource, NoticeText
from socialhub.services import notices
from threads.models import SeriesStatus, ThreadSeries

SOURCE_NAME = "threads-review"


def waits(series: ThreadSeries) -> None:
    """Somebody handed it in."""
    notices.open_notice(NoticeKind.TASK, f"{SOURCE_NAME}:{series.pk}:{series.version}")


def settled(series: ThreadSeries) -> None:
    """It was approved, sent back, taken back, changed or deleted."""
    notices.resolve(f"{SOURCE_NAME}:{series.pk}:")


def path_of(series_id: int) -> str:
    """The page of a series."""
    try:
        return reverse("admin:threads_threadseries_change", args=[series_id])
    except NoReverseMatch:
        # An installation may hide a page; the notice must go out all the same.
        return reverse("admin:index")


def describe(incident: str) -> NoticeText | None:
    """The notice in the active language; None when the series does not wait any more."""
    pk = incident.split(":")[1]
    series = ThreadSeries.objects.filter(pk=pk, status=SeriesStatus.IN_REVIEW).first()
    if series is None:
        return None
    return NoticeText(
        title=_("A thread series waits for your approval"),
        what=series.title,
        todo=_("Open the series: approve all its parts, or ask for changes."),
        path=path_of(series.pk),
    )


SOURCE = NoticeSource(describe=describe, verb=lambda incident: "approve_post")
