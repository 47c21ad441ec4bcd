"""Pages and fragments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics.queries import growth, publications
from analytics.services import measuring
from socialhub import money
from socialhub.models import JobRun, Publication
from socialhub.services.errors import ServiceError
from socialhub.views import desk

# The panel refreshes itself while the next reading is as near as this.
SOON = timedelta(minutes=2)


@require_GET
@desk.needs_verb("view_metrics")
def publication_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Latest numbers and readings of one publication, for its page."""
    return _panel(request, _publication(request, pk), _job(request, pk))


@require_POST
@desk.needs_verb("view_metrics")
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a reading; the panel follows it, without HTMX the page shows what came of it."""
    publication, job, refused = _publication(request, pk), None, ""
    try:
        job = measuring.start(request.user, publication)
    except ServiceError as exc:
        refused = exc.message
    if desk.wants_fragment(request):
        return _panel(request, publication, job, refused)
    if refused:
        messages.error(request, refused)
    else:
        messages.success(request, _("The numbers are being read."))
    return redirect("admin:socialhub_publication_change", pk)


def _publication(request: HttpRequest, pk: int) -> Publication:
    user: Any = request.user
    rows = Publication.objects.visible_to(user).select_related("account")
    return get_object_or_404(rows, pk=pk)


def _job(request: HttpRequest, pk: int) -> JobRun | None:
    """The reading this panel follows."""
    try:
        asked = UUID(request.GET.get("job", ""))
    except ValueError:
        return None
    rows = JobRun.objects.filter(owner_id=request.user.pk, kind=measuring.KIND)
    return rows.filter(pk=asked, arguments__publication=pk).first()


def _panel(
    request: HttpRequest, publication: Publication, job: JobRun | None, refused: str = ""
) -> HttpResponse:
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
        job=job if job and job.finished_at is None else None,
        refused=refused or _problem(job),
        **_offer(request, publication),
    )


def _problem(job: JobRun | None) -> str:
    return " ".join(error["message"] for error in job.errors) if job else ""


def _offer(request: HttpRequest, publication: Publication) -> dict[str, Any]:
    """May this person have it read now, and what that costs ("" where it is free)."""
    if not measuring.may(request.user) or measuring.why_not(publication) is not None:
        return {"may_measure": False}
    price = measuring.price(publication, timezone.now())
    return {"may_measure": True, "price": money.dollars(price) if price else ""}
