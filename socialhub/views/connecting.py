"""Connecting an account, watching it happen, and examining it. The worker asks the network."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub import policies
from socialhub.models import Account, AccountStatus, JobRun, JobState
from socialhub.platforms.base import PlatformAdapter
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts
from socialhub.services.errors import ServiceError
from socialhub.views import desk

TEMPLATES = "admin/socialhub/account"
KINDS = ("connect_account", "start_oauth", "finish_oauth", "doctor")
# What may travel in an address; a secret never does.
TYPED = ("platform", "server_url", "handle")


def page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """The form, and below it what became of the last try (`?job=`)."""
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    typed = {name: request.GET.get(name, "") for name in TYPED}
    known = _reconnecting(request)
    if known is not None:
        typed = {
            "platform": known.platform,
            "server_url": known.server_url,
            "handle": known.handle,
        }
    job = _own_job(request, request.GET.get("job", ""))
    return _form(request, model_admin, typed, job=job, reconnecting=known)


@require_POST
def start(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Start connecting with what was typed; the page then follows the job."""
    typed = {name: request.POST.get(name, "").strip() for name in TYPED}
    user = request.user
    try:
        if request.POST.get("way") == "oauth":
            job = accounts.start_oauth(user, typed["platform"], typed["server_url"])
        else:
            secret = request.POST.get("secret", "")
            job = accounts.connect(
                user, typed["platform"], typed["server_url"], typed["handle"], secret
            )
    except ServiceError as exc:
        return _form(request, model_admin, typed, error=exc)
    query = urlencode({**typed, "job": job.pk})
    return redirect(f"{reverse('admin:socialhub_account_add')}?{query}")


@require_GET
def progress(request: HttpRequest, model_admin: Any, job_id: UUID) -> HttpResponse:
    """The state of one of this person's jobs as a fragment that asks again until it is over."""
    job = _own_job(request, str(job_id))
    if job is None:
        raise Http404
    name = "_checks.html" if job.kind == "doctor" else "_progress.html"
    response = desk.fragment(request, f"{TEMPLATES}/{name}", **_outcome(job))
    if job.kind == "start_oauth" and job.state == JobState.DONE and job.result:
        response["HX-Redirect"] = job.result["authorize_url"]
    return response


@require_POST
def examine(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Start the doctor. Over HTMX the fragment follows the job, else the account's page does."""
    account = _visible(request, model_admin, pk)
    job = accounts.doctor(account, request.user)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("admin:socialhub_account_change", account.pk)
    return desk.fragment(request, f"{TEMPLATES}/_checks.html", **_outcome(job))


@require_POST
def disconnect(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Forget the account's secrets."""
    account = _visible(request, model_admin, pk)
    done = _("%(account)s is disconnected.") % {"account": account}
    desk.attempt(request, lambda: accounts.disconnect(account, request.user), done)
    return redirect("admin:socialhub_account_change", account.pk)


def standing(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What the account's page shows above its form."""
    found = JobRun.objects.filter(kind="doctor", arguments__account=account.pk).first()
    return {
        "account": account,
        "may_connect": policies.can(request.user, "connect_account"),
        "is_connected": account.status in (AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT),
        **(_outcome(found) if found else {}),
    }


# -- helpers ---------------------------------------------------------------------


def _form(
    request: HttpRequest,
    model_admin: Any,
    typed: dict[str, str],
    *,
    job: JobRun | None = None,
    error: ServiceError | None = None,
    reconnecting: Account | None = None,
) -> TemplateResponse:
    adapters = list(ADAPTERS.values())
    chosen = typed["platform"] if typed["platform"] in ADAPTERS else adapters[0].slug
    return desk.page(
        request,
        f"{TEMPLATES}/connect.html",
        _("Reconnect %(account)s") % {"account": reconnecting}
        if reconnecting
        else _("Connect an account"),
        opts=model_admin.opts,
        networks=[_network(adapter) for adapter in adapters],
        typed={**typed, "platform": chosen},
        error=error,
        reconnecting=reconnecting,
        **(_outcome(job) if job else {}),
    )


def _network(adapter: PlatformAdapter) -> dict[str, Any]:
    return {
        "slug": adapter.slug,
        "name": adapter.name,
        "default_server": adapter.default_server,
        "secret_label": adapter.secret_label,
        "by_secret": "secret" in adapter.connect_by,
        "by_browser": "oauth" in adapter.connect_by,
        "is_pretend": adapter.is_pretend,
    }


def _reconnecting(request: HttpRequest) -> Account | None:
    pk = request.GET.get("account", "")
    if not pk.isdecimal():
        return None
    return Account.objects.visible_to(request.user).filter(pk=int(pk)).first()


def _visible(request: HttpRequest, model_admin: Any, pk: int) -> Account:
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    account: Account | None = model_admin.get_object(request, str(pk))
    if account is None:
        raise Http404
    return account


def _own_job(request: HttpRequest, job_id: str) -> JobRun | None:
    try:
        wanted = UUID(job_id)
    except ValueError:
        return None
    return JobRun.objects.filter(pk=wanted, owner=request.user, kind__in=KINDS).first()


def _outcome(job: JobRun) -> dict[str, Any]:
    connected = None
    if job.state == JobState.DONE and job.kind != "doctor" and job.result:
        connected = Account.objects.filter(pk=job.result.get("account")).first()
    return {
        "job": job,
        "is_over": job.state in (JobState.DONE, JobState.FAILED),
        "connected": connected,
        "checks": (job.result or {}).get("checks", []),
    }
