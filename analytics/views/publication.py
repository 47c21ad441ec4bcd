"""Pages and fragments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from analytics.queries import growth, publications
from socialhub.models import Publication
from socialhub.views import desk

# The panel refreshes itself while the next reading is as near as this.
SOON = timedelta(minutes=2)


@require_GET
@desk.needs_verb("view_metrics")
def publication_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Latest numbers and readings of one publication, for its page."""
    user: Any = request.user
    publication = get_object_or_404(
        Publication.objects.visible_to(user).select_related("account"), pk=pk
    )
    panel = publications.panel(publication)
    following = panel.stats.next_collect_at if panel.stats else None
    young = publication.published_at and panel.stats is None
    soon = following is not None and following - timezone.now() < SOON
    return desk.fragment(
        request,
        "analytics/_publication_panel.html",
        publication=publication,
        panel=panel,
        growth=growth.growth(publication),
        refreshes=bool(young or soon),
    )
