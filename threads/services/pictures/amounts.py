"""What people type as numbers, prices, dates and colours, read strictly.

A price with a letter in it is refused, never guessed at.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

# Decimal and grouping marks by language.
MARKS = {"es": (",", "."), "en": (".", ",")}
SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "US$": "USD"}
PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?\Z", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*\Z", re.ASCII)
CODE = re.compile(r"[A-Z]{3}\Z", re.ASCII)
PRICE = re.compile(
    r"(?P<before>[A-Z]{3}|US\$|[€£$])?\s*(?P<number>[\d.,]+)\s*(?P<after>[A-Z]{3}|US\$|[€£$])?\Z",
    re.ASCII,
)
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z", re.ASCII)
LARGEST = Decimal(10) ** 13


def number(given: Any, language: str) -> Decimal | None:
    """A number as JSON or as text in the marks of a language; None when it is none."""
    if isinstance(given, bool) or given is None:
        return None
    if isinstance(given, int | float | Decimal):
        return _decimal(str(given))
    if not isinstance(given, str):
        return None
    text = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3})", "", given.strip()).replace("−", "-")
    point, group = MARKS.get(language[:2], MARKS["en"])
    if "." in text and "," in text:
        # The last mark is the decimal one, whatever the language.
        point, group = (".", ",") if text.rfind(".") > text.rfind(",") else (",", ".")
        whole, _point, part = text.rpartition(point)
        if not GROUPED.match(whole) or group not in whole:
            return None
        return _decimal(f"{whole.replace(group, '')}.{part}")
    if GROUPED.match(text) and (group in text or text.count(point) > 1):
        return _decimal(re.sub("[.,]", "", text))
    return _decimal(text.replace(",", "."))


def _decimal(text: str) -> Decimal | None:
    if not PLAIN.match(text):
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if abs(found) < LARGEST else None


def price(given: Any, language: str) -> tuple[Decimal, str] | None:
    """(amount, currency or "") of 19.99, "19,99 €", "USD 5"; None when it is no price."""
    currency = ""
    if isinstance(given, str):
        found = PRICE.match(given.strip().replace("\u00a0", " "))
        if found is None or (found["before"] and found["after"]):
            return None
        told = found["before"] or found["after"] or ""
        currency, given = SYMBOLS.get(told, told), found["number"]
    amount = number(given, language)
    if amount is None or amount < 0 or amount != round(amount, 2):
        return None
    return amount, currency


def day(given: Any, language: str) -> date | None:
    """A date as YYYY-MM-DD, in Spanish also as DD/MM/YYYY; None when it is none."""
    if isinstance(given, date):
        return given
    if not isinstance(given, str):
        return None
    text = given.strip()
    turned = re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z", text)
    try:
        # In English the first number may be the month.
        if turned and language.startswith("es"):
            return date(int(turned[3]), int(turned[2]), int(turned[1]))
        return date.fromisoformat(text) if re.match(r"\d{4}-\d\d-\d\d\Z", text) else None
    except ValueError:
        return None


def colour(given: Any) -> str | None:
    """#rrggbb in small letters; None when it is no colour."""
    if not isinstance(given, str) or not COLOUR.match(given.strip()):
        return None
    digits = given.strip()[1:].lower()
    return "#" + ("".join(one * 2 for one in digits) if len(digits) == 3 else digits)
