"""Numbers recorded by a person or a program, where a network does not give them to us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.definitions import MOST
from analytics.models import PostMetrics, PublicationStats
from analytics.services import accounting, activity, rollups, tracking, writing
from socialhub import policies
from socialhub.models import Publication, PublicationStatus
from socialhub.platforms.base import COUNTERS
from socialhub.services.errors import Conflict, Invalid


@transaction.atomic
def record(
    user: Any,
    publication: Publication,
    counters: Mapping[str, int | None],
    collected_at: datetime | None = None,
) -> PostMetrics:
    """Keep a reading; it becomes the latest one unless a newer is known.

    Only the counters given change: the snapshot holds the others as they were known at that
    moment. Counters may fall, networks correct themselves. Raises Forbidden, Invalid, or
    Conflict when there is a reading of that very moment.
    """
    policies.require(user, "record_metrics")
    at = collected_at or timezone.now()
    given = {name: value for name, value in counters.items() if value is not None}
    _require_sense(publication, given, at)
    tracking.ensure_stats([publication.pk])
    row = PublicationStats.objects.select_for_update().get(pk=publication.pk)
    try:
        with transaction.atomic():
            if row.metrics_at is None or at >= row.metrics_at:
                _record_latest(row, given, at)
            else:
                _record_older(row, given, at)
    except IntegrityError:
        raise Conflict("reading_exists", _("There is a reading of this moment already.")) from None
    return PostMetrics.objects.select_related("publication__account").get(
        publication=publication, collected_at=at
    )


def _record_latest(row: PublicationStats, given: Mapping[str, int], at: datetime) -> None:
    accounting.note(row.account_id, at, readings=1)
    with rollups.booked([row.pk], at):
        for name, value in given.items():
            setattr(row, name, value)
        row.metrics_at = at
        row.save(update_fields=[*given, "metrics_at"])
        with connection.cursor() as cursor:
            writing.keep_snapshots(cursor, [row.pk], at, is_manual=True)


def _record_older(row: PublicationStats, given: Mapping[str, int], at: datetime) -> None:
    """Into the history: part of what was booked with the next snapshot happened by `at`."""
    history = PostMetrics.objects.filter(publication=row.pk)
    before = history.filter(collected_at__lt=at).order_by("-collected_at").first()
    known = before.counters() if before else {}
    one = PostMetrics(publication_id=row.pk, collected_at=at, is_manual=True, **{**known, **given})
    one.save(force_insert=True)
    after = history.filter(collected_at__gt=at).order_by("collected_at").first()
    if after is None and one.counters() != row.counters():
        # Readings that changed nothing left no snapshot; now the newest would not be the latest.
        after = PostMetrics(publication_id=row.pk, collected_at=row.metrics_at, **row.counters())
        after.save(force_insert=True)
    activity.rebook(row, before, one, after)


def _require_sense(publication: Publication, given: Mapping[str, int], at: datetime) -> None:
    fields: dict[str, list[str]] = {}
    for name, value in given.items():
        if name not in COUNTERS:
            fields[name] = [_("There is no such counter.")]
        elif not 0 <= value <= MOST[name]:
            fields[name] = [_("Enter a whole number from 0 to %(most)s.") % {"most": MOST[name]}]
    if not given:
        fields["non_field_errors"] = [_("Give at least one counter.")]
    published_at = publication.published_at
    if publication.status != PublicationStatus.PUBLISHED or published_at is None:
        fields["publication"] = [_("This publication is not published.")]
    elif at < published_at:
        fields["collected_at"] = [_("This is before the publication went out.")]
    if at > timezone.now():
        fields["collected_at"] = [_("This is in the future.")]
    if fields:
        message = " ".join(sentence for found in fields.values() for sentence in found)
        raise Invalid("invalid", message, fields)
