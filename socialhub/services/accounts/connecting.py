"""Connecting an account by secret, disconnecting it, and clearing away what was left half-way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Account, AccountStatus, Credential, JobRun, OAuthRequest
from socialhub.platforms.errors import PlatformError
from socialhub.services import history, jobs
from socialhub.services.accounts import profiles, servers
from socialhub.services.accounts.oauth import OAUTH_MINUTES
from socialhub.services.accounts.sentences import refusal
from socialhub.services.errors import Conflict, Invalid


@transaction.atomic
def connect(
    user: Any,
    platform: str,
    server_url: str = "",
    handle: str = "",
    secret: str = "",
    account: Account | None = None,
) -> JobRun:
    """Try name and password or token. The job's result: {"account", "handle", "status"}.

    Until it is done the account is shown as connecting; when it fails the row is gone and the
    job's errors say why. A profile that is known already is reconnected, not doubled. With
    `account` no other profile is taken. Raises Forbidden, Invalid.
    """
    policies.require(user, "connect_account")
    adapter = servers.adapter_for(platform, "secret")
    url = servers.server_url(adapter, server_url)
    if not secret.strip():
        message = _("Enter the password or token.")
        raise Invalid("secret_missing", message, {"secret": [message]})
    row = Account(platform=platform, server_url=url, handle=handle.strip()[:300])
    row._history_user = user  # type: ignore[attr-defined]
    row.save()
    Credential.objects.create(account=row, secrets={"secret": secret})
    wanted = {"reconnects": account.pk} if account else {}
    return jobs.start("connect_account", user, {"account": row.pk, **wanted})


@jobs.job("connect_account")
def _connect(job: JobRun) -> dict[str, Any]:
    row = Account.objects.get(pk=job.arguments["account"], status=AccountStatus.CONNECTING)
    secret = Credential.objects.get(account=row).secrets["secret"]
    try:
        servers.require_public(row.server_url)
        profile = row.adapter.connect(row.server_url, row.handle, secret)
        if wanted := Account.objects.filter(pk=job.arguments.get("reconnects")).first():
            profiles.require_same(wanted, profile.remote_id)
        connected = profiles.adopt(job.owner, row, profile)
    except Exception as exc:
        row.delete()
        if isinstance(exc, PlatformError):
            raise refusal(exc, row.adapter) from exc
        raise
    if connected.pk != row.pk:
        row.delete()
    return profiles.shown(connected)


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
    notices.resolve(f"account:{account.pk}:ending:")
    history.record(account, user, "disconnected")
    return account


def remove_abandoned(now: datetime) -> int:
    """Delete what a connection that never finished left behind; returns how many rows.

    Everything here is older than any job could still be running, or any choice be made.
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
