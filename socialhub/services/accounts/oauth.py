"""Connecting through the browser: consent on the network's own page, then perhaps a choice."""

from __future__ import annotations

import secrets as random
from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Account, JobRun, OAuthRequest
from socialhub.platforms.base import Profile
from socialhub.platforms.errors import PermissionDenied, PlatformError
from socialhub.platforms.registry import get_adapter
from socialhub.services import jobs
from socialhub.services.accounts import profiles, servers
from socialhub.services.accounts.apps import app_for, require_app
from socialhub.services.accounts.sentences import refusal
from socialhub.services.errors import Conflict, Invalid, ServiceError

# How long a person may take on the network's own pages, and then to choose.
OAUTH_MINUTES = 60


def redirect_uri(platform: str) -> str:
    """Where a network sends the person back to."""
    return f"{settings.PUBLIC_URL}/accounts/callback/{platform}/"


@transaction.atomic
def start_oauth(
    user: Any, platform: str, server_url: str = "", account: Account | None = None
) -> JobRun:
    """Prepare the network's own login. The job's result: {"authorize_url", "state"}.

    With `account` that one is reconnected and no other profile is taken.
    Raises Forbidden, Invalid.
    """
    policies.require(user, "connect_account")
    adapter = servers.adapter_for(platform, "oauth")
    require_app(adapter)
    request = OAuthRequest.objects.create(
        state=random.token_urlsafe(32),
        user=user,
        platform=platform,
        server_url=servers.server_url(adapter, server_url),
        secrets={"account": account.pk if account else None},
    )
    return jobs.start("start_oauth", user, {"request": request.pk})


@jobs.job("start_oauth")
def _start_oauth(job: JobRun) -> dict[str, Any]:
    request = OAuthRequest.objects.get(pk=job.arguments["request"], used_at=None)
    adapter = get_adapter(request.platform)
    try:
        servers.require_public(request.server_url)
        answer = adapter.authorize(
            request.server_url, redirect_uri(request.platform), request.state, app_for(adapter)
        )
        parts = urlsplit(answer.authorize_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("bad_address", _("The server sent no usable login page."))
    except (PlatformError, ServiceError) as exc:
        request.delete()
        if isinstance(exc, PlatformError):
            raise refusal(exc, adapter, in_browser=True) from exc
        raise
    flow = {**request.secrets, "flow": dict(answer.secrets)}
    OAuthRequest.objects.filter(pk=request.pk).update(secrets=flow)
    return {"authorize_url": answer.authorize_url, "state": request.state}


@transaction.atomic
def finish_oauth(user: Any, state: str, code: str, platform: str = "") -> JobRun:
    """The person came back with a code. The job's result is that of `connect`, or, where access
    to several profiles was granted, {"choose": state, "profiles": [...]}; see `choose`.

    Raises Invalid for a state that is unknown, used, too old, somebody else's or of another
    network than `platform`.
    """
    policies.require(user, "connect_account")
    since = timezone.now() - timedelta(minutes=OAUTH_MINUTES)
    rows = OAuthRequest.objects.filter(state=state, user=user, used_at=None, created_at__gte=since)
    # https://www.rfc-editor.org/rfc/rfc9700#name-mix-up-attacks: each network has its own address.
    request = (rows.filter(platform=platform) if platform else rows).first()
    if request is None or not code:
        message = _("This login was not started here or is too old. Connect again.")
        raise Invalid("bad_state", message, {"state": [message]})
    taken = OAuthRequest.objects.filter(pk=request.pk, used_at=None).update(
        used_at=timezone.now(), secrets={**request.secrets, "code": code}
    )
    if not taken:
        raise Conflict("bad_state", _("This login is being finished already."))
    return jobs.start("finish_oauth", user, {"request": request.pk})


def give_up(user: Any, state: str) -> str:
    """The person came back without a code: forget the login. Its network, "" when unknown."""
    request = OAuthRequest.objects.filter(state=state, user=user, used_at=None).first()
    if request is None:
        return ""
    request.delete()
    return request.platform


@jobs.job("finish_oauth")
def _finish_oauth(job: JobRun) -> dict[str, Any]:
    request = OAuthRequest.objects.get(pk=job.arguments["request"])
    try:
        found = _exchanged(request)
        if len(found) > 1:
            return _offer(request, found)
        if wanted := _reconnecting(request):
            profiles.require_same(wanted, found[0].remote_id)
        row = Account(platform=request.platform, server_url=request.server_url)
        result = profiles.shown(profiles.adopt(job.owner, row, found[0]))
    except Exception as exc:
        # A code works once; nothing of it is worth keeping.
        request.delete()
        if isinstance(exc, PlatformError):
            raise refusal(exc, get_adapter(request.platform), in_browser=True) from exc
        raise
    request.delete()
    return result


def _exchanged(request: OAuthRequest) -> tuple[Profile, ...]:
    adapter = get_adapter(request.platform)
    servers.require_public(request.server_url)
    found = adapter.exchange(
        request.server_url,
        redirect_uri(request.platform),
        request.secrets["code"],
        request.secrets.get("flow", {}),
        app_for(adapter),
    )
    if not found:
        raise PermissionDenied("there is no profile to publish as")
    return (found,) if isinstance(found, Profile) else found


def _reconnecting(request: OAuthRequest) -> Account | None:
    return Account.objects.filter(pk=request.secrets.get("account")).first()


# -- the choice -------------------------------------------------------------------------


def _offer(request: OAuthRequest, found: tuple[Profile, ...]) -> dict[str, Any]:
    """Keep the profiles with their secrets, encrypted, until the person has chosen."""
    wanted = _reconnecting(request)
    if wanted and wanted.remote_id not in {profile.remote_id for profile in found}:
        profiles.require_same(wanted, "")
    kept = {"account": wanted.pk if wanted else None, "profiles": [_as_dict(p) for p in found]}
    OAuthRequest.objects.filter(pk=request.pk).update(granted_at=timezone.now(), secrets=kept)
    request.secrets = kept
    return {"choose": request.state, "profiles": _shown(request)}


def _as_dict(profile: Profile) -> dict[str, Any]:
    plain = {one.name: getattr(profile, one.name) for one in fields(profile)}
    return {**plain, "secrets": dict(profile.secrets), "options": dict(profile.options)}


def offered(user: Any, state: str) -> dict[str, Any] | None:
    """What this person may choose from, without secrets: {"platform", "reconnects", "profiles"}.

    None when there is nothing to choose any more, or for somebody else.
    """
    request = _granted(user, state)
    if request is None:
        return None
    return {
        "platform": request.platform,
        "reconnects": request.secrets.get("account"),
        "profiles": _shown(request),
    }


def _shown(request: OAuthRequest) -> list[dict[str, Any]]:
    adapter = get_adapter(request.platform)
    rows = profiles.known(request.platform, request.server_url, adapter.remote_ids_are_global)
    ids = {profile["remote_id"] for profile in request.secrets["profiles"]}
    rows = rows.visible_to(request.user).filter(remote_id__in=ids)
    known = dict(rows.values_list("remote_id", "pk"))
    return [
        {
            "remote_id": profile["remote_id"],
            "handle": profile["handle"],
            "name": profile["display_name"] or profile["handle"],
            "kind": profile["kind"],
            "known": known.get(profile["remote_id"]),
        }
        for profile in request.secrets["profiles"]
    ]


def _granted(user: Any, state: str) -> OAuthRequest | None:
    since = timezone.now() - timedelta(minutes=OAUTH_MINUTES)
    rows = OAuthRequest.objects.filter(state=state, user=user, granted_at__gte=since)
    return rows.first()


@transaction.atomic
def choose(user: Any, state: str, remote_ids: Iterable[str]) -> list[Account]:
    """Connect the profiles chosen; the others are forgotten. Works once.

    Raises Forbidden, Invalid (nothing chosen, not among those granted, too old, somebody else's).
    """
    policies.require(user, "connect_account")
    request = _granted(user, state)
    if request is None:
        message = _("This choice was made already, or is too old. Connect again.")
        raise Invalid("bad_state", message, {"state": [message]})
    granted = {str(one["remote_id"]): one for one in request.secrets["profiles"]}
    wanted = list(dict.fromkeys(remote_ids))
    if not wanted or not granted.keys() >= set(wanted):
        message = _("Choose at least one of the profiles that were granted.")
        raise Invalid("bad_choice", message, {"profiles": [message]})
    if not OAuthRequest.objects.filter(pk=request.pk, granted_at=request.granted_at).update(
        granted_at=None
    ):
        raise Conflict("bad_state", _("This choice was made already."))
    request.delete()
    where = {"platform": request.platform, "server_url": request.server_url}
    return [
        profiles.adopt(user, Account(**where), Profile(**granted[remote_id]))
        for remote_id in wanted
    ]
