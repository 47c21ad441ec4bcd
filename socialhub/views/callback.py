"""Where a network sends a person back to after they granted access, or refused."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from socialhub.models import JobRun, JobState
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts, jobs
from socialhub.services.errors import ServiceError

# How long the page waits for the worker before it says "soon".
WAIT_SECONDS = 20
# https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1, and what LinkedIn says instead.
REFUSED = ("access_denied", "user_cancelled_login", "user_cancelled_authorize")
CODE = re.compile(r"[a-z0-9_]{1,60}")


@login_required
@require_GET
def oauth_callback(request: HttpRequest, platform: str) -> HttpResponse:
    """Hand the code to the worker and go on. `state` says whose login it is."""
    given, state = request.GET, request.GET.get("state", "")
    if given.get("error") or given.get("error_code"):
        accounts.give_up(request.user, state)
        messages.error(request, _refused(platform, given.get("error", "")))
        return redirect(_network(platform))
    try:
        job = accounts.finish_oauth(request.user, state, given.get("code", ""), platform)
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect(_network(platform))
    return _report(request, platform, jobs.wait(job, WAIT_SECONDS))


def _refused(platform: str, code: str) -> str:
    """The network's own words are not ours to show; its short code may help."""
    network = ADAPTERS[platform].name if platform in ADAPTERS else platform
    if code in REFUSED or not CODE.fullmatch(code):
        return _("The network did not grant access. Nothing was changed.")
    return _(
        "%(network)s refused the login (%(code)s). Nothing was changed. Check the developer app: "
        "its redirect address and the rights it asked for."
    ) % {"network": network, "code": code}


def _report(request: HttpRequest, platform: str, job: JobRun) -> HttpResponse:
    result = job.result or {}
    if job.state == JobState.DONE and result.get("choose"):
        return redirect("admin:socialhub_account_choose", result["choose"])
    if job.state == JobState.DONE:
        done = _("%(handle)s is connected.") % {"handle": result.get("handle", "")}
        messages.success(request, done)
        return redirect(_accounts())
    if job.state == JobState.FAILED:
        for error in job.errors:
            messages.error(request, error["message"])
        return redirect(_network(platform))
    # The network's page follows the job, and goes on to the choice if there is one.
    return redirect(f"{_network(platform)}?job={job.pk}")


def _network(platform: str) -> str:
    """The page to try again on."""
    if platform not in ADAPTERS:
        return _accounts()
    try:
        return reverse("admin:socialhub_account_connect", args=[platform])
    except NoReverseMatch:
        return _accounts()


def _accounts() -> str:
    try:
        return reverse("admin:socialhub_account_changelist")
    except NoReverseMatch:
        return reverse("admin:index")
