"""How an account stands: examining it, disconnecting it, the head of its page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from socialhub import policies
from socialhub.models import Account, AccountStatus, JobRun
from socialhub.services import accounts
from socialhub.views import desk
from socialhub.views.connecting import TEMPLATES, outcome


@require_POST
def examine(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Start the doctor. Over HTMX the fragment follows the job, else the account's page does."""
    account = _visible(request, model_admin, pk)
    job = accounts.doctor(account, request.user)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("admin:socialhub_account_change", account.pk)
    return desk.fragment(request, f"{TEMPLATES}/_checks.html", **outcome(job))


@require_POST
def disconnect(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Forget the account's secrets."""
    account = _visible(request, model_admin, pk)
    done = _("%(account)s is disconnected.") % {"account": account}
    desk.attempt(request, lambda: accounts.disconnect(account, request.user), done)
    return redirect("admin:socialhub_account_change", account.pk)


def head(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What the account's page shows above its form."""
    found = JobRun.objects.filter(kind="doctor", arguments__account=account.pk).first()
    end = accounts.end_of(account)
    return {
        "account": account,
        "may_connect": policies.can(request.user, "connect_account"),
        "is_connected": account.status in (AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT),
        "login_end": end,
        "login_days": accounts.days_left(end) if end else None,
        "scopes": _scopes(account),
        **(outcome(found) if found else {}),
    }


def _scopes(account: Account) -> list[str]:
    """The rights that were granted; networks name them as a list or in one line."""
    found = account.options.get("scopes") or []
    return found.replace(",", " ").split() if isinstance(found, str) else list(found)


def _visible(request: HttpRequest, model_admin: Any, pk: int) -> Account:
    if not policies.can(request.user, "connect_account"):
        raise PermissionDenied
    account: Account | None = model_admin.get_object(request, str(pk))
    if account is None:
        raise Http404
    return account
