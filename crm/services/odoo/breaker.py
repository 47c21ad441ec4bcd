"""What an error means for the connection: pause it, give it a rest, or just note it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import ConnectionState, OdooConnection, RunState
from crm.odoo import errors

# Failures to reach Odoo in a row before it is given a rest.
ALLOWED = 5
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)
# Doubling further would only leave what a timedelta can hold.
MOST_DOUBLINGS = 8
# Of what Odoo (or its proxy) asks for.
LONGEST_ASKED = timedelta(days=1)


def is_open(connection: OdooConnection, now: datetime) -> bool:
    """Is Odoo being given a rest?"""
    return connection.blocked_until is not None and connection.blocked_until > now


def succeeded(connection: OdooConnection) -> None:
    """Odoo answered: forget the failures."""
    OdooConnection.objects.filter(pk=connection.pk).exclude(failures=0).update(
        failures=0, blocked_until=None
    )


def failed(connection: OdooConnection, exc: errors.OdooError) -> str:
    """Note the failure; returns the state in which a run ends by it."""
    if isinstance(exc, errors.AuthError):
        pause(connection, sentence(exc))
        return RunState.FAILED
    if isinstance(exc, (errors.Unavailable, errors.UnknownOutcome, errors.Throttled)):
        _rest(connection, exc)
        return RunState.INTERRUPTED
    if isinstance(exc, errors.Conflict):
        return RunState.INTERRUPTED
    return RunState.FAILED


def pause(connection: OdooConnection, reason: str) -> None:
    """Send nothing more until a person has been here: another wrong try helps nobody."""
    from crm.services import notices

    changed = (
        OdooConnection.objects.filter(pk=connection.pk)
        .exclude(state=ConnectionState.PAUSED)
        .update(state=ConnectionState.PAUSED, paused_reason=reason[:500])
    )
    if changed:
        notices.connection_paused(connection, reason)


def _rest(connection: OdooConnection, exc: errors.OdooError) -> None:
    OdooConnection.objects.filter(pk=connection.pk).update(failures=F("failures") + 1)
    connection.refresh_from_db(fields=["failures"])
    until = None
    if isinstance(exc, errors.Throttled):
        asked = min(exc.retry_after or 60, LONGEST_ASKED.total_seconds())
        until = timezone.now() + timedelta(seconds=asked)
    elif connection.failures >= ALLOWED:
        doublings = min(connection.failures - ALLOWED, MOST_DOUBLINGS)
        longest = min(FIRST_REST * 2**doublings, LONGEST_REST)
        until = timezone.now() + longest * random.uniform(0.5, 1)
    if until is not None:
        OdooConnection.objects.filter(pk=connection.pk).update(blocked_until=until)


def sentence(exc: errors.OdooError) -> str:
    """What happened, for a person: our words, with Odoo's own where they help."""
    if isinstance(exc, errors.AuthError):
        return _("Odoo refuses the login or the API key.")
    if isinstance(exc, errors.Throttled):
        return _("Odoo asks for fewer requests; SocialHub waits.")
    if isinstance(exc, errors.Unavailable):
        return _("Odoo cannot be reached. SocialHub tries again by itself.")
    if isinstance(exc, errors.UnknownOutcome):
        return _("Odoo did not answer in time. SocialHub looks what arrived and goes on.")
    if isinstance(exc, errors.AccessRefused):
        return _("Odoo does not allow this to the user: %(text)s") % {"text": exc.message}
    if isinstance(exc, errors.Unsupported):
        return _("Something is not installed in Odoo: %(text)s") % {"text": exc.message}
    return exc.message
