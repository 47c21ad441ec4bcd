"""Where a network sends a person back to after they granted access, or refused."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from socialhub.models import JobRun, JobState
from socialhub.services import accounts, jobs
from socialhub.services.errors import ServiceError

# How long the page waits for the worker before it says "soon".
WAIT_SECONDS = 20


@login_required
@require_GET
def oauth_callback(request: HttpRequest, platform: str) -> HttpResponse:
    """Hand the code to the worker and go to the accounts. `state` names the network."""
    if request.GET.get("error"):
        # https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1; its text is not ours to show.
        messages.error(request, _("The network did not grant access. Nothing was changed."))
        return redirect(_accounts())
    try:
        job = accounts.finish_oauth(
            request.user, request.GET.get("state", ""), request.GET.get("code", "")
        )
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect(_accounts())
    _report(request, jobs.wait(job, WAIT_SECONDS))
    return redirect(_accounts())


def _report(request: HttpRequest, job: JobRun) -> None:
    if job.state == JobState.DONE and job.result:
        done = _("%(handle)s is connected.") % {"handle": job.result["handle"]}
        messages.success(request, done)
    elif job.state == JobState.FAILED:
        for error in job.errors:
            messages.error(request, error["message"])
    else:
        messages.info(request, _("The account is being connected. It will be in the list soon."))


def _accounts() -> str:
    try:
        return reverse("admin:socialhub_account_changelist")
    except NoReverseMatch:
        return reverse("admin:index")
