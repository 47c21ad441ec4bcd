"""The calendar page and moving a publication on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub import policies
from socialhub.models import Account, AccountStatus, Campaign, Publication
from socialhub.queries import calendar as queries
from socialhub.services import publishing, queue
from socialhub.services.errors import Invalid
from socialhub.views import desk

TEMPLATE = "socialhub/calendar/calendar.html"


@require_GET
@desk.needs_verb("view")
def show(request: HttpRequest) -> HttpResponse:
    context = _context(request, request.GET)
    if desk.wants_fragment(request):
        return desk.fragment(request, f"{TEMPLATE}#calendar", **context)
    return desk.page(request, TEMPLATE, _("Calendar"), **context)


@require_POST
@desk.needs_verb("schedule_post")
def move(request: HttpRequest) -> HttpResponse:
    """Another time for one publication. The answer is the calendar as it really is now."""
    rows = Publication.objects.visible_to(request.user).for_list()
    pk = request.POST.get("publication", "")
    publication = get_object_or_404(rows, pk=pk if pk.isdigit() else None)
    desk.attempt(request, lambda: _move(request, publication, request.POST.get("to", "")))
    if not desk.wants_fragment(request):
        return redirect("admin:calendar")
    context = _context(request, request.POST)
    return desk.answered(request, desk.fragment(request, f"{TEMPLATE}#calendar", **context))


def _move(request: HttpRequest, publication: Publication, to: str) -> None:
    try:
        local = datetime.strptime(to, "%Y-%m-%dT%H:%M")
    except ValueError:
        raise Invalid("no_time", _("This is not a date and time.")) from None
    at = queue.local_datetime(local)
    changed = publishing.reschedule(publication, request.user, at)
    if changed.due_at != at:
        messages.info(request, _("It is being sent right now. SocialHub was asked to stop it."))
        return
    shown = formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
    messages.success(request, _("Moved to %(time)s.") % {"time": shown})


def _context(request: HttpRequest, asked: Mapping[str, str]) -> dict[str, Any]:
    user = request.user
    found = queries.calendar(user, asked, may_move=policies.can(user, "schedule_post"))
    window = found.window
    accounts = Account.objects.visible_to(user).exclude(status=AccountStatus.DISABLED)
    return {
        "calendar": found,
        "window": window,
        "accounts": accounts,
        "campaigns": Campaign.objects.filter(is_archived=False),
        "may_move": policies.can(user, "schedule_post"),
        "new_post": reverse("admin:socialhub_post_add") if policies.can(user, "write_post") else "",
        "links": {
            "before": _link(window, date=window.before),
            "after": _link(window, date=window.after),
            "today": _link(window, date=found.today),
            **{view: _link(window, view=view) for view in queries.VIEWS},
        },
        "now": timezone.localtime(),
    }


def _link(window: queries.Window, **changes: Any) -> str:
    asked = {
        "view": window.view,
        "date": window.day,
        "account": window.account,
        "campaign": window.campaign,
        **changes,
    }
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
