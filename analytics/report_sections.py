"""What other apps add to a report: tests that were won, leads and revenue.

Called in their `AppConfig.ready()`. A section that breaks is left out with a visible note; the
report goes out all the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from analytics.queries.filters import Filters

log = logging.getLogger(__name__)

# How a column is shown; "amount" has two decimals, its label names the currency.
KINDS = ("text", "number", "amount", "rate", "day")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a paragraph, and a table: `columns` are (label, kind), cells raw values."""

    title: str
    text: str = ""
    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[Any]] = ()


# (filters, language) → the section in that language, None when there is nothing to tell.
Provider = Callable[[Filters, str], Section | None]

_providers: dict[str, Provider] = {}


def register(key: str, provider: Provider) -> None:
    """Offer a section. Raises ValueError when another provider has the key."""
    if _providers.setdefault(key, provider) is not provider:
        raise ValueError(f"the report section {key!r} is offered twice")


def unregister(key: str) -> None:
    """Take a section away again."""
    _providers.pop(key, None)


def sections(filters: Filters, language: str) -> list[dict[str, Any]]:
    """Every section as JSON: {"key", "title", "text", "columns", "rows", "failed"}."""
    with translation.override(language):
        made = [_made(key, provider, filters, language) for key, provider in _providers.items()]
    return [section for section in made if section is not None]


def _made(key: str, provider: Provider, filters: Filters, language: str) -> dict[str, Any] | None:
    # A failed query would break the caller's transaction too.
    own = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with own:
            section = provider(filters, language)
            return None if section is None else _as_json(key, section)
    except Exception:
        log.exception("the report section %s broke", key)
        text = _("This part could not be made. The log says why.")
        return {"key": key, "title": key, "text": text, "columns": [], "rows": [], "failed": True}


def _as_json(key: str, section: Section) -> dict[str, Any]:
    columns = [{"label": str(label), "kind": kind} for label, kind in section.columns]
    if unknown := {column["kind"] for column in columns} - set(KINDS):
        raise ValueError(f"unknown kinds of columns: {unknown}")
    if any(len(row) != len(columns) for row in section.rows):
        raise ValueError("a row has not as many cells as there are columns")
    found = {
        "key": key,
        "title": str(section.title),
        "text": str(section.text),
        "columns": columns,
        "rows": [list(row) for row in section.rows],
        "failed": False,
    }
    # Amounts are decimals and days are dates: kept as text.
    kept: dict[str, Any] = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    return kept
