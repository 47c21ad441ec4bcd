"""The bell: notices of this person that are still open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub.models import Notice
from socialhub.services import notices
from socialhub.views import desk

TEMPLATE = "socialhub/notices/list.html"
MOST = 20


def unread(user: Any) -> int:
    """The number on the bell."""
    return notices.open_for(user).count()


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The open notices; the bell's number comes along."""
    return _listing(request)


def _listing(request: HttpRequest) -> HttpResponse:
    rows = notices.open_for(request.user)
    shown = [(notice, notices.describe(notice)) for notice in rows[:MOST]]
    return desk.fragment(request, TEMPLATE, notices=shown, sh_unread=rows.count())


@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody takes care of it: it disappears for everybody."""
    mine = notices.open_for(request.user)
    notice = get_object_or_404(Notice, pk=pk, pk__in=mine.values("pk"))
    desk.attempt(
        request,
        lambda: notices.acknowledge(notice, request.user),
        _("Noted: you take care of it."),
    )
    if not desk.wants_fragment(request):
        return redirect("admin:index")
    return desk.answered(request, _listing(request))
