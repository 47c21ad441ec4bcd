"""The secrets of an account: read, renewed by one worker at a time, found to be dead."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from socialhub.models import Account, AccountStatus, Credential, NoticeKind
from socialhub.platforms.base import App, Connection
from socialhub.platforms.errors import AuthExpired, AuthRevoked, Unavailable
from socialhub.services import leases
from socialhub.services.accounts.apps import app_for, base_url, options_of

log = logging.getLogger(__name__)

# Longer than the longest call to a network.
LEASE_SECONDS = 150


def connection(account: Account) -> Connection:
    """The account as an adapter needs it, with the secrets of this moment.

    Raises AuthRevoked for a disconnected account.
    """
    credential = Credential.objects.filter(account_id=account.pk).first()
    if credential is None:
        raise AuthRevoked("the account is disconnected")
    # Remembered, so that `refresh` and `needs_reconnect` know which secrets were refused.
    account.credential = credential
    adapter = account.adapter
    app = app_for(adapter) if adapter.needs_app else None
    return Connection(
        platform=account.platform,
        server_url=base_url(adapter, account.server_url),
        remote_id=account.remote_id,
        handle=account.handle,
        secrets=credential.secrets,
        options={**(app.options if app else options_of(adapter)), **account.merged_options},
        app=app or App(),
    )


def refresh(account: Account) -> bool:
    """Renew the secrets that `connection` gave. True: there are newer ones; use them.

    False: this network has no way to renew; a person must reconnect. Raises AuthRevoked when
    the network refuses to renew, any other PlatformError when it may work later (also while
    another worker is renewing).
    """
    refused = _version_in_use(account)
    with leases.held(f"refresh:account:{account.pk}", LEASE_SECONDS) as mine:
        if not mine:
            raise Unavailable("another worker is renewing the login of this account")
        now_connected = connection(account)
        credential = account.credential
        if refused is not None and credential.version > refused:
            return True
        try:
            renewed = account.adapter.refresh(now_connected)
        except AuthExpired as exc:
            raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
        if renewed is None:
            return False
        _swap(credential, dict(renewed))
    return True


def _swap(credential: Credential, renewed: dict[str, str]) -> None:
    """Write the new secrets unless somebody reconnected in the meantime: theirs are newer."""
    # Networks that rotate answer with a new refresh token, others with an empty one.
    secrets = {**credential.secrets, **{name: v for name, v in renewed.items() if v}}
    swapped = Credential.objects.filter(pk=credential.pk, version=credential.version).update(
        version=F("version") + 1, **kept(secrets)
    )
    if not swapped:
        log.info("account %s was reconnected during a refresh", credential.account_id)


def kept(secrets: Mapping[str, str]) -> dict[str, Any]:
    """Secrets as the columns of a credential, with the ends they name."""
    return {
        "secrets": dict(secrets),
        "expires_at": _moment(secrets.get("expires_at")),
        "ends_at": _moment(secrets.get("ends_at")),
        "refreshed_at": timezone.now(),
    }


def _moment(named: str | None) -> datetime | None:
    try:
        found = parse_datetime(named or "")
    except ValueError:
        found = None
    return found if found and timezone.is_aware(found) else None


def _version_in_use(account: Account) -> int | None:
    """Version of the secrets this object was last connected with; None = not connected yet."""
    cached = account._state.fields_cache.get("credential")
    return None if cached is None else int(cached.version)


@transaction.atomic
def needs_reconnect(account: Account, note: str = "") -> bool:
    """The network does not take our login any more: block the account and tell people.

    False when it was noticed before, or when newer secrets were stored in the meantime.
    """
    from socialhub.services import notices

    refused = _version_in_use(account)
    current = Credential.objects.filter(account_id=account.pk).values_list("version", flat=True)
    version = current.first()
    if refused is not None and version is not None and version > refused:
        return False
    changed = Account.objects.filter(pk=account.pk, status=AccountStatus.ACTIVE).update(
        status=AccountStatus.NEEDS_RECONNECT, status_note=note[:1000]
    )
    if changed:
        # Its end was announced; now it is there.
        notices.resolve(f"account:{account.pk}:ending:")
        incident = f"account:{account.pk}:reconnect:{version or 0}"
        notices.open_notice(NoticeKind.RECONNECT, incident, account=account)
    return changed == 1


def on_reconnected(account: Account) -> None:
    """The login works again: the notices about it are settled. Blocked rows go on by themselves."""
    from socialhub.services import notices

    notices.resolve(f"account:{account.pk}:reconnect:")
    notices.resolve(f"account:{account.pk}:ending:")
