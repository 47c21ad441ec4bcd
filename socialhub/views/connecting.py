"""Connecting an account, one page per network, and watching it happen. The worker asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from socialhub import policies
from socialhub.models import Account, JobRun, JobState
from socialhub.platforms.base import PlatformAdapter
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts
from socialhub.services.errors import ServiceError
from socialhub.views import desk

TEMPLATES = "admin/socialhub/account"
KINDS = ("connect_account", "start_oauth", "finish_oauth", "doctor")
# What may travel in an address; a secret never does.
TYPED = ("server_url", "handle", "account")


def chooser(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Every network as a card. Somebody who reconnects goes straight to the network's page."""
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    known = _reconnecting(request, request.GET)
    if known is not None and known.platform in ADAPTERS:
        return redirect(address(known.platform, {"account": str(known.pk)}))
    networks = [{"adapter": one, "guide": accounts.guide_for(one)} for one in ADAPTERS.values()]
    return desk.page(
        request,
        f"{TEMPLATES}/networks.html",
        _("Connect an account"),
        opts=model_admin.opts,
        networks=networks,
    )


@require_http_methods(["GET", "POST"])
def network(request: HttpRequest, model_admin: Any, slug: str) -> HttpResponse:
    """One network's page; below what became of the last try (`?job=`). POST starts connecting."""
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    adapter = adapter_or_404(slug)
    if request.method == "POST":
        return _start(request, model_admin, adapter)
    typed = typed_in(request.GET)
    known = _reconnecting(request, request.GET)
    if known is not None and not request.GET.get("job"):
        typed |= {"server_url": known.server_url, "handle": known.handle}
    job = own_job(request, request.GET.get("job", ""))
    return form(request, model_admin, adapter, typed, job=job)


def _start(request: HttpRequest, model_admin: Any, adapter: PlatformAdapter) -> HttpResponse:
    typed = typed_in(request.POST)
    known = _reconnecting(request, request.POST)
    given: dict[str, Any] = {"server_url": typed["server_url"], "account": known}
    try:
        if request.POST.get("way") == "oauth":
            job = accounts.start_oauth(request.user, adapter.slug, **given)
        else:
            given |= {"handle": typed["handle"], "secret": request.POST.get("secret", "")}
            job = accounts.connect(request.user, adapter.slug, **given)
    except ServiceError as exc:
        return form(request, model_admin, adapter, typed, error=exc)
    return redirect(address(adapter.slug, {**typed, "job": str(job.pk)}))


@require_GET
def progress(request: HttpRequest, model_admin: Any, job_id: UUID) -> HttpResponse:
    """The state of one of this person's jobs as a fragment that asks again until it is over."""
    job = own_job(request, str(job_id))
    if job is None:
        raise Http404
    name = "_checks.html" if job.kind == "doctor" else "_progress.html"
    found = outcome(job)
    response = desk.fragment(request, f"{TEMPLATES}/{name}", **found)
    if found["go_on"]:
        response["HX-Redirect"] = found["go_on"]
    return response


def form(
    request: HttpRequest,
    model_admin: Any,
    adapter: PlatformAdapter,
    typed: dict[str, str],
    *,
    job: JobRun | None = None,
    error: ServiceError | None = None,
) -> TemplateResponse:
    """The page of one network."""
    known = _reconnecting(request, typed)
    title = _("Connect %(network)s") % {"network": adapter.name}
    if known is not None:
        title = _("Reconnect %(account)s") % {"account": known}
    return desk.page(
        request,
        f"{TEMPLATES}/connect.html",
        title,
        opts=model_admin.opts,
        adapter=adapter,
        guide=accounts.guide_for(adapter),
        by_secret="secret" in adapter.connect_by,
        by_browser="oauth" in adapter.connect_by,
        app=accounts.shown_app(adapter) if adapter.needs_app else None,
        redirect_uri=accounts.redirect_uri(adapter.slug),
        typed=typed,
        error=error,
        reconnecting=known,
        **(outcome(job) if job else {}),
    )


# -- helpers ---------------------------------------------------------------------


def adapter_or_404(slug: str) -> PlatformAdapter:
    """The network of a page. 404 for one that SocialHub does not know."""
    try:
        return ADAPTERS[slug]
    except KeyError:
        raise Http404 from None


def address(slug: str, query: Mapping[str, str]) -> str:
    """A network's page; what is empty is left out."""
    kept = {name: value for name, value in query.items() if value}
    page = reverse("admin:socialhub_account_connect", args=[slug])
    return f"{page}?{urlencode(kept)}" if kept else page


def typed_in(given: Mapping[str, str]) -> dict[str, str]:
    """What a person typed, without the secret."""
    return {name: given.get(name, "").strip() for name in TYPED}


def _reconnecting(request: HttpRequest, given: Mapping[str, str]) -> Account | None:
    pk = given.get("account", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return Account.objects.visible_to(request.user).filter(pk=int(pk)).first()


def own_job(request: HttpRequest, job_id: str) -> JobRun | None:
    """A job about accounts that this person started."""
    try:
        wanted = UUID(job_id)
    except ValueError:
        return None
    return JobRun.objects.filter(pk=wanted, owner=request.user, kind__in=KINDS).first()


def outcome(job: JobRun) -> dict[str, Any]:
    """What the fragments about a job show."""
    result = job.result if job.state == JobState.DONE and job.result else {}
    connected = None
    if job.kind != "doctor" and result.get("account"):
        connected = Account.objects.filter(pk=result["account"]).first()
    go_on = result.get("authorize_url", "")
    if result.get("choose"):
        go_on = reverse("admin:socialhub_account_choose", args=[result["choose"]])
    return {
        "job": job,
        "is_over": job.state in (JobState.DONE, JobState.FAILED),
        "connected": connected,
        # The page where the person goes on: the network's own, or the choice.
        "go_on": go_on,
        "checks": result.get("checks", []),
    }
