"""What a person reads when a network refuses a connection, or the doctor finds something."""

from __future__ import annotations

from django.utils.translation import gettext as _

from socialhub.logs import redact
from socialhub.platforms.base import Check, PlatformAdapter
from socialhub.platforms.errors import PlatformError, RateLimited
from socialhub.services.jobs import JobFailed


def refusal(error: PlatformError, adapter: PlatformAdapter) -> JobFailed:
    """Why connecting did not work, and what to do."""
    texts = {
        "auth_revoked": _(
            "%(network)s did not accept the name and the password or token. Check both; use an "
            "app password or token made for SocialHub."
        ),
        "not_found": _("There is no %(network)s server at this address. Check it."),
        "unavailable": _("%(network)s does not answer at this address. Try again later."),
        "rate_limited": _("%(network)s refuses more tries for now. Wait a few minutes."),
        "permission": _("%(network)s does not allow SocialHub this. Check what you granted."),
    }
    texts["auth_expired"] = texts["auth_revoked"]
    text = texts.get(error.code, _("%(network)s refused: %(detail)s"))
    message = text % {"network": adapter.name, "detail": redact(error.message)}
    failed = {"code": error.code, "message": message, "detail": redact(error.message)}
    if isinstance(error, RateLimited) and error.retry_at:
        failed["retry_at"] = error.retry_at.isoformat()
    return JobFailed(failed)


def check_line(check: Check) -> dict[str, object]:
    """One line of the doctor: {"code", "ok", "message", "remedy", "detail"}."""
    good, bad, remedy = _CHECKS.get(check.code, _other)()
    return {
        "code": check.code,
        "ok": check.ok,
        "message": good if check.ok else bad,
        "remedy": "" if check.ok else remedy,
        "detail": redact(check.detail),
    }


def _reachable() -> tuple[str, str, str]:
    return (
        _("The server answers."),
        _("The server does not answer."),
        _("Check the address, and that this machine may reach it; else try again later."),
    )


def _compatible() -> tuple[str, str, str]:
    return (
        _("The server speaks the protocol SocialHub needs."),
        _("The server does not speak the protocol SocialHub needs."),
        _("Check the address: it must be the server itself, not a page of it."),
    )


def _token() -> tuple[str, str, str]:
    return (
        _("The login works."),
        _("The login does not work any more."),
        _("Connect the account again."),
    )


def _rights() -> tuple[str, str, str]:
    return (
        _("SocialHub has all the rights it needs."),
        _("Rights are missing."),
        _("Connect the account again and grant everything that is asked."),
    )


def _limits() -> tuple[str, str, str]:
    return (
        _("The server's limits leave room."),
        _("The server's limits are used up, or lower than when it was connected."),
        _("Wait an hour and look again. If it stays, connect the account again."),
    )


def _other() -> tuple[str, str, str]:
    return (
        _("This works."),
        _("This does not work."),
        _("Connect the account again; if that does not help, ask an administrator."),
    )


_CHECKS = {
    "reachable": _reachable,
    "unavailable": _reachable,
    "compatible": _compatible,
    "token": _token,
    "auth_revoked": _token,
    "auth_expired": _token,
    "scopes": _rights,
    "rights": _rights,
    "permission": _rights,
    "limits": _limits,
}
