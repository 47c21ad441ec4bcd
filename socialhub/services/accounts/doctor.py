"""What works for an account right now, line by line, with a remedy for what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub.models import Account, JobRun
from socialhub.platforms.base import Check
from socialhub.platforms.errors import SHORTEST_SECRET, AuthExpired, PlatformError
from socialhub.services import jobs
from socialhub.services.accounts import logins, public_media
from socialhub.services.accounts.credentials import connection, refresh
from socialhub.services.accounts.sentences import check_line


def doctor(account: Account, user: Any = None) -> JobRun:
    """Examine an account. The job's result: {"checks": [{"code", "ok", "message", "remedy"}]}."""
    return jobs.start("doctor", user, {"account": account.pk})


@jobs.job("doctor")
def _doctor(job: JobRun) -> dict[str, Any]:
    account = Account.objects.get(pk=job.arguments["account"])
    try:
        checks = _examine(account)
    except PlatformError as exc:
        checks = [Check(exc.code, False, exc.message)]
    checks += _own(account)
    return {"checks": [check_line(check) for check in checks]}


def _examine(account: Account) -> list[Check]:
    try:
        return _asked(account)
    except AuthExpired:
        # Access tokens end after hours by design; that is no finding.
        if not refresh(account):
            raise
        return _asked(account)


def _asked(account: Account) -> list[Check]:
    """What the network says, without secrets it may repeat."""
    to = connection(account)
    secrets = [value for value in to.secrets.values() if len(value) >= SHORTEST_SECRET]
    try:
        found = account.adapter.doctor(to)
    except PlatformError as exc:
        exc.hide(secrets)
        raise
    checks = []
    for check in found:
        detail = check.detail
        for secret in secrets:
            detail = detail.replace(secret, "…")
        checks.append(replace(check, detail=detail))
    return checks


def _own(account: Account) -> list[Check]:
    """What no network can tell: our public address, and the end of the login."""
    found = []
    if account.capabilities.fetches_media:
        found.append(public_media.check())
    end = logins.end_of(account)
    if end is not None:
        days = logins.days_left(end)
        left = ngettext("ends in %(days)s day", "ends in %(days)s days", days) % {"days": days}
        ok = days >= logins.WARN_BEFORE.days
        found.append(Check("login_end", ok, left if days else _("ends today or has ended")))
    return found
