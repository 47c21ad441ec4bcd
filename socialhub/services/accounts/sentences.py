"""What a person reads when a network refuses a connection, or the doctor finds something."""

from __future__ import annotations

from django.utils.translation import gettext as _

from socialhub.logs import redact
from socialhub.platforms.base import Check, PlatformAdapter
from socialhub.platforms.errors import PlatformError, RateLimited
from socialhub.services.jobs import JobFailed


def refusal(
    error: PlatformError, adapter: PlatformAdapter, *, in_browser: bool = False
) -> JobFailed:
    """Why connecting did not work, and what to do."""
    texts = {
        "auth_revoked": _(
            "%(network)s did not accept the name and the password or token. Check both; use an "
            "app password or token made for SocialHub."
        ),
        "not_found": _("There is no %(network)s server at this address. Check it."),
        "unavailable": _("%(network)s does not answer at this address. Try again later."),
        "rate_limited": _("%(network)s refuses more tries for now. Wait a few minutes."),
        "permission": _(
            "%(network)s does not allow SocialHub this: %(detail)s. Connect again and grant "
            "everything that is asked."
        ),
    }
    if in_browser:
        texts["auth_revoked"] = _(
            "%(network)s did not accept the login. Start again; if it stays, check the client id "
            "and the secret of the developer app."
        )
    texts["auth_expired"] = texts["auth_revoked"]
    text = texts.get(error.code, _("%(network)s refused: %(detail)s"))
    detail = redact(error.message).rstrip(".") or _("no reason given")
    message = text % {"network": adapter.name, "detail": detail}
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


def _api_version() -> tuple[str, str, str]:
    return (
        _("The version of the network's API is recent enough."),
        _("The version of the network's API will be switched off soon, or is already."),
        _(
            "Set a newer API version on the page “Connect an account” of this network (or let the "
            "operator set it), after a look at what the network changed."
        ),
    )


def _page_role() -> tuple[str, str, str]:
    return (
        _("The person who connected it may publish for this page."),
        _("The person who connected it may not publish for this page any more."),
        _(
            "Have a manager of the page give that role back on the network, or connect again as "
            "somebody who has it."
        ),
    )


def _insights() -> tuple[str, str, str]:
    return (
        _("The network gives figures for this page."),
        _("The network gives no figures for this page yet."),
        _("Pages need 100 likes for that. Until then figures stay “–”; publishing works."),
    )


def _metrics_off() -> tuple[str, str, str]:
    return (
        _("The network reports every figure that is asked for."),
        _("The network refused some figures; they are left out for a week and show “–”."),
        _("Nothing to do: they are asked for again after that. Publishing works."),
    )


def _bot_rights() -> tuple[str, str, str]:
    return (
        _("The bot may post in the channel."),
        _("The bot may not post in the channel."),
        _("Make the bot an administrator of the channel who may post messages."),
    )


def _public_media() -> tuple[str, str, str]:
    return (
        _("The network can fetch pictures from this installation."),
        _("The network cannot fetch pictures from this installation."),
        _(
            "Set PUBLIC_MEDIA_URL to an address that begins with https:// and that the internet "
            "reaches without a login; its path /media/ must lead here."
        ),
    )


def _login_end() -> tuple[str, str, str]:
    return (
        _("The login does not end soon."),
        _("The login ends soon, and SocialHub cannot renew it."),
        _("Connect the account again; posts and numbers stay."),
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
    "api_version": _api_version,
    "page_role": _page_role,
    "insights": _insights,
    "metrics_off": _metrics_off,
    "bot_rights": _bot_rights,
    "public_media": _public_media,
    "login_end": _login_end,
}
