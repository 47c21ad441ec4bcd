"""Values on the way in and out: docs/odoo-api.md section 3, "Values"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from crm.odoo.shapes import FieldInfo, Record

MAX_TEXT = 65_536
MAX_INT = 2**31 - 1
# Control characters except tab and line ends, lone surrogates, two characters XML refuses.
UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Text that is HTML already; any other text for an html field is escaped."""

    __slots__ = ()


# -- from Odoo ------------------------------------------------------------------------


def incoming(record: Mapping[str, Any], fields: Mapping[str, FieldInfo]) -> Record:
    """A record with Python's values. Raises ValueError naming a field that cannot be read."""
    found: Record = {}
    for name, value in record.items():
        info = fields.get(name)
        kind = "integer" if name == "id" else info.type if info else ""
        try:
            found[name] = read_value(value, kind)
        except (ValueError, TypeError, ArithmeticError):
            raise ValueError(f"the value of {name} is no {kind}") from None
    return found


def read_value(value: Any, kind: str) -> Any:
    """One value of a field type; empty is None for every type that is not boolean."""
    if kind == "boolean":
        return bool(value)
    if value is None or value is False:
        return () if kind in ("one2many", "many2many") else None
    if kind == "many2one":
        return int(value) if isinstance(value, int) else (int(value[0]), str(value[1] or ""))
    if kind in ("one2many", "many2many"):
        return tuple(int(item) for item in value)
    if kind == "datetime":
        return parse_datetime(value)
    if kind == "date":
        return date.fromisoformat(str(value)[:10])
    if kind in ("float", "monetary"):
        return Decimal(str(value))
    if kind in ("char", "text", "html", "selection", "reference"):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("ascii")
    return value


def parse_datetime(value: Any) -> datetime:
    """Odoo's naive UTC text as an aware datetime."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# -- to Odoo --------------------------------------------------------------------------


def outgoing(value: Any) -> Any:
    """What both transports can carry and Odoo takes. Raises ValueError for anything else."""
    if value is None or isinstance(value, bool):
        return value or False
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int):
        return int(value) if -MAX_INT <= value <= MAX_INT else str(value)
    if isinstance(value, float | Decimal):
        return _number(float(value))
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {clean_text(str(key)): outgoing(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [outgoing(item) for item in value]
    raise ValueError(f"a {type(value).__name__} cannot be sent to Odoo")


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a number must be finite")
    return value


def clean_text(text: str) -> str:
    """Without characters that Odoo chokes on, at most 64 KB and never half a character."""
    clean = UNSENDABLE.sub("", text)
    data = clean.encode("utf-8")
    if len(data) <= MAX_TEXT:
        return clean
    return data[:MAX_TEXT].decode("utf-8", errors="ignore")


def datetime_text(moment: datetime) -> str:
    """Naive UTC with seconds, the only form every version understands."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def html(text: str) -> Html:
    """Plain text for an html field; Odoo adds the paragraph around it."""
    if isinstance(text, Html):
        return text
    lines = clean_text(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Html(_shorter([escape(line) for line in lines]))


def _shorter(lines: list[str]) -> str:
    """Lines joined by <br>, cut where neither an entity nor a tag is split."""
    joined = "<br>".join(lines)
    data = joined.encode("utf-8")
    if len(data) <= MAX_TEXT:
        return joined
    cut = data[:MAX_TEXT].decode("utf-8", errors="ignore")
    return re.sub(r"(&[#\w]*|<[^>]*)$", "", cut)


def for_fields(values: Mapping[str, Any], fields: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """Values of a record to write: text for html fields becomes HTML."""
    return {name: for_field(name, value, fields) for name, value in values.items()}


def for_field(name: str, value: Any, fields: Mapping[str, FieldInfo]) -> Any:
    """One value; `name` may be a column of `load` such as user_id/.id."""
    info = fields.get(name.partition("/")[0])
    if info is not None and info.type == "html" and isinstance(value, str):
        return html(value)
    return value
