"""Reading a report, making one, sending it and taking it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient, ReportType
from analytics.services.reports import (
    delivering,
    document,
    files,
    html,
    making,
    pdf,
    periods,
)
from analytics.services.reports import scopes as report_scopes
from socialhub import policies
from socialhub.models import DeliveryState, JobRun, Organisation
from socialhub.services.errors import ServiceError
from socialhub.views import desk

TEMPLATES = "analytics/report"
MOVING = (DeliveryState.QUEUED, DeliveryState.SENDING)
UNSENT = (DeliveryState.FAILED, DeliveryState.DROPPED)


class GenerateForm(forms.Form):
    """Which report; the service says what of it is impossible."""

    report_type = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[
            (ReportType.WEEKLY, gettext_lazy("a week, Monday to Sunday")),
            (ReportType.MONTHLY, gettext_lazy("a month")),
            (ReportType.CUSTOM, gettext_lazy("any period")),
        ],
    )
    period_start = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    period_end = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("For any period only; a week and a month know their end."),
    )
    scope = forms.ChoiceField(label=gettext_lazy("Covers"), required=False)
    force = forms.BooleanField(
        label=gettext_lazy("Make it again even if there is one"),
        required=False,
        help_text=gettext_lazy(
            "It becomes a new revision with the numbers of now. The earlier one stays."
        ),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = report_scopes.choices(user)  # type: ignore[attr-defined]
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "sh-input"


# -- making ----------------------------------------------------------------------------------


def generate(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """The form, and what it makes."""
    if not policies.can(request.user, "generate_report"):
        raise PermissionDenied
    week = periods.last_week(timezone.localdate(timezone=Organisation.get().zone))
    form = GenerateForm(
        request.POST or None, user=request.user, initial={"period_start": week.first}
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            report, created = making.make(
                given["report_type"],
                given["period_start"],
                given["period_end"],
                scope=given["scope"],
                force=given["force"],
                user=request.user,
            )
        except ServiceError as exc:
            for name in exc.fields or {None: None}:
                form.add_error(name, exc.message)
        else:
            if not created:
                messages.info(request, _("This report was made before. It is unchanged."))
            return redirect("admin:analytics_analyticsreport_change", report.pk)
    title = _("Make a report")
    return desk.page(request, f"{TEMPLATES}/generate.html", title, opts=model_admin.opts, form=form)


@require_POST
def again(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Another revision with the numbers of now."""
    report = _visible(request, model_admin, pk)
    try:
        report = making.again(report, request.user)
    except ServiceError as exc:
        messages.error(request, exc.message)
    else:
        done = _("Made again with the numbers of now: revision %(number)s.")
        messages.success(request, done % {"number": report.revision})
    return redirect("admin:analytics_analyticsreport_change", report.pk)


# -- reading ---------------------------------------------------------------------------------


@require_GET
def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """The report as a letter, and beside it who got it."""
    report = _visible(request, model_admin, object_id)
    made = document.build(report, get_language() or "")
    return desk.page(
        request,
        f"{TEMPLATES}/page.html",
        f"{made.title}: {made.period}",
        opts=model_admin.opts,
        original=report,
        kinds=files.FORMATS,
        newer=_newer(report),
        job=_own_job(request, report, request.GET.get("job", "")),
        may_generate=policies.can(request.user, "generate_report"),
        **html.context(made),
        **_sending(request, report),
    )


def standing(request: HttpRequest) -> dict[str, Any]:
    """What the list says above its rows."""
    return {
        "recipients": ReportRecipient.objects.filter(is_active=True).count(),
        "failed": ReportDelivery.objects.filter(
            state=DeliveryState.FAILED,
            report__in=AnalyticsReport.objects.visible_to(request.user).values("pk"),
        ).count(),
        "may_manage": policies.can(request.user, "manage_recipients"),
    }


def _newer(report: AnalyticsReport) -> AnalyticsReport | None:
    rows = making.siblings(report).filter(revision__gt=report.revision)
    return rows.order_by("-revision").only("revision").first()


# -- sending ---------------------------------------------------------------------------------


@require_POST
def send(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Queue the report for those that were ticked."""
    report = _visible(request, model_admin, pk)
    wanted = [int(given) for given in request.POST.getlist("recipient") if given.isdecimal()]
    desk.attempt(request, lambda: delivering.send(report, request.user, wanted), _("On its way."))
    return _answered(request, report)


@require_POST
def try_again(request: HttpRequest, model_admin: Any, pk: int, delivery_pk: int) -> HttpResponse:
    """Queue one delivery that failed once more."""
    report = _visible(request, model_admin, pk)
    rows = report.deliveries.filter(pk=delivery_pk)
    desk.attempt(request, lambda: delivering.try_again(rows, request.user), _("On its way."))
    return _answered(request, report)


@require_GET
def deliveries(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Who got it, as a fragment that asks again while something is under way."""
    return _fragment(request, _visible(request, model_admin, pk))


def _answered(request: HttpRequest, report: AnalyticsReport) -> HttpResponse:
    if desk.wants_fragment(request):
        return desk.answered(request, _fragment(request, report))
    return redirect("admin:analytics_analyticsreport_change", report.pk)


def _fragment(request: HttpRequest, report: AnalyticsReport) -> HttpResponse:
    template = f"{TEMPLATES}/_deliveries.html"
    return desk.fragment(request, template, original=report, **_sending(request, report))


def _sending(request: HttpRequest, report: AnalyticsReport) -> dict[str, Any]:
    rows = list(report.deliveries.order_by("name", "pk"))
    may_send = policies.can(request.user, "send_report")
    known = [row.recipient_id for row in rows if row.recipient_id]
    others = ReportRecipient.objects.filter(is_active=True).exclude(pk__in=known)
    return {
        "deliveries": rows,
        "is_moving": any(row.state in MOVING for row in rows),
        "unsent": [row.pk for row in rows if row.state in UNSENT and row.recipient_id],
        "may_send": may_send,
        "may_manage": policies.can(request.user, "manage_recipients"),
        "others": list(others.defer("url")) if may_send else [],
    }


# -- taking it away --------------------------------------------------------------------------


@require_GET
def download(request: HttpRequest, model_admin: Any, pk: int, kind: str) -> HttpResponse:
    """The file; for a PDF that was never printed, the page that waits for it."""
    report = _visible(request, model_admin, pk)
    if kind not in files.FORMATS:
        raise Http404
    language = get_language() or report.language
    content = pdf.stored(report, language) if kind == "pdf" else None
    if kind != "pdf":
        content = files.content(report, kind, language)
    if content is None:
        job = pdf.start(report, language, request.user)
        return redirect(f"{document.path(report)}?{urlencode({'job': job.pk})}")
    name = files.name(report, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=files.MIMES[kind], headers=headers)


@require_GET
def printing(request: HttpRequest, model_admin: Any, pk: int, job_id: UUID) -> HttpResponse:
    """How far the PDF is, as a fragment that asks again until it is there."""
    report = _visible(request, model_admin, pk)
    job = _own_job(request, report, str(job_id))
    if job is None:
        raise Http404
    return desk.fragment(request, f"{TEMPLATES}/_printing.html", original=report, job=job)


def _own_job(request: HttpRequest, report: AnalyticsReport, job_id: str) -> JobRun | None:
    try:
        wanted = UUID(job_id)
    except ValueError:
        return None
    rows = JobRun.objects.filter(pk=wanted, owner=request.user, kind=pdf.KIND)
    return rows.filter(arguments__report=report.pk).first()


def _visible(request: HttpRequest, model_admin: Any, pk: int | str) -> AnalyticsReport:
    if not policies.can(request.user, "view_reports"):
        raise PermissionDenied
    rows = AnalyticsReport.objects.visible_to(request.user)
    found = rows.filter(pk=pk).first() if str(pk).isdecimal() and len(str(pk)) < 19 else None
    if found is None:
        raise Http404
    return found
