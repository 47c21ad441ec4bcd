"""Later words of a person, posted below the lead in Odoo: at most once each.

A note has no external id. Each carries a marker in its text, and after a lost answer SocialHub
looks for it among the lead's messages before it may be sent again.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import LeadNote, NoteState
from crm.odoo import errors
from crm.odoo.values import MAX_TEXT, clean_text
from crm.services.odoo import breaker, logs
from crm.services.odoo.lead_values import MODEL
from crm.services.odoo.scrubbing import personal, scrubbed
from crm.services.odoo.sending import SERVER_BUGS, wait
from crm.services.odoo.session import LEASE_SECONDS, Session

MOST = 500
MARKER = "SocialHub note"
# Longer than a request may take in Odoo (120 s): what was under way is visible or gone by then.
LOOK_AFTER = timedelta(minutes=3)
LOOKED_ONCE = "not found at the first look"


def send(session: Session, end: float) -> None:
    """Settle what got no answer, then send what waits, oldest first."""
    _give_up_lost(session)
    for step, state in ((_look, NoteState.UNKNOWN), (_post, NoteState.WAITING)):
        for note in _due(session, state):
            if time.monotonic() > end:
                return
            step(session, note)
            session.beat()


def _due(session: Session, state: str) -> list[LeadNote]:
    now = timezone.now()
    rows = LeadNote.objects.filter(
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
        state=state,
        lead__connection=session.connection,
        lead__odoo_id__isnull=False,
        lead__gone_since__isnull=True,
        lead__erased_at__isnull=True,
    )
    return list(rows.select_related("lead").order_by("written_at", "pk")[:MOST])


def _give_up_lost(session: Session) -> None:
    """A worker died while sending: nobody knows what arrived."""
    now = timezone.now()
    LeadNote.objects.filter(
        state=NoteState.SENDING,
        lead__connection=session.connection,
        next_try_at__lt=now - timedelta(seconds=LEASE_SECONDS),
    ).update(state=NoteState.UNKNOWN, next_try_at=now, reason="")


def marker(note: LeadNote) -> str:
    return f"{MARKER} {note.marker}"


def body(note: LeadNote) -> str:
    """The words, cut so that the marker always arrives."""
    room = MAX_TEXT - 200
    text = clean_text(note.text).encode()[:room].decode(errors="ignore")
    return f"{text}\n\n[{marker(note)}]"


# -- sending -------------------------------------------------------------------------


def _post(session: Session, note: LeadNote) -> None:
    now = timezone.now()
    # Committed before it leaves; while it is being sent `next_try_at` is the time of that.
    taken = LeadNote.objects.filter(pk=note.pk, state=NoteState.WAITING).update(
        state=NoteState.SENDING, tries=F("tries") + 1, next_try_at=now, reason=""
    )
    if not taken:
        return
    note.tries += 1
    try:
        message_id = _request(session, note)
    except errors.UnknownOutcome:
        _move(note, NoteState.UNKNOWN, next_try_at=timezone.now() + LOOK_AFTER)
        session.count(failed=1)
    except (errors.AccessRefused, errors.Invalid, errors.NotFound, errors.ServerBug) as exc:
        _refused(session, note, exc)
    except errors.Conflict as exc:
        _later(session, note, exc)
    except errors.OdooError:
        _move(note, NoteState.WAITING, next_try_at=now)
        raise
    else:
        _sent(session, note, message_id)


def _request(session: Session, note: LeadNote) -> int | None:
    lead = note.lead
    assert lead.odoo_id is not None
    with (
        logs.attempt(
            session,
            object_type="note",
            object_id=note.pk,
            odoo_model=MODEL,
            odoo_id=lead.odoo_id,
            operation="note",
            attempt=note.tries,
        ),
        scrubbed([*personal(lead), *note.text.splitlines()]),
    ):
        return session.client.post_note(MODEL, lead.odoo_id, body(note))


def _refused(session: Session, note: LeadNote, exc: errors.OdooError) -> None:
    if isinstance(exc, errors.ServerBug) and note.tries < SERVER_BUGS:
        _later(session, note, exc)
    else:
        _park(session, note, breaker.sentence(exc))


def _later(session: Session, note: LeadNote, exc: errors.OdooError) -> None:
    at = timezone.now() + wait(note.tries)
    _move(note, NoteState.WAITING, next_try_at=at, reason=breaker.sentence(exc)[:500])
    session.count(failed=1)


def _park(session: Session, note: LeadNote, reason: str) -> None:
    _move(note, NoteState.PARKED, next_try_at=None, reason=reason[:500])
    session.count(failed=1)


def _sent(session: Session, note: LeadNote, message_id: int | None) -> None:
    _move(
        note,
        NoteState.SENT,
        odoo_message_id=message_id,
        sent_at=timezone.now(),
        next_try_at=None,
        reason="",
    )
    # A word more about a lead: no record of its own.
    session.count(updated=1)


def _move(note: LeadNote, state: str, **fields: object) -> None:
    """From being sent, or from being looked for, to another state."""
    LeadNote.objects.filter(pk=note.pk, state__in=[NoteState.SENDING, NoteState.UNKNOWN]).update(
        state=state, **fields
    )


# -- looking -------------------------------------------------------------------------


def _look(session: Session, note: LeadNote) -> None:
    """Is it there? Sent; not there at two looks some minutes apart: it may go again."""
    with logs.attempt(
        session,
        object_type="note",
        object_id=note.pk,
        odoo_model="mail.message",
        operation="look",
        attempt=note.tries,
    ) as line:
        try:
            found = _messages(session, note)
        except (errors.AccessRefused, errors.Unsupported):
            line.ok(skipped=True, message="messages cannot be read")
            _park(session, note, _("Odoo did not answer, and its messages cannot be read."))
            return
        line.ok(odoo_id=found[0] if found else None, skipped=not found)
    if found:
        _sent(session, note, found[0])
    elif note.reason == LOOKED_ONCE:
        _move(note, NoteState.WAITING, next_try_at=None, reason="")
    else:
        _move(note, NoteState.UNKNOWN, next_try_at=_next_look(), reason=LOOKED_ONCE)


def _next_look() -> datetime:
    return timezone.now() + LOOK_AFTER


def _messages(session: Session, note: LeadNote) -> list[int]:
    domain = [
        ("model", "=", MODEL),
        ("res_id", "=", note.lead.odoo_id),
        ("body", "ilike", str(note.marker)),
    ]
    return session.client.search_ids("mail.message", domain, limit=1)
