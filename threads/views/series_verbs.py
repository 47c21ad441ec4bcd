"""What each button does to a stored series; each returns what to tell the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub.models import Account
from socialhub.views.composing import Typed
from threads.models import SeriesState, ThreadSeries
from threads.services import series
from threads.views import series_typed as forms

AT_ONCE = timedelta(seconds=5)


def _save(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    return _("Saved.")


def _submit(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.submit(row, request.user)
    return _("Handed in for approval.")


def _approve(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    # "Now" is a time like any other for whoever approves; a moment ahead, so that it is valid.
    at = timezone.now() + AT_ONCE if typed.when == "now" else forms.due_at(typed, row)
    # The stored time may have passed when some of it is out already: then the rest follows now.
    series.approve(row, request.user, due_at=None if at == row.due_at else at)
    if ThreadSeries.objects.get(pk=row.pk).state == SeriesState.APPROVED:
        return _("Approved. It goes out when somebody gives it a time.")
    return _("Approved and scheduled.")


def _request_changes(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.request_changes(row, request.user, typed.comment)
    return _("Sent back with your comment.")


def _withdraw(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.withdraw(row, request.user)
    return _("It is a draft again; nothing of it goes out.")


def _schedule(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    at = typed.due_at()
    series.schedule(row, request.user, due_at=at)
    return _("Scheduled.") if at else _("It goes out now.")


def _resume(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    pk = request.POST.get("account", "")
    account = None
    if pk:
        rows = Account.objects.visible_to(request.user).filter(thread_series=row)
        account = get_object_or_404(rows, pk=int(pk) if forms.ID.match(pk) else 0)
    resumed = series.resume(row, request.user, account=account)
    n = len(resumed)
    return ngettext("It goes on: %(n)s part.", "It goes on: %(n)s parts.", n) % {"n": n}


def _cancel(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.cancel(row, request.user)
    return _("Cancelled. What is out stays out; nothing more of it goes out.")


def _archive(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.archive(row, request.user)
    return _("Archived.")


def _unarchive(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.archive(row, request.user, archived=False)
    return _("Back in the list.")


def _delete(request: HttpRequest, row: ThreadSeries, typed: Typed) -> str:
    series.delete(row, request.user)
    return _("The draft is deleted.")


Verb = Callable[[HttpRequest, ThreadSeries, Typed], str]

OF_THE_EDITOR: dict[str, Verb] = {
    "save": _save,
    "submit": _submit,
    "approve": _approve,
    "request_changes": _request_changes,
    "withdraw": _withdraw,
    "archive": _archive,
    "delete": _delete,
}
# These act on the series as it is stored; what is typed is kept or refused, never dropped.
WITHOUT_SAVING = ("request_changes", "withdraw", "archive", "delete")

OF_THE_PAGE: dict[str, Verb] = {
    "approve": _approve,
    "schedule": _schedule,
    "resume": _resume,
    "cancel": _cancel,
    "unarchive": _unarchive,
    "withdraw": _withdraw,
    "archive": _archive,
    "submit": _submit,
    "delete": _delete,
}
