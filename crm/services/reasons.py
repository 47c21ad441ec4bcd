"""Why is this lead not in Odoo? One sentence, one remedy."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import ConnectionState, CrmSettings, Lead, LeadState, OdooConnection
from crm.services.odoo import breaker


@dataclass(frozen=True, slots=True)
class Why:
    """`action` is the likeliest button: "export", "retry", "connect", "edit", "open" or ""."""

    code: str
    sentence: str
    remedy: str = ""
    action: str = ""


def why(lead: Lead) -> Why:
    """What stands between this lead and Odoo, or that nothing does."""
    if lead.gone_since is not None:
        return Why(
            "gone",
            _("Odoo does not show this lead any more: deleted, merged with another, or hidden."),
            _("It is never sent again. Look for it in Odoo, or write a new lead."),
        )
    if lead.state in (LeadState.EXPORTED, LeadState.LINKED):
        return Why("in_odoo", _("It is in Odoo."), action="open")
    if lead.erased_at is not None:
        return Why("erased", _("The data of this person was erased; it is not sent."))
    if lead.state == LeadState.PARKED:
        return _parked(lead)
    connection = OdooConnection.objects.filter(is_active=True).first()
    if connection is None:
        return Why(
            "no_connection",
            _("No Odoo is connected."),
            _("Connect your Odoo; leads are kept here until then."),
            "connect",
        )
    if lead.state == LeadState.NEW:
        return _new(connection)
    return _unusable(connection) or _waiting(lead, connection)


def _parked(lead: Lead) -> Why:
    if lead.odoo_id is not None:
        sentence = _("It is in Odoo, but the last exchange failed: %(reason)s")
    else:
        sentence = _("It could not be sent: %(reason)s")
    return Why(
        lead.park_code,
        sentence % {"reason": lead.park_reason},
        _("Put right what is named here or in Odoo, then try again."),
        "retry",
    )


def _new(connection: OdooConnection) -> Why:
    if not CrmSettings.get().send_by_itself:
        sentence = _("Nobody has sent it: leads do not go to Odoo by themselves here.")
    else:
        sentence = _("It came in when no Odoo was ready to take it.")
    return Why("new", sentence, _("Send it to Odoo."), "export")


def _unusable(connection: OdooConnection) -> Why | None:
    if connection.state == ConnectionState.PAUSED:
        return Why(
            "paused",
            _("The connection is paused: %(reason)s") % {"reason": connection.paused_reason},
            _("Enter a working key and test the connection; the lead is sent then."),
            "connect",
        )
    if connection.state != ConnectionState.READY:
        return Why(
            "not_ready",
            _("The connection to Odoo is not ready."),
            _("Test the connection: its checklist says what is missing."),
            "connect",
        )
    return None


def _waiting(lead: Lead, connection: OdooConnection) -> Why:
    now = timezone.now()
    if lead.claim is not None:
        return Why("sending", _("It is being sent right now."))
    if breaker.is_open(connection, now):
        return Why(
            "resting",
            _("Odoo could not be reached. SocialHub tries again at %(time)s.")
            % {"time": _clock(connection.blocked_until)},
            _("Nothing to do, unless Odoo should be running."),
        )
    if lead.was_sent:
        return Why(
            "unknown",
            _("It was sent, and no usable answer came. SocialHub looks in Odoo before anything."),
            _("Nothing to do."),
        )
    if lead.next_try_at is not None and lead.next_try_at > now:
        return Why(
            "again_later",
            _("The last try did not work. SocialHub tries again at %(time)s.")
            % {"time": _clock(lead.next_try_at)},
            _("Nothing to do; the log says what happened."),
        )
    return Why("queued", _("It goes to Odoo with the next run, within five minutes."))


def _clock(moment: object) -> str:
    return date_format(timezone.localtime(moment), "TIME_FORMAT")  # type: ignore[arg-type]
