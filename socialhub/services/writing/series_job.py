"""Writing a series in the background; the page sees the parts as they come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Account, JobRun, JobState, Organisation
from socialhub.services import jobs
from socialhub.services.errors import Invalid
from socialhub.services.writing import choosing, sentences
from socialhub.services.writing.limits import NUMBERINGS, room
from socialhub.writing import MAX_PARTS, Source, SourceKind

KIND = "write_series"
MOST_CHARACTERS = 200_000
TITLE_LENGTH = 80
# The page asks about once a second; writing the row oftener shows nobody more.
PARTIAL_EVERY_SECONDS = 0.5


def start_series(
    user: Any,
    *,
    kind: str,
    value: str,
    accounts: Sequence[Account],
    parts: int | None = None,
    language: str | None = None,
    numbering: str = "slash",
    closing: str = "",
) -> JobRun:
    """Have a series written from a topic, a text, an address, a product or a service.

    `value` is that text or address, or the id of the product. While the job runs its `partial`
    is {"parts": [...]}; its result {"parts", "made_by", "note", "title"}. Raises Invalid,
    Forbidden.
    """
    policies.require(user, "use_ai")
    _check(kind, value, accounts, parts, numbering)
    arguments = {
        "kind": kind,
        "value": value,
        "accounts": [account.pk for account in accounts],
        "parts": parts,
        "language": language or Organisation.get().language,
        "numbering": numbering,
        "closing": closing,
    }
    return jobs.start(KIND, user, arguments)


def _check(
    kind: str, value: str, accounts: Sequence[Account], parts: int | None, numbering: str
) -> None:
    faults: dict[str, list[str]] = {}
    if kind not in list(SourceKind):
        faults["source"] = [_("Choose a topic, a text, an address, a product or a service.")]
    if not value.strip():
        faults["value"] = [_("Say what it should be written from.")]
    elif len(value) > MOST_CHARACTERS:
        faults["value"] = [_("At most %(limit)s characters.") % {"limit": MOST_CHARACTERS}]
    if not accounts:
        faults["accounts"] = [_("Choose at least one account: it says how long a part may be.")]
    if parts is not None and not 1 <= parts <= MAX_PARTS:
        faults["parts"] = [_("A series has 1 to %(limit)s parts.") % {"limit": MAX_PARTS}]
    if numbering not in NUMBERINGS:
        faults["numbering"] = [_("There is no such numbering.")]
    if faults:
        raise Invalid("invalid", _("Something is missing."), faults)


@jobs.job(KIND, seconds=int(settings.AI_SECONDS) + 60)
def _write(row: JobRun) -> dict[str, Any]:
    from socialhub.services.writing import sources

    given = row.arguments
    source = sources.source_of(row.owner, given["kind"], given["value"], language=given["language"])
    # Grants may have changed since; without an account nothing says what fits.
    chosen = Account.objects.visible_to(row.owner) if row.owner else Account.objects.all()
    accounts = list(chosen.filter(pk__in=given["accounts"]))
    if not accounts:
        raise Invalid("no_account", _("None of the accounts is there any more."))
    fits, fits_last, explain = room(
        accounts, numbering=given["numbering"], closing=given["closing"], parts=given["parts"]
    )
    made = choosing.writer(row.owner, on_parts=_Partial(row)).series(
        source,
        language=given["language"],
        parts=given["parts"],
        fits=fits,
        fits_last=fits_last,
        explain=explain,
    )
    if not made.parts:
        why = made.why_not.value if made.why_not else "nothing"
        message = " ".join(filter(None, (made.note, sentences.why_not(made.why_not))))
        raise jobs.JobFailed({"code": why, "message": message})
    return {
        "parts": list(made.parts),
        "made_by": made.made_by.value,
        "note": made.note,
        "title": _title(source, made.parts),
    }


def _title(source: Source, parts: Sequence[str]) -> str:
    """The source's own title, else how the first part begins."""
    title = " ".join((source.title or parts[0].strip().partition("\n")[0]).split())
    if len(title) <= TITLE_LENGTH:
        return title
    return title[:TITLE_LENGTH].rpartition(" ")[0] + "…"


class _Partial:
    """Shows complete parts in the job's row, at most twice a second."""

    def __init__(self, row: JobRun) -> None:
        self._row, self._next = row, 0.0

    def __call__(self, parts: list[str]) -> None:
        if not parts or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PARTIAL_EVERY_SECONDS
        running = JobRun.objects.filter(pk=self._row.pk, state=JobState.RUNNING)
        running.update(partial={"parts": parts}, done=len(parts))
