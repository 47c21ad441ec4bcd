"""What the sync log tells of a lead: stages it went through, and tries that failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Lead, LogOutcome, OdooSyncLog, Outcome

# Log lines looked at, the newest; a lead that Odoo refuses for weeks has thousands.
LINES = 500
FAILURES = (LogOutcome.RETRY, LogOutcome.UNKNOWN, LogOutcome.FAILED)
NOTHING = ("", "None")


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is one of `story.ORDER`."""

    at: datetime
    kind: str
    title: str
    detail: str = ""


def of(lead: Lead) -> Iterator[Change]:
    """Oldest first. One query."""
    rows = OdooSyncLog.objects.filter(object_type="lead", object_id=lead.pk)
    lines = list(reversed(rows.order_by("-at", "-pk")[:LINES]))
    ends = [line for line in lines if "outcome" in line.changes]
    for (outcome, error, message), some in groupby(lines, _failure):
        if outcome in FAILURES:
            yield _trouble(list(some), error, message)
            continue
        for line in some:
            # How it ended the last time is told by the lead itself, with Odoo's own time.
            is_last = bool(ends) and line is ends[-1] and lead.outcome != Outcome.OPEN
            yield from _changes(line, told=is_last)


def _failure(line: OdooSyncLog) -> tuple[str, str, str]:
    return (line.outcome, line.error_class, line.message)


def _trouble(lines: Sequence[OdooSyncLog], error: str, message: str) -> Change:
    """Tries that failed in the same way, one after the other, are one entry."""
    title = ngettext(
        "A try to reach Odoo failed", "%(n)s tries to reach Odoo failed", len(lines)
    ) % {"n": len(lines)}
    return Change(lines[0].at, "trouble", title, message or error)


def _changes(line: OdooSyncLog, *, told: bool) -> Iterable[Change]:
    stage = _sides(line, "stage_name")
    if stage is not None and stage[1] not in NOTHING:
        yield Change(line.at, "stage", _("Stage: %(stage)s") % {"stage": _arrow(stage)})
    person = _sides(line, "salesperson")
    if person is not None and person[1] not in NOTHING:
        title = _("Salesperson: %(person)s") % {"person": _arrow(person)}
        yield Change(line.at, "change", title)
    end = _sides(line, "outcome")
    if end is not None and not told and end[1] in Outcome.values:
        titles = {"won": _("Won"), "lost": _("Lost"), "open": _("Opened again")}
        yield Change(line.at, end[1], titles[end[1]])


def _sides(line: OdooSyncLog, name: str) -> list[str] | None:
    """Before and after; None when the line does not tell."""
    found = line.changes.get(name)
    return found if isinstance(found, list) and len(found) == 2 else None


def _arrow(sides: list[str]) -> str:
    return sides[1] if sides[0] in NOTHING else f"{sides[0]} → {sides[1]}"
