"""The first steps of a new installation, and the end of its demo data."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialhub.models import JobRun, Organisation
from socialhub.services import demo, setup
from socialhub.views import desk

TEMPLATE = "socialhub/firststeps/firststeps.html"
CURRENCY = r"^[A-Z]{3}$"


class OrganisationForm(forms.ModelForm):
    currency = forms.RegexField(
        CURRENCY, max_length=3, widget=forms.TextInput(attrs={"list": "sh-currencies"})
    )

    class Meta:
        model = Organisation
        fields = ["name", "timezone", "language", "currency"]
        widgets = {"timezone": forms.TextInput(attrs={"list": "sh-zones"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["currency"].label = _("Currency")


@require_http_methods(["GET", "POST"])
@desk.needs_verb("change_organisation")
def show(request: HttpRequest) -> HttpResponse:
    organisation = Organisation.get()
    form = OrganisationForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("admin:first-steps")
    steps = setup.steps()
    return desk.page(
        request,
        TEMPLATE,
        _("First steps"),
        form=form,
        steps={step.key: step for step in steps},
        steps_done=sum(step.done for step in steps),
        steps_all=len(steps),
        zones=sorted(available_timezones()),
        mail_job=JobRun.objects.filter(kind="test_mail", owner=request.user).first(),
    )


@require_POST
@desk.needs_verb("change_organisation")
def test_mail(request: HttpRequest) -> HttpResponse:
    """The worker sends the mail; the page watches the job."""
    jobs: list[JobRun] = []
    desk.attempt(request, lambda: jobs.append(setup.start_test_mail(request.user)))
    if not desk.wants_fragment(request):
        return redirect("admin:first-steps")
    return desk.answered(request, _mail(request, jobs[0] if jobs else None))


@require_GET
@desk.needs_verb("change_organisation")
def mail_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _mail(request, get_object_or_404(JobRun, pk=pk, owner=request.user, kind="test_mail"))


def _mail(request: HttpRequest, job: JobRun | None) -> HttpResponse:
    return desk.fragment(request, f"{TEMPLATE}#mail", mail_job=job)


@require_POST
@desk.needs_verb("change_organisation")
def done(request: HttpRequest) -> HttpResponse:
    """Finished or skipped: Today does not show the steps any more."""
    desk.attempt(request, lambda: setup.finish(request.user))
    return redirect("admin:index")


@require_POST
@desk.needs_verb("change_organisation")
def remove_demo(request: HttpRequest) -> HttpResponse:
    desk.attempt(
        request,
        lambda: demo.remove_demo(request.user),
        _("The demo data is gone. What you wrote yourself is still here."),
    )
    return redirect("admin:index")
