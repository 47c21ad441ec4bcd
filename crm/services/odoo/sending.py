"""One lead on its way to Odoo: taken, sent through the check, and what becomes of it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Lead, LeadState, OdooConnection
from crm.odoo import Upserted, errors
from crm.services import notices
from crm.services.odoo import breaker, field_lists, lead_values, logs
from crm.services.odoo.lead_values import MODEL
from crm.services.odoo.ownership import contact_of
from crm.services.odoo.scrubbing import personal, scrubbed
from crm.services.odoo.session import LEASE_SECONDS, Session
from crm.services.odoo.utm import References

# A claim older than a worker's hold on the connection belongs to a dead one.
CLAIM = timedelta(seconds=LEASE_SECONDS)
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
# A day, and enough tries: a day in which Odoo was down does not count against a lead.
GIVE_UP_AFTER = timedelta(hours=24)
FEWEST_TRIES = 8
SERVER_BUGS = 3
# In a row: Odoo does not answer at all, others need not be tried.
UNANSWERED = 2
RELATED = (
    *("account", "publication", "campaign", "product", "service"),
    "first_touch__interaction",
)

GAVE_UP = "gave_up"


@dataclass(slots=True)
class Sender:
    """What a run needs to send leads."""

    session: Session
    utm: References = field(init=False)
    # Leads in a row whose answers were lost.
    unanswered: int = 0
    fields_looked_at: bool = False

    def __post_init__(self) -> None:
        self.utm = References(self.session)


def due(connection: OdooConnection, now: datetime, *, waiting_too: bool = False) -> Q:
    """Leads this connection may send now; `waiting_too` = those put off as well."""
    wanted = (
        Q(state=LeadState.QUEUED, odoo_id__isnull=True)
        & Q(erased_at__isnull=True, gone_since__isnull=True)
        & (Q(connection=connection) | Q(connection__isnull=True))
        & (Q(claim__isnull=True) | Q(claimed_at__lt=now - CLAIM))
    )
    if waiting_too:
        return wanted
    return wanted & (Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))


def take(
    connection: OdooConnection, ids: Iterable[int], *, never_sent: bool = False
) -> uuid.UUID | None:
    """Claim leads with one conditional UPDATE; the claim, or None when others have them all.

    From here on they count as sent: committed before anything leaves.
    """
    now, claim = timezone.now(), uuid.uuid4()
    wanted = due(connection, now, waiting_too=True) & Q(pk__in=list(ids))
    if never_sent:
        wanted &= Q(was_sent=False)
    taken = Lead.objects.filter(wanted).update(
        claim=claim, claimed_at=now, connection=connection, was_sent=True
    )
    return claim if taken else None


def of_claim(claim: uuid.UUID) -> list[Lead]:
    return list(Lead.objects.filter(claim=claim).select_related(*RELATED).order_by("pk"))


def send(sender: Sender, lead_id: int) -> None:
    """Send one lead unless Odoo has it. Raises what concerns the connection, not the lead."""
    claim = take(sender.session.connection, [lead_id])
    if claim is None:
        return
    (lead,) = of_claim(claim)
    try:
        made = _upsert(sender, lead)
    except (errors.Invalid, errors.AccessRefused, errors.NotFound) as exc:
        park(sender.session, lead, exc.code, breaker.sentence(exc))
    except errors.ServerBug as exc:
        if lead.tries + 1 >= SERVER_BUGS:
            park(sender.session, lead, exc.code, breaker.sentence(exc))
        else:
            put_off(sender.session, lead, exc)
    except (errors.Conflict, errors.NotVisible) as exc:
        put_off(sender.session, lead, exc)
    except errors.UnknownOutcome as exc:
        put_off(sender.session, lead, exc)
        sender.unanswered += 1
        if sender.unanswered >= UNANSWERED:
            raise
        return
    except errors.OdooError:
        release(claim)
        raise
    except Exception:
        # A fault of ours: the others must not wait behind it for ever.
        put_off(sender.session, lead, errors.ServerBug())
        raise
    else:
        arrived(sender.session, lead, made)
    sender.unanswered = 0


def _upsert(sender: Sender, lead: Lead) -> Upserted:
    try:
        return _try(sender, lead)
    except errors.Invalid as exc:
        if exc.status == 413 or not _learned(sender):
            raise
        return _try(sender, lead)


def _learned(sender: Sender) -> bool:
    """Was it our picture of Odoo that is out of date, rather than the lead? Once per run."""
    if sender.fields_looked_at:
        return False
    sender.fields_looked_at = True
    changed = field_lists.refreshed(sender.session, MODEL)
    return sender.utm.heal() or changed


def _try(sender: Sender, lead: Lead) -> Upserted:
    session = sender.session
    utm = sender.utm.of(lead)
    values = lead_values.columns(lead, session.connection, session.client.fields(MODEL), utm)
    if not lead.agreed:
        # Before it leaves: a worker that dies now must still know what it said.
        Lead.objects.filter(pk=lead.pk, claim=lead.claim).update(agreed=contact_of(lead))
    with (
        logs.attempt(
            session,
            object_type="lead",
            object_id=lead.pk,
            odoo_model=MODEL,
            operation="create",
            attempt=lead.tries + 1,
        ) as line,
        scrubbed(personal(lead)),
    ):
        made = session.client.upsert_once(MODEL, lead.external_name, values)
        line.ok(odoo_id=made.id, skipped=not made.created)
    return made


# -- what becomes of it --------------------------------------------------------------


def arrived(session: Session, lead: Lead, made: Upserted) -> None:
    """It is in Odoo."""
    now = timezone.now()
    agreed = contact_of(lead) if made.created or not lead.agreed else lead.agreed
    stored = Lead.objects.filter(pk=lead.pk, claim=lead.claim, state=LeadState.QUEUED).update(
        state=LeadState.EXPORTED,
        odoo_id=made.id,
        exported_at=now,
        agreed=agreed,
        claim=None,
        claimed_at=None,
        next_try_at=None,
        updated_at=now,
    )
    if stored:
        session.count(**{"created" if made.created else "skipped": 1, "done": 1})


def park(session: Session, lead: Lead, code: str, reason: str) -> None:
    """A person must look at it; the others go on."""
    parked = Lead.objects.filter(pk=lead.pk, claim=lead.claim, state=LeadState.QUEUED).update(
        state=LeadState.PARKED,
        park_code=code,
        park_reason=reason[:500],
        claim=None,
        claimed_at=None,
        next_try_at=None,
        tries=F("tries") + 1,
        updated_at=timezone.now(),
    )
    if parked:
        session.count(failed=1, done=1)
        lead.refresh_from_db(fields=["state", "park_code", "park_reason", "tries"])
        notices.lead_parked(lead)


def put_off(session: Session, lead: Lead, exc: errors.OdooError) -> None:
    """Later again; after a day of tries it is parked."""
    now = timezone.now()
    since = lead.queued_at or lead.created_at
    if lead.tries + 1 >= FEWEST_TRIES and now - since > GIVE_UP_AFTER:
        reason = _("SocialHub gave up after a day: %(reason)s")
        code = exc.code if isinstance(exc, errors.NotVisible) else GAVE_UP
        park(session, lead, code, reason % {"reason": breaker.sentence(exc)})
        return
    Lead.objects.filter(pk=lead.pk, claim=lead.claim).update(
        claim=None,
        claimed_at=None,
        next_try_at=now + wait(lead.tries),
        tries=F("tries") + 1,
    )
    session.count(failed=1, done=1)


def wait(tries: int) -> timedelta:
    """Full jitter, at most 2 s at first and 15 minutes in the end."""
    longest: timedelta = min(FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT)
    return longest * random.random()


def release(claim: uuid.UUID) -> None:
    """Give leads back untouched."""
    Lead.objects.filter(claim=claim).update(claim=None, claimed_at=None)
