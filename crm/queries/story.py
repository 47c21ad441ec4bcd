"""The story of one lead: from the comment over Odoo's stages to the order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.models import Lead, LeadRevenue, LeadTouch, OrderKind, Outcome
from crm.odoo import record_url
from crm.queries import exchanged
from crm.services.erasing import odoo_address

# Entries of the same moment, in the order in which one leads to the other.
ORDER = (
    *("published", "touch", "lead", "consent", "note", "sent", "trouble", "stage", "change"),
    *("quotation", "order", "won", "lost", "open", "invoice", "refund"),
    *("conflict", "gone", "erased"),
)
HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment. `kind` is one of ORDER; `detail` may hold what a person wrote.

    `amount` None = the entry is about no amount; `is_estimate`: Odoo told no orders; `is_day`:
    of `at` only the day is known, as of an invoice.
    """

    at: datetime
    kind: str
    title: str
    detail: str = ""
    amount: Decimal | None = None
    currency: str = ""
    is_estimate: bool = False
    url: str = ""
    is_day: bool = False

    @property
    def place(self) -> tuple[datetime, int]:
        """What has a day and no time (noon stands for it) comes at the end of that day."""
        late = HALF_DAY if self.is_day else timedelta(0)
        return (self.at + late, ORDER.index(self.kind))


def story(lead: Lead) -> list[Entry]:
    """Oldest first. A constant number of queries; `lead` from `for_list()`.

    Stage changes stand at the time they were read, which is up to five minutes late.
    """
    found = [
        *_touches(lead),
        *_here(lead),
        *_orders(lead),
        *_conflicts(lead),
        *_exchanged(lead),
    ]
    return sorted(found, key=lambda entry: entry.place)


# -- contacts ------------------------------------------------------------------------


def _touches(lead: Lead) -> Iterator[Entry]:
    rows = lead.touches.select_related(
        "interaction", "publication__post", "publication__account", "post", "link", "account"
    )
    told = set()
    for touch in rows:
        publication = touch.publication
        if publication is not None and publication.published_at and publication.pk not in told:
            told.add(publication.pk)
            yield Entry(
                publication.published_at,
                "published",
                _("Our post went out on %(account)s") % {"account": publication.account},
                publication.full_text,
                url=publication.permalink,
            )
        yield _touch(touch)


def _touch(touch: LeadTouch) -> Entry:
    interaction = touch.interaction
    if interaction is not None:
        title = _("%(person)s wrote on %(account)s") % {
            "person": interaction.author_name or interaction.author_handle or _("Somebody"),
            "account": touch.account or interaction.account,
        }
        return Entry(touch.at, "touch", title, interaction.text, url=interaction.permalink)
    titles = {
        "interaction": _("A comment, which was deleted since"),
        "visit": _("Followed a tracked link"),
        "form": _("Filled in a form"),
        "api": _("Came in over the API"),
        "admin": _("Was written down by hand"),
    }
    about = [str(one) for one in (touch.post, touch.link) if one is not None]
    return Entry(touch.at, "touch", str(titles[touch.kind]), " · ".join(about))


# -- here ------------------------------------------------------------------------------


def _here(lead: Lead) -> Iterator[Entry]:
    who = lead.created_by
    title = _("Lead made by %(person)s") % {"person": who} if who else _("Became a lead")
    yield Entry(lead.created_at, "lead", title, lead.get_source_display())
    if lead.consent_at is not None:
        yield Entry(lead.consent_at, "consent", _("Agreed to"), lead.consent_text)
    # A comment's own note is told by its touch.
    for note in lead.notes.filter(interaction__isnull=True):
        title = _("Wrote again (note for Odoo: %(state)s)") % {"state": note.get_state_display()}
        yield Entry(note.written_at, "note", title, note.text)
    if lead.exported_at is not None:
        yield Entry(lead.exported_at, "sent", _("Sent to Odoo"), url=odoo_address(lead))
    if lead.closed_at is not None and lead.outcome != Outcome.OPEN:
        yield _closed(lead, lead.closed_at)
    if lead.gone_since is not None:
        yield Entry(lead.gone_since, "gone", _("Odoo does not show it any more"))
    if lead.erased_at is not None:
        yield Entry(lead.erased_at, "erased", _("Personal data was erased"))


def _closed(lead: Lead, at: datetime) -> Entry:
    if lead.outcome == Outcome.LOST:
        return Entry(at, "lost", _("Lost"), lead.lost_reason)
    revenue: LeadRevenue | None = getattr(lead, "revenue", None)
    if revenue is None or not revenue.is_estimate:
        # The orders of a won lead tell their amounts themselves.
        return Entry(at, "won", _("Won"))
    return Entry(at, "won", _("Won"), "", revenue.won, revenue.currency, is_estimate=True)


def _orders(lead: Lead) -> Iterator[Entry]:
    titles = {
        OrderKind.QUOTATION: _("Quotation %(number)s"),
        OrderKind.ORDER: _("Order %(number)s"),
        OrderKind.INVOICE: _("Invoice %(number)s"),
        OrderKind.REFUND: _("Refund %(number)s"),
    }
    for row in lead.orders.all():
        yield Entry(
            row.happened_at,
            row.kind,
            (titles[OrderKind(row.kind)] % {"number": row.number}).strip(),
            amount=row.amount,
            currency=row.currency,
            url=_page(lead, row.model, row.odoo_id),
            is_day=row.kind in (OrderKind.INVOICE, OrderKind.REFUND),
        )


def _page(lead: Lead, model: str, odoo_id: int) -> str:
    """The order's own page in Odoo."""
    if lead.connection is None:
        return ""
    # "17.0", "saas~18.2", "19.0+e"
    major = re.search(r"\d+", lead.connection.version)
    return record_url(lead.connection.url, int(major[0]) if major else 18, model, odoo_id)


def _conflicts(lead: Lead) -> Iterator[Entry]:
    for row in lead.conflicts.all():
        field = Lead._meta.get_field(row.field).verbose_name  # type: ignore[union-attr]
        title = _("Changed here and in Odoo: %(field)s") % {"field": field}
        yield Entry(row.raised_at, "conflict", title)
        if row.settled_at is not None:
            kept = _("our value") if row.choice == "ours" else _("Odoo's value")
            title = _("Decided: %(kept)s of %(field)s stays") % {"kept": kept, "field": field}
            yield Entry(row.settled_at, "conflict", title)


# -- from the sync log -----------------------------------------------------------------


def _exchanged(lead: Lead) -> Iterator[Entry]:
    for change in exchanged.of(lead):
        yield Entry(change.at, change.kind, change.title, change.detail)
