"""What other programs are told, and with which words. Payloads are made when somebody listens.

No secrets, and of people only the id and address of their lead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from socialhub.models import Organisation, Publication
from socialhub.services import webhooks

JSON = dict[str, Any]

PUBLISHED = "publication.published"
FAILED = "publication.failed"
UNKNOWN = "publication.unknown"
MISSED = "publication.missed"
LEAD_CREATED = "lead.created"
REPORT_READY = "report.ready"
# In the order a person chooses from.
EVENTS = (PUBLISHED, FAILED, UNKNOWN, MISSED, LEAD_CREATED, REPORT_READY)


def of_publication(event: str, publication_id: int) -> int:
    """Tell of a publication as it is now, in the caller's transaction."""
    return webhooks.emit(event, lambda: _publication(publication_id))


def _publication(publication_id: int) -> JSON:
    from socialhub.services.publishing import sentences

    rows = Publication.objects.select_related("account", "post")
    row = rows.get(pk=publication_id)
    with translation.override(Organisation.get().language):
        message = sentences.explain(row)
    return {
        "publication": row.pk,
        "post": row.post_id,
        "platform": row.account.platform,
        "account": {"id": row.account_id, "handle": row.account.handle},
        "status": row.status,
        "is_answer": row.answers_id is not None,
        "due_at": _moment(row.due_at),
        "published_at": _moment(row.published_at),
        "remote_id": row.remote_id,
        "permalink": row.permalink,
        "code": row.error_code,
        "message": message,
        "url": address("admin:socialhub_publication_change", row.pk),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def address(name: str, pk: Any) -> str:
    """Where a person sees it; "" when this installation has no such page."""
    try:
        return settings.PUBLIC_URL + reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
