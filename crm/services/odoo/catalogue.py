"""Products and services from Odoo: read by cursor in pages, resumable after each of them.

A reading first asks for the newest `write_date` there is. Only that, by Odoo's own clock and
from before the first page, may become the cursor: what is written while pages are read is later
than it and comes with the next reading, however long this one takes or lies interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import (
    Direction,
    LogOutcome,
    OdooCursor,
    OdooSyncLog,
    OdooSyncRun,
    Product,
    Service,
    SyncKind,
)
from crm.odoo import Record, errors
from crm.odoo.client import ALSO_ARCHIVED
from crm.services.odoo import items, logs, runs, settling, storing
from crm.services.odoo.items import MODEL, Item, ItemClass
from crm.services.odoo.session import LostLease, Session

MODELS: dict[str, ItemClass] = {SyncKind.PRODUCTS: Product, SyncKind.SERVICES: Service}
FIRST_PAGE = 500
# After an import everything lies within the overlap: few large pages instead of many small.
NEXT_PAGE = 3_000
SMALLEST_PAGE = 50
CHUNK = 200


@runs.part(SyncKind.PRODUCTS)
def read_products(session: Session) -> None:
    _read(session, SyncKind.PRODUCTS)


@runs.part(SyncKind.SERVICES)
def read_services(session: Session) -> None:
    _read(session, SyncKind.SERVICES)


def _read(session: Session, kind: str) -> None:
    chosen = session.run.selected if session.run.kind == kind else []
    if chosen:
        _read_chosen(session, MODELS[kind], chosen)
        return
    plan = items.plan(session.client, session.connection)
    try:
        _Reading(session, kind, plan).run()
    except errors.Invalid:
        # A field may have been renamed since we asked for them.
        session.client.forget(MODEL)
        again = items.plan(session.client, session.connection)
        if again.fields == plan.fields:
            raise
        _Reading(session, kind, again).run()


@dataclass(slots=True)
class _Reading:
    """One reading of one kind, begun here or gone on with."""

    session: Session
    kind: str
    plan: items.Plan
    cursor: OdooCursor = field(init=False)

    def __post_init__(self) -> None:
        self.cursor, _new = OdooCursor.objects.get_or_create(
            connection=self.session.connection, kind=self.kind
        )

    @property
    def details(self) -> dict[str, Any]:
        return dict(self.cursor.details)

    def run(self) -> None:
        if self.details.get("basis") != self.plan.basis:
            self._start_over()
        if not self.details.get("began") and self._begin():
            return
        for page in self._pages():
            self._keep(page)
            self.session.beat()
        self._complete()

    # -- beginning ------------------------------------------------------------------

    def _start_over(self) -> None:
        """Rows read so far were mapped in another way, or there are none: read all."""
        _note_missing(self.session, self.plan)
        details = {
            "basis": self.plan.basis,
            "currencies": items.read_currencies(self.session.client),
        }
        if self.details.get("page"):
            details["page"] = self.details["page"]
        self._move(since=None, after_id=0, newest=None, details=details)

    def _begin(self) -> bool:
        """Note where this reading starts. True when there is nothing new to read."""
        began = timezone.now()
        newest = self._newest()
        OdooSyncRun.objects.filter(pk=self.session.run.pk).update(cursor_before=self.cursor.since)
        if settling.is_quiet(self.details, newest):
            self._move(completed_at=began)
            OdooSyncRun.objects.filter(pk=self.session.run.pk).update(
                cursor_after=self.cursor.since
            )
            return True
        if self.cursor.since is None:
            self._count()
        self._move(newest=newest, details={**self.details, "began": began.isoformat()})
        return False

    def _newest(self) -> datetime | None:
        found = self.session.client.search_read(
            MODEL,
            self.plan.domain(MODELS[self.kind]),
            ["write_date"],
            limit=1,
            order="write_date desc",
            context=ALSO_ARCHIVED,
        )
        return found[0]["write_date"] if found else None

    def _count(self) -> None:
        domain = self.plan.domain(MODELS[self.kind])
        total = self.session.client.search_count(MODEL, domain, context=ALSO_ARCHIVED)
        OdooSyncRun.objects.filter(pk=self.session.run.pk).update(total=total)

    # -- pages ----------------------------------------------------------------------

    def _pages(self) -> Iterator[list[Record]]:
        first = self.cursor.since is None
        largest = FIRST_PAGE if first else NEXT_PAGE
        page = min(largest, self.details.get("page") or largest)
        try:
            yield from self.session.client.pull(
                MODEL,
                self.plan.fields,
                settling.lower_bound(self.details, self.cursor.since),
                overlap=timedelta(0),
                domain=self.plan.domain(MODELS[self.kind]),
                after_id=self.cursor.after_id,
                page=page,
                bare=bool(self.details.get("currencies")),
            )
        except errors.UnknownOutcome:
            # Too much for one answer, perhaps: ask for less the next time.
            self._move(details={**self.details, "page": max(SMALLEST_PAGE, page // 2)})
            raise

    def _keep(self, page: list[Record]) -> None:
        self._learn_currencies(page)
        currencies = self.details.get("currencies") or {}
        found = [items.item(record, self.plan, currencies) for record in page]
        with transaction.atomic():
            self._move(after_id=found[-1].odoo_id)
            stored = storing.store(self.session, MODELS[self.kind], found)
        stored.tell(self.session)

    def _learn_currencies(self, page: list[Record]) -> None:
        known = self.details.get("currencies")
        used = {str(record.get("currency_id")) for record in page if record.get("currency_id")}
        if known and not used <= known.keys():
            again = items.read_currencies(self.session.client)
            self._move(details={**self.details, "currencies": again or known})

    # -- end ------------------------------------------------------------------------

    def _complete(self) -> None:
        seen = [moment for moment in (self.cursor.since, self.cursor.newest) if moment]
        since = max(seen, default=None)
        details = settling.completed(self.details, self.cursor.newest)
        details.pop("began", None)
        if details.get("page"):
            details["page"] *= 2
            if details["page"] >= NEXT_PAGE:
                del details["page"]
        self._move(
            since=since, after_id=0, newest=None, completed_at=timezone.now(), details=details
        )
        OdooSyncRun.objects.filter(pk=self.session.run.pk).update(cursor_after=since)

    def _move(self, **fields: Any) -> None:
        """Change the cursor, unless another worker has. Raises LostLease."""
        rows = OdooCursor.objects.filter(
            pk=self.cursor.pk, after_id=self.cursor.after_id, newest=self.cursor.newest
        )
        if not rows.update(**fields):
            raise LostLease
        for name, value in fields.items():
            setattr(self.cursor, name, value)


def _note_missing(session: Session, plan: items.Plan) -> None:
    if plan.missing:
        message = _("Odoo's products have no field %(names)s: it is left out.")
        line = OdooSyncLog(
            direction=Direction.IN,
            object_type="run",
            object_id=session.run.pk,
            odoo_model=MODEL,
            operation="fields",
            outcome=LogOutcome.SKIPPED,
            message=message % {"names": ", ".join(plan.missing)},
        )
        logs.written(session, [line])


# -- some rows only ------------------------------------------------------------------


def _read_chosen(session: Session, model: ItemClass, chosen: Iterable[int]) -> None:
    """What a person selected: read now, whatever the cursor says."""
    rows = storing.of_connection(model, session.connection).filter(pk__in=list(chosen))
    ids = sorted(rows.values_list("odoo_id", flat=True))
    OdooSyncRun.objects.filter(pk=session.run.pk).update(total=len(ids))
    read_ids(session, items.plan(session.client, session.connection), ids)


def read_ids(session: Session, plan: items.Plan, ids: Sequence[int]) -> None:
    """Read these records of either kind; those Odoo does not show become unavailable."""
    currencies = _currencies(session)
    for start in range(0, len(ids), CHUNK):
        chunk = list(ids[start : start + CHUNK])
        page = session.client.search_read(
            MODEL, [("id", "in", chunk)], plan.fields, limit=CHUNK, context=ALSO_ARCHIVED
        )
        found = [items.item(record, plan, currencies) for record in page]
        _keep_both(session, found, set(chunk) - {item.odoo_id for item in found})
        session.beat()


def _keep_both(session: Session, found: list[Item], gone: set[int]) -> None:
    with transaction.atomic():
        results = [
            storing.store(session, model, [i for i in found if i.is_service is of_services])
            for model, of_services in ((Product, False), (Service, True))
        ]
        results += withdraw_ids(session, gone)
    for stored in results:
        stored.tell(session)


def withdraw_ids(session: Session, ids: Iterable[int]) -> list[storing.Stored]:
    """Mark what Odoo does not show any more, in the caller's transaction."""
    gone, why = list(ids), _("Odoo does not show it any more: deleted, or hidden from the user.")
    return [
        storing.withdraw(
            session,
            model,
            list(
                storing.of_connection(model, session.connection).filter(
                    odoo_id__in=gone, is_available=True
                )
            ),
            why,
        )
        for model in (Product, Service)
        if gone
    ]


def _currencies(session: Session) -> dict[str, Any]:
    """Decimal places as a cursor has them; names come with the records."""
    rows = OdooCursor.objects.filter(connection=session.connection, kind__in=list(MODELS))
    for details in rows.values_list("details", flat=True):
        if details.get("currencies"):
            return dict(details["currencies"])
    return {}
