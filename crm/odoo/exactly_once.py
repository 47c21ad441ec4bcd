"""Changes that must not happen twice: docs/odoo-api.md sections 5 and 8."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm.odoo import errors
from crm.odoo.shapes import Context, Reference, Upserted
from crm.odoo.values import for_fields

if TYPE_CHECKING:
    from crm.odoo.client import Client

# A second dot or a space would make Odoo take the name for something else.
NAME = re.compile(r"[A-Za-z0-9_-]+")
ROUNDS = 6
# Loads without a usable answer before the caller has to come back later.
LOST = 2
FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0


def upsert(
    client: Client, model: str, name: str, values: Mapping[str, str], context: Context | None
) -> Upserted:
    """Look for our external id; load only while Odoo does not know it.

    Two loads with one id make one record: the second meets a unique index. What is there is
    never loaded again, so nobody's edits are overwritten.
    """
    if not NAME.fullmatch(name):
        raise errors.Invalid("an external id is made of letters, digits, _ and -")
    trouble: errors.OdooError = errors.Conflict()
    lost = 0
    for attempt in range(ROUNDS):
        if attempt:
            client.sleep(_wait(attempt))
        try:
            found = client.reference(name)
            if found.id is not None:
                return Upserted(_same_model(found, model, name), created=lost > 0)
            return Upserted(_load(client, model, name, values, context), created=True)
        except (errors.NotVisible, errors.Conflict) as exc:
            # Somebody may be creating it right now.
            trouble = exc
        except _Lost as exc:
            trouble, lost = exc.error, lost + 1
            if lost > LOST:
                break
        except errors.Unavailable as exc:
            if not lost:
                raise
            # "Unavailable" would say that nothing was changed.
            trouble = errors.UnknownOutcome(f"loaded, then: {exc}", status=exc.status)
            break
    raise trouble


class _Lost(Exception):
    """A load left us and no usable answer came."""

    def __init__(self, error: errors.UnknownOutcome) -> None:
        super().__init__(str(error))
        self.error = error


def _load(
    client: Client, model: str, name: str, values: Mapping[str, str], context: Context | None
) -> int:
    row = [f"socialhub.{name}", *values.values()]
    try:
        (record_id,) = client.load(model, ["id", *values], [row], context=context)
    except errors.UnknownOutcome as exc:
        raise _Lost(exc) from None
    return record_id


def _same_model(found: Reference, model: str, name: str) -> int:
    if found.model != model or found.id is None:
        raise errors.Invalid(f"the external id {name} belongs to a record of {found.model}")
    return found.id


def _wait(attempt: int) -> float:
    """Seconds before round `attempt`, with jitter so that two callers do not meet again."""
    longest: float = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.0)


def write(
    client: Client, model: str, record_id: int, expected: datetime, values: Mapping[str, Any]
) -> datetime:
    """Write `values` unless somebody wrote the record after `expected`; its new write_date.

    Odoo has no compare-and-set: whoever writes between our look and our write is overwritten
    in these fields. Raises Moved with what Odoo holds now, relations as bare ids.
    """
    record = _current(client, model, record_id, list(values))
    if record["write_date"] != expected.replace(microsecond=0):
        raise errors.Moved(record, f"{model} {record_id} was written at {record['write_date']}")
    known = client.fields(model)
    client.call(model, "write", [record_id], vals=for_fields(values, known))
    try:
        moment: datetime = _current(client, model, record_id, [])["write_date"]
    except (errors.Unavailable, errors.Throttled, errors.ServerBug) as exc:
        raise errors.UnknownOutcome(f"written, then: {exc}", status=exc.status) from None
    return moment


def _current(client: Client, model: str, record_id: int, fields: list[str]) -> dict[str, Any]:
    found = client.search_read(
        model,
        [("id", "=", record_id)],
        [*fields, "write_date"],
        context={"active_test": False},
        bare=True,
    )
    if not found:
        raise errors.NotFound(f"{model} {record_id} is gone or not visible")
    return found[0]
