"""What went wrong between us and an Odoo: what happened, and what a person can do."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.odoo import errors


def private() -> tuple[str, str]:
    return (
        _("This is a private address, which SocialHub does not talk to."),
        _(
            "If the Odoo stands in your own network, the operator can list its host in "
            "SOCIALHUB_ALLOWED_PRIVATE_HOSTS."
        ),
    )


def no_such_host() -> tuple[str, str]:
    return (
        _("There is no server of this name."),
        _("Check the address for typing errors."),
    )


def certificate() -> tuple[str, str]:
    return (
        _("The server's certificate is not accepted, or it does not speak https."),
        _("Renew the certificate, use the name it was made for, or check http and https."),
    )


def no_odoo() -> tuple[str, str]:
    return (
        _("A server answers, but not as Odoo does."),
        _("Enter the address at which you open Odoo yourself, without what follows the host."),
    )


def sentence(exc: errors.OdooError) -> tuple[str, str, str]:
    """(what happened, what to do, address offered instead or "")."""
    if isinstance(exc, errors.ConfigError):
        return _config(exc)
    if isinstance(exc, errors.AuthError):
        return (
            _("Odoo does not accept this user with this key, or the key has ended."),
            _("Make a new API key named SocialHub in the user's profile in Odoo, and enter it."),
            "",
        )
    if isinstance(exc, errors.Unsupported):
        return (
            _("This Odoo is too old or lacks what is asked for: %(text)s") % {"text": exc.message},
            _("SocialHub works with Odoo 16 and later, with the CRM app installed."),
            "",
        )
    if isinstance(exc, errors.Throttled):
        return (_("Odoo asks for fewer requests."), _("Test again in a minute."), "")
    if isinstance(exc, errors.UnknownOutcome):
        return (
            _("The server did not answer in time."),
            _("Test again; an Odoo that was idle needs half a minute to wake up."),
            "",
        )
    if isinstance(exc, errors.Unavailable):
        return (
            _("The server cannot be reached."),
            _("Is Odoo running, and are host and port right? A firewall may be in between."),
            "",
        )
    if isinstance(exc, errors.AccessRefused):
        return (
            _("Odoo does not allow this to the user."),
            _("In Odoo give this user the role “Sales / User: All Documents”, then test again."),
            "",
        )
    return (
        _("Odoo answered with an error of its own: %(text)s") % {"text": exc.message},
        _("Odoo's log says more. Test again afterwards."),
        "",
    )


def _config(exc: errors.ConfigError) -> tuple[str, str, str]:
    if exc.redirect_to:
        return (
            _("The server sends us on to %(url)s.") % {"url": exc.redirect_to},
            _("Enter that address instead, if it is your Odoo."),
            exc.redirect_to,
        )
    if 300 <= (exc.status or 0) < 400:
        return (
            _("The server sends us to another page instead of answering."),
            _("Enter the address at which you open Odoo yourself, without what follows the host."),
            "",
        )
    return (*no_odoo(), "")
