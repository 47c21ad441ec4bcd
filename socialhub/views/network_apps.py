"""The developer app of a network: entered once, its secret never shown again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from socialhub import policies
from socialhub.services import accounts
from socialhub.services.errors import ServiceError
from socialhub.views import connecting


@require_POST
def save(request: HttpRequest, model_admin: Any, slug: str) -> HttpResponse:
    """Keep what was typed; the network's page then offers to connect."""
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    adapter = connecting.adapter_or_404(slug)
    typed = connecting.typed_in(request.POST)
    options = {name: request.POST[name] for name in ("api_version",) if name in request.POST}
    if adapter.slug == "x":
        options["owned_reads"] = request.POST.get("owned_reads", "")
    given = {name: request.POST.get(name, "") for name in ("client_id", "client_secret")}
    try:
        accounts.save_app(request.user, slug, **given, options=options)
    except ServiceError as exc:
        typed["client_id"] = given["client_id"]
        return connecting.form(request, model_admin, adapter, typed, error=exc)
    messages.success(request, _("The app is kept. Now connect an account."))
    return redirect(connecting.address(slug, typed))
