"""Connecting Odoo and a connection's page: checklist, state, syncs, who may change what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from crm.models import OdooConnection, OdooSyncRun, RunState, SyncKind
from crm.queries import health
from crm.services import checklist, connections
from crm.services.odoo import ownership, runs
from crm.views.connection_form import ChangeForm, ConnectionForm
from socialhub import policies
from socialhub.models import JobRun, JobState
from socialhub.services.errors import ServiceError
from socialhub.views import desk

FOLDER = "crm/odoo"
RUNS = 10
STEPS = {
    "reachable": gettext_lazy("Reachable"),
    "is_odoo": gettext_lazy("Is Odoo"),
    "database": gettext_lazy("Database"),
    "credentials": gettext_lazy("User and key"),
    "apps": gettext_lazy("Apps"),
    "rights": gettext_lazy("Rights"),
    "languages": gettext_lazy("Languages"),
    "key_end": gettext_lazy("End of the key"),
}
TRANSPORTS = {"xmlrpc": "XML-RPC", "json2": "JSON-2"}
OFFERED = (
    SyncKind.ALL,
    SyncKind.EXPORT,
    SyncKind.LEADS,
    SyncKind.REVENUE,
    SyncKind.PRODUCTS,
    SyncKind.SERVICES,
)
RULES = (
    ("odoo", gettext_lazy("Odoo decides; SocialHub only reads")),
    ("both", gettext_lazy("Both may change it; if both did, a person chooses")),
    ("socialhub", gettext_lazy("SocialHub tells it once, with the lead")),
)


# -- pages -------------------------------------------------------------------------------


def add(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Stores what was entered and starts the test at once."""
    if not policies.can(request.user, "connect_odoo"):
        raise PermissionDenied
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = connections.create(request.user, **form.cleaned_data)
            connections.test(row, request.user)
        except ServiceError as exc:
            form.refuse(exc)
        else:
            return redirect("admin:crm_odooconnection_change", row.pk)
    response = desk.page(
        request, f"{FOLDER}/add.html", _("Connect Odoo"), opts=model_admin.opts, form=form
    )
    if form.errors:
        response.status_code = 400
    return response


def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """GET shows it; POST changes what it connects to and tests that."""
    row = _row(request, model_admin, object_id)
    names = (*(n for n in connections.IDENTITY if n != "key"), *connections.OPTIONS)
    form = ChangeForm(initial={name: getattr(row, name) for name in names})
    if request.method == "POST":
        if not policies.can(request.user, "connect_odoo"):
            raise PermissionDenied
        form = ChangeForm(request.POST)
        if form.is_valid() and _changed(request, row, form):
            return redirect("admin:crm_odooconnection_change", row.pk)
    response = desk.page(
        request,
        f"{FOLDER}/page.html",
        _("Odoo connection"),
        subtitle=str(row),
        opts=model_admin.opts,
        original=row,
        form=form,
        runs=_recent(row),
        owners=_owners(),
        offered=[(kind, kind.label) for kind in OFFERED],
        **_standing(request, row),
        **_going(request, row),
    )
    if form.errors:
        response.status_code = 400
    return response


def _changed(request: HttpRequest, row: OdooConnection, form: ChangeForm) -> bool:
    try:
        after = connections.change(row, request.user, **form.cleaned_data)
        if after.tested_at is None:
            connections.test(after, request.user)
    except ServiceError as exc:
        form.refuse(exc)
        return False
    messages.success(request, _("Saved."))
    return True


@require_GET
def live(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """State and checklist; asks again every second while the test runs."""
    row = _row(request, model_admin, str(pk))
    return desk.fragment(request, f"{FOLDER}/page.html#live", **_standing(request, row))


@require_GET
def going(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The run under way and the last ones."""
    row = _row(request, model_admin, str(pk))
    context = {"runs": _recent(row), **_going(request, row)}
    return desk.fragment(request, f"{FOLDER}/page.html#going", connection=row, **context)


@require_POST
def sync(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Start a run of a kind now."""
    row = _row(request, model_admin, str(pk))
    kind = request.POST.get("kind", "")
    if kind not in SyncKind.values:
        raise Http404
    desk.attempt(request, lambda: runs.start(row, kind, request.user))
    if not desk.wants_fragment(request):
        return redirect("admin:crm_odooconnection_change", pk)
    context = {"runs": _recent(row), **_going(request, row)}
    response = desk.fragment(request, f"{FOLDER}/page.html#going", connection=row, **context)
    return desk.answered(request, response)


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    row = _row(request, model_admin, str(pk))
    if verb not in VERBS:
        raise Http404
    call, done = VERBS[verb]
    desk.attempt(request, lambda: call(row, request), done)
    if verb == "test" and desk.wants_fragment(request):
        row.refresh_from_db()
        response = desk.fragment(request, f"{FOLDER}/page.html#live", **_standing(request, row))
        return desk.answered(request, response)
    return redirect("admin:crm_odooconnection_change", pk)


def _moved(row: OdooConnection, request: HttpRequest) -> None:
    """The address that the checklist offers, then the test again."""
    offered = [check.get("url") for check in row.checks if check.get("url")]
    if offered:
        connections.change(row, request.user, url=offered[0])
        connections.test(row, request.user)


VERBS: dict[str, tuple[Callable[[OdooConnection, HttpRequest], object], Any]] = {
    "test": (lambda row, request: connections.test(row, request.user), ""),
    "activate": (
        lambda row, request: connections.activate(row, request.user),
        gettext_lazy("In use."),
    ),
    "set-aside": (
        lambda row, request: connections.set_aside(row, request.user),
        gettext_lazy("Set aside: nothing is exchanged with it any more."),
    ),
    "resume": (
        lambda row, request: connections.resume(row, request.user),
        gettext_lazy("It goes on."),
    ),
    "address": (_moved, ""),
}


# -- what they show ------------------------------------------------------------------------


def _row(request: HttpRequest, model_admin: Any, object_id: str) -> OdooConnection:
    if not policies.can(request.user, "view_sync"):
        raise PermissionDenied
    row: OdooConnection | None = model_admin.get_object(request, object_id)
    if row is None:
        raise Http404
    return row


def _standing(request: HttpRequest, row: OdooConnection) -> dict[str, Any]:
    job = JobRun.objects.filter(kind="odoo_test", arguments__connection=row.pk).first()
    testing = job is not None and job.state in (JobState.QUEUED, JobState.RUNNING)
    found = health.health(row, timezone.now())
    return {
        "connection": row,
        "job": job,
        "is_testing": testing,
        "is_queued": testing and job is not None and job.state == JobState.QUEUED,
        "checks": _checks(row, job if testing else None),
        "headline": _headline(row, found, testing=testing),
        "health": found,
        "may_connect": policies.can(request.user, "connect_odoo"),
        "may_sync": policies.can(request.user, "sync_odoo"),
    }


def _checks(row: OdooConnection, job: JobRun | None) -> list[dict[str, Any]]:
    """The steps with their names; before a test begins all of them wait."""
    stored = {check["code"]: check for check in row.checks}
    if job is not None and job.state == JobState.QUEUED:
        stored = {}
    waiting = {"state": checklist.WAITING, "message": "", "remedy": "", "url": ""}
    if not row.checks and job is None:
        return []
    return [{**waiting, **stored.get(code, {}), "label": name} for code, name in STEPS.items()]


def _headline(row: OdooConnection, found: health.Health, *, testing: bool) -> str:
    """One line: version, transport, state, last sync, key."""
    if testing:
        return _("SocialHub is trying it out.")
    if row.state != "ready" or not row.is_active:
        return found.sentences[0] if row.is_active else _("This connection is set aside.")
    parts = [
        f"Odoo {row.version}, {TRANSPORTS.get(row.transport, row.transport)}",
        _last_sync(found),
        _key(row, found),
    ]
    return "; ".join(part for part in parts if part) + "."


def _last_sync(found: health.Health) -> str:
    times = [kind.succeeded_at for kind in found.kinds if kind.succeeded_at]
    if not times:
        return _("never synced")
    last = max(times)
    if (timezone.now() - last).total_seconds() < 60:
        return _("last sync just now")
    return _("last sync %(time)s ago") % {"time": timesince(last, depth=1)}


def _key(row: OdooConnection, found: health.Health) -> str:
    days = found.key_days
    if days is None:
        # Before 18 keys have none.
        ends = row.version[:2].isdecimal() and int(row.version[:2]) >= 18
        return _("no end of the key is known") if ends else _("the key has no end")
    if days < 0:
        return _("the key has ended")
    return ngettext("the key ends in %(n)s day", "the key ends in %(n)s days", days) % {"n": days}


def _going(request: HttpRequest, row: OdooConnection) -> dict[str, Any]:
    found = health.health(row, timezone.now())
    return {"run": found.going, "is_waiting": found.resting_until is not None}


def _recent(row: OdooConnection) -> list[OdooSyncRun]:
    return list(
        row.runs.filter(state__in=(RunState.DONE, RunState.INTERRUPTED, RunState.FAILED))
        .select_related("started_by")
        .order_by("-asked_at", "-pk")[:RUNS]
    )


def _owners() -> list[tuple[Any, list[str]]]:
    return [
        (
            words,
            [str(one.label) for one in ownership.OWNERS.values() if one.rule == rule],
        )
        for rule, words in RULES
    ]
