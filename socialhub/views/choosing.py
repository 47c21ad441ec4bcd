"""Choosing among the profiles that one consent reached: pages, organisations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from socialhub import policies
from socialhub.models import Account
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts
from socialhub.services.errors import ServiceError
from socialhub.views import desk

TEMPLATE = "admin/socialhub/account/choose.html"


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, model_admin: Any, state: str) -> HttpResponse:
    """The profiles as cards; several may be ticked. A choice works once."""
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    error = None
    if request.method == "POST":
        try:
            found = accounts.choose(request.user, state, request.POST.getlist("profiles"))
        except ServiceError as exc:
            error = exc
        else:
            return _connected(request, found)
    offer = accounts.offered(request.user, state)
    if offer is None:
        gone = _("This choice was made already, or is too old. Connect again.")
        messages.error(request, error.message if error else gone)
        return redirect("admin:socialhub_account_changelist")
    return desk.page(
        request,
        TEMPLATE,
        _("Choose what to connect"),
        opts=model_admin.opts,
        adapter=ADAPTERS[offer["platform"]],
        profiles=_ticked(offer),
        reconnects=offer["reconnects"],
        error=error,
    )


def _connected(request: HttpRequest, found: list[Account]) -> HttpResponse:
    names = ", ".join(account.handle for account in found)
    done = ngettext("%(names)s is connected.", "%(names)s are connected.", len(found))
    messages.success(request, done % {"names": names})
    if len(found) == 1:
        return redirect("admin:socialhub_account_change", found[0].pk)
    return redirect("admin:socialhub_account_changelist")


def _ticked(offer: dict[str, Any]) -> list[dict[str, Any]]:
    """The one to reconnect is ticked; with none to reconnect, nothing is."""
    wanted = offer["reconnects"]
    return [
        {**profile, "ticked": wanted is not None and profile["known"] == wanted}
        for profile in offer["profiles"]
    ]
