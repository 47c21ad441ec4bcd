"""Explicit history of people's verbs: `update()` leaves no trace by itself."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from socialhub.models import Publication, PublicationAttempt, PublicationEvent


def sign(instance: Any, user: Any, reason: str) -> None:
    """Name who saves `instance` next and why; the saving itself writes the history row."""
    instance._history_user = user
    instance._change_reason = reason


def record(instance: models.Model, user: Any, reason: str) -> None:
    """Write a history row of `instance` as it stands in the database now."""
    instance.refresh_from_db()
    manager = type(instance).history  # type: ignore[attr-defined]
    fields = {
        field.attname: getattr(instance, field.attname) for field in manager.model.tracked_fields
    }
    manager.model.objects.create(
        history_date=timezone.now(),
        history_type="~",
        history_user=user,
        history_change_reason=reason,
        **fields,
    )


def event(
    publication: Publication | int,
    code: str,
    *,
    actor: Any = None,
    attempt: PublicationAttempt | None = None,
    detail: str = "",
) -> None:
    """Add one line to the life of a publication."""
    PublicationEvent.objects.create(
        publication_id=publication if isinstance(publication, int) else publication.pk,
        at=timezone.now(),
        code=code,
        actor=actor,
        attempt=attempt,
        detail=detail[:2000],
    )
