"""From a product.template as Odoo has it to a product or service as it is kept here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from crm.models import OdooConnection, Product, Service
from crm.odoo import Client, Record, errors
from crm.odoo.client import ALSO_ARCHIVED
from crm.odoo.values import UNSENDABLE

MODEL = "product.template"
REQUIRED = ("name", "list_price", "write_date")
# Left out, with a note in the run, where an Odoo does not have them.
OPTIONAL = ("description_sale", "currency_id", "sale_ok", "active")
# Of the website app: missing in most, and nothing to remark on.
EXTRA = ("website_url",)
SERVICE = "service"
# Raise it when the mapping changes: everything is then read again once.
MAPPING = 1
PLACES = 2
LARGEST = Decimal(10) ** 14
MAX_DESCRIPTION = 65_536
_is_url = URLValidator(schemes=["http", "https"])

ItemClass = type[Product] | type[Service]
# id → [code, decimal places]
Currencies = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which fields of this Odoo are read, and what else the mapping depends on."""

    fields: tuple[str, ...]
    # "detailed_type" on 16 and 17, where "type" is derived from it.
    type_field: str
    missing: tuple[str, ...]
    is_html: bool
    url: str
    tax_included: bool | None

    @property
    def basis(self) -> str:
        """Changes when rows already read would be mapped in another way."""
        parts = [MAPPING, self.fields, self.is_html, self.url, self.tax_included]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def domain(self, model: ItemClass) -> list[Any]:
        return [(self.type_field, "=" if model is Service else "!=", SERVICE)]


def plan(client: Client, connection: OdooConnection) -> Plan:
    """What to read. Raises Invalid naming the required fields this Odoo does not have."""
    known = client.fields(MODEL)
    if _lacking(known):
        # Remembered from another time, perhaps.
        client.forget(MODEL)
        known = client.fields(MODEL)
    lacking = _lacking(known)
    if lacking:
        raise errors.Invalid(
            _("Odoo's products have no field %(names)s any more. Was it renamed?")
            % {"names": ", ".join(lacking)}
        )
    type_field = "detailed_type" if "detailed_type" in known else "type"
    description = known.get("description_sale")
    there = [name for name in (*REQUIRED, *OPTIONAL, *EXTRA) if name in known]
    return Plan(
        fields=(*there, type_field),
        type_field=type_field,
        missing=tuple(name for name in OPTIONAL if name not in known),
        is_html=description is not None and description.type == "html",
        url=connection.url,
        tax_included=connection.prices_include_tax,
    )


def _lacking(known: Mapping[str, Any]) -> list[str]:
    lacking = [name for name in REQUIRED if name not in known]
    return lacking if {"type", "detailed_type"} & known.keys() else [*lacking, "type"]


def read_currencies(client: Client) -> dict[str, Any]:
    """Every currency of this Odoo; {} where the user may not read them."""
    try:
        rows = client.search_read(
            "res.currency", [], ["name", "decimal_places"], limit=1000, context=ALSO_ARCHIVED
        )
    except (errors.AccessRefused, errors.Invalid, errors.Unsupported):
        return {}
    return {
        str(row["id"]): [
            row["name"],
            PLACES if row["decimal_places"] is None else row["decimal_places"],
        ]
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Item:
    """One record, ready to be stored."""

    odoo_id: int
    write_date: datetime
    is_service: bool
    values: dict[str, Any] = field(repr=False)
    digest: str
    note: str = ""


def item(record: Record, plan: Plan, currencies: Currencies) -> Item:
    """The values kept here; `note` says what could not be taken as it is."""
    values: dict[str, Any] = {
        "name": clean(record["name"] or f"#{record['id']}")[:300],
        "tax_included": plan.tax_included,
        "is_available": bool(record.get("active", True) and record.get("sale_ok", True)),
    }
    note = ""
    # What this Odoo does not have stays here as it was.
    if "description_sale" in record:
        values["description"] = _description(record["description_sale"], plan.is_html)
    if "website_url" in record:
        values["url"] = _url(record["website_url"], plan.url)
    if "currency_id" in record:
        values["price"], values["currency"], note = _price(record, currencies)
    canonical = json.dumps(values, sort_keys=True, default=str, separators=(",", ":"))
    return Item(
        odoo_id=record["id"],
        write_date=record["write_date"],
        is_service=record[plan.type_field] == SERVICE,
        values=values,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        note=note,
    )


def _price(record: Record, currencies: Currencies) -> tuple[Decimal | None, str, str]:
    """(price, currency, note): a price nobody could publish is left out and said so."""
    code, places = _currency(record.get("currency_id"), currencies)
    said = record["list_price"]
    if said is None:
        return None, code, ""
    if not code:
        return None, "", _("Odoo does not tell the currency of this price.")
    price = Decimal(str(said))
    if not price.is_finite() or not 0 <= price < LARGEST:
        return None, code, _("The price %(price)s is left out.") % {"price": said}
    step = Decimal(1).scaleb(-max(0, min(places, PLACES)))
    rounded = price.quantize(step, rounding=ROUND_HALF_UP)
    return rounded.quantize(Decimal("0.01")), code, ""


def _currency(said: Any, currencies: Currencies) -> tuple[str, int]:
    if said is None:
        return "", PLACES
    record_id, name = said if isinstance(said, tuple) else (said, "")
    known, places = currencies.get(str(record_id), ("", PLACES))
    return str(known or name)[:3], int(places)


def _url(path: str | None, base: str) -> str:
    if not path or path == "#":
        return ""
    url = urljoin(f"{base}/", clean(path))
    try:
        _is_url(url)
    except ValidationError:
        return ""
    return url if len(url) <= 1000 else ""


def _description(text: str | None, is_html: bool) -> str:
    if not text:
        return ""
    return clean(plain(text) if is_html else text).strip()[:MAX_DESCRIPTION]


def clean(text: str) -> str:
    """Without what a database cannot store."""
    return UNSENDABLE.sub("", text)


# -- html ----------------------------------------------------------------------------

BLOCKS = frozenset(
    {"address", "blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "tr"}
)
SILENT = frozenset({"script", "style", "head", "title"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag == "br" or tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain(html: str) -> str:
    """The text of a piece of HTML; a block is a line of its own."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)
