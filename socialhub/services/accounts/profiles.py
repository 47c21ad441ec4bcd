"""What a network said about a profile, written onto its account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from socialhub.models import Account, AccountStatus, Credential
from socialhub.models.accounts import AccountQuerySet
from socialhub.platforms.base import Profile
from socialhub.services.accounts.credentials import kept, on_reconnected
from socialhub.services.errors import Invalid


def adopt(user: Any, row: Account, profile: Profile) -> Account:
    """Write what the network said: onto the account of that profile, else onto `row`."""
    try:
        return _write(user, row, profile)
    except IntegrityError:
        # The same profile was connected at the same moment; now it is there.
        return _write(user, row, profile)


def require_same(account: Account, remote_id: str) -> None:
    """Raise Invalid when another profile came than the one to reconnect."""
    if account.remote_id and account.remote_id != remote_id:
        message = _(
            "That login does not reach %(account)s, so nothing was changed. Sign in as the one "
            "who manages it and grant access to it."
        ) % {"account": account}
        raise Invalid("other_profile", message, {"account": [message]})


def known(platform: str, server_url: str, is_global: bool) -> AccountQuerySet:
    """Accounts that a profile of this network (and server) may be."""
    rows = Account.objects.filter(platform=platform).exclude(remote_id="")
    return rows if is_global else rows.filter(server_url=server_url)


def shown(account: Account) -> dict[str, Any]:
    """The result of a job that connected one account."""
    return {"account": account.pk, "handle": account.handle, "status": account.status}


@transaction.atomic
def _write(user: Any, row: Account, profile: Profile) -> Account:
    rows = known(row.platform, row.server_url, row.adapter.remote_ids_are_global)
    found = rows.filter(remote_id=profile.remote_id).select_for_update().first()
    account = found or row
    account.server_url = row.server_url
    account.remote_id = profile.remote_id
    account.handle = profile.handle[:300]
    account.display_name = profile.display_name[:300]
    # The network's newest word counts; what it said nothing of this time still holds.
    account.options = {**account.options, **profile.options}
    account.status, account.status_note = AccountStatus.ACTIVE, ""
    account._history_user = user  # type: ignore[attr-defined]
    account.save()
    _store(account, profile.secrets)
    if found:
        on_reconnected(account)
    return account


def _store(account: Account, secrets: Mapping[str, str]) -> None:
    changes = kept(secrets)
    # A new version, so that a refresh of the old secrets cannot overwrite these.
    rows = Credential.objects.filter(account=account)
    if not rows.update(version=F("version") + 1, **changes):
        Credential.objects.create(account=account, **changes)
