"""Connecting an account by secret or through the browser, and disconnecting it."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Account, AccountStatus, Credential, JobRun, OAuthRequest
from socialhub.platforms.base import Profile
from socialhub.platforms.errors import PlatformError
from socialhub.platforms.registry import get_adapter
from socialhub.services import history, jobs
from socialhub.services.accounts import servers
from socialhub.services.accounts.apps import app_for
from socialhub.services.accounts.credentials import on_reconnected
from socialhub.services.accounts.sentences import refusal
from socialhub.services.errors import Conflict, Invalid, ServiceError

# How long a person may take on the network's own pages.
OAUTH_MINUTES = 60


@transaction.atomic
def connect(
    user: Any, platform: str, server_url: str = "", handle: str = "", secret: str = ""
) -> JobRun:
    """Try name and password or token. The job's result: {"account", "handle", "status"}.

    Until it is done the account is shown as connecting; when it fails the row is gone and the
    job's errors say why. A profile that is known already is reconnected, not doubled.
    Raises Forbidden, Invalid.
    """
    policies.require(user, "connect_account")
    adapter = servers.adapter_for(platform, "secret")
    url = servers.server_url(adapter, server_url)
    if not secret.strip():
        message = _("Enter the password or token.")
        raise Invalid("secret_missing", message, {"secret": [message]})
    account = Account(platform=platform, server_url=url, handle=handle.strip()[:300])
    account._history_user = user  # type: ignore[attr-defined]
    account.save()
    Credential.objects.create(account=account, secrets={"secret": secret})
    return jobs.start("connect_account", user, {"account": account.pk})


@jobs.job("connect_account")
def _connect(job: JobRun) -> dict[str, Any]:
    account = Account.objects.get(pk=job.arguments["account"], status=AccountStatus.CONNECTING)
    secret = Credential.objects.get(account=account).secrets["secret"]
    try:
        servers.require_public(account.server_url)
        profile = account.adapter.connect(account.server_url, account.handle, secret)
        connected = _adopt(job.owner, account, profile)
    except Exception as exc:
        account.delete()
        if isinstance(exc, PlatformError):
            raise refusal(exc, account.adapter) from exc
        raise
    if connected.pk != account.pk:
        account.delete()
    return _result(connected)


@transaction.atomic
def start_oauth(user: Any, platform: str, server_url: str = "") -> JobRun:
    """Prepare the network's own login. The job's result: {"authorize_url", "state"}."""
    policies.require(user, "connect_account")
    adapter = servers.adapter_for(platform, "oauth")
    request = OAuthRequest.objects.create(
        state=random.token_urlsafe(32),
        user=user,
        platform=platform,
        server_url=servers.server_url(adapter, server_url),
        secrets={},
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
    except (PlatformError, ServiceError) as exc:
        request.delete()
        if isinstance(exc, PlatformError):
            raise refusal(exc, adapter) from exc
        raise
    if urlsplit(answer.authorize_url).scheme not in ("http", "https"):
        raise Invalid("bad_address", _("The server sent no usable login page."))
    OAuthRequest.objects.filter(pk=request.pk).update(secrets=dict(answer.secrets))
    return {"authorize_url": answer.authorize_url, "state": request.state}


@transaction.atomic
def finish_oauth(user: Any, state: str, code: str) -> JobRun:
    """The person came back with a code. The job's result is that of `connect`.

    Raises Invalid for a state that is unknown, used, too old or somebody else's.
    """
    policies.require(user, "connect_account")
    since = timezone.now() - timedelta(minutes=OAUTH_MINUTES)
    request = OAuthRequest.objects.filter(
        state=state, user=user, used_at=None, created_at__gte=since
    ).first()
    if request is None or not code:
        message = _("This login was not started here or is too old. Connect again.")
        raise Invalid("bad_state", message, {"state": [message]})
    taken = OAuthRequest.objects.filter(pk=request.pk, used_at=None).update(
        used_at=timezone.now(), secrets={**request.secrets, "code": code}
    )
    if not taken:
        raise Conflict("bad_state", _("This login is being finished already."))
    return jobs.start("finish_oauth", user, {"request": request.pk})


@jobs.job("finish_oauth")
def _finish_oauth(job: JobRun) -> dict[str, Any]:
    request = OAuthRequest.objects.get(pk=job.arguments["request"])
    adapter = get_adapter(request.platform)
    kept = dict(request.secrets)
    code = kept.pop("code")
    try:
        servers.require_public(request.server_url)
        profile = adapter.exchange(
            request.server_url, redirect_uri(request.platform), code, kept, app_for(adapter)
        )
        row = Account(platform=request.platform, server_url=request.server_url)
        connected = _adopt(job.owner, row, profile)
    except PlatformError as exc:
        raise refusal(exc, adapter) from exc
    finally:
        # A code works once; nothing of it is worth keeping.
        request.delete()
    return _result(connected)


def redirect_uri(platform: str) -> str:
    """Where a network sends the person back to."""
    return f"{settings.PUBLIC_URL}/accounts/callback/{platform}/"


def _result(account: Account) -> dict[str, Any]:
    return {"account": account.pk, "handle": account.handle, "status": account.status}


# -- the row ----------------------------------------------------------------------


def _adopt(user: Any, row: Account, profile: Profile) -> Account:
    """Write what the network said: onto the account of that profile, else onto `row`."""
    try:
        return _write(user, row, profile)
    except IntegrityError:
        # The same profile was connected at the same moment; now it is there.
        return _write(user, row, profile)


@transaction.atomic
def _write(user: Any, row: Account, profile: Profile) -> Account:
    known = Account.objects.filter(platform=row.platform, remote_id=profile.remote_id)
    if not row.adapter.remote_ids_are_global:
        known = known.filter(server_url=row.server_url)
    found = known.select_for_update().first()
    account = found or row
    account.server_url = row.server_url
    account.remote_id = profile.remote_id
    account.handle = profile.handle[:300]
    account.display_name = profile.display_name[:300]
    account.options = dict(profile.options)
    account.status, account.status_note = AccountStatus.ACTIVE, ""
    account._history_user = user  # type: ignore[attr-defined]
    account.save()
    _store(account, profile.secrets)
    if found:
        on_reconnected(account)
    return account


def _store(account: Account, found: Mapping[str, str]) -> None:
    changes = {"secrets": dict(found), "refreshed_at": timezone.now()}
    # A new version, so that a refresh of the old secrets cannot overwrite these.
    rows = Credential.objects.filter(account=account)
    if not rows.update(version=F("version") + 1, **changes):
        Credential.objects.create(account=account, **changes)


@transaction.atomic
def disconnect(account: Account, user: Any) -> Account:
    """Forget the secrets. Publications, numbers and interactions stay."""
    from socialhub.services import notices

    policies.require(user, "connect_account")
    changed = (
        Account.objects.filter(pk=account.pk)
        .exclude(status=AccountStatus.DISABLED)
        .update(status=AccountStatus.DISABLED, status_note="")
    )
    if not changed:
        raise Conflict("disconnected", _("This account is disconnected already."))
    Credential.objects.filter(account=account).delete()
    notices.resolve(f"account:{account.pk}:reconnect:")
    history.record(account, user, "disconnected")
    return account


def remove_abandoned(now: datetime) -> int:
    """Delete what a connection that never finished left behind; returns how many rows.

    Everything here is older than any job could still be running.
    """
    hour_ago = now - timedelta(hours=1)
    left = Account.objects.filter(status=AccountStatus.CONNECTING, created_at__lt=hour_ago)
    requests = OAuthRequest.objects.filter(
        created_at__lt=now - timedelta(minutes=2 * OAUTH_MINUTES)
    )
    removed = left.count() + requests.count()
    left.delete()
    requests.delete()
    return removed
