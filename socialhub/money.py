"""Prices as a language writes them: 19,99 € in Spanish, €19.99 in English."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, format_currency
from django.utils import translation
from django.utils.translation import gettext as _

# The decimals of a pattern, as in "#,##0.00".
DECIMALS = re.compile(r"\.0+")


def price(amount: Decimal, currency: str, language: str) -> str:
    """The amount with its currency. Whole prices come without decimals; spaces do not break."""
    locale = _locale(language)
    if amount == amount.to_integral_value():
        return format_currency(
            amount, currency, format=_whole(language), locale=locale, currency_digits=False
        )
    return format_currency(amount, currency, locale=locale)


def exact(amount: Decimal, currency: str, language: str) -> str:
    """The amount with as many decimals as it has, at least two: $0.015, $5.00."""
    locale = _locale(language)
    return format_currency(
        amount, currency, format=_precise(language), locale=locale, currency_digits=False
    )


def dollars(amount: Decimal) -> str:
    """`exact` in US dollars, which networks charge in, for who reads this page."""
    return exact(amount, "USD", translation.get_language() or "en")


def tax_note(tax_included: bool | None, language: str) -> str:
    """Whether tax is in a price, "" when that is not known."""
    if tax_included is None:
        return ""
    with translation.override(language):
        return _("tax included") if tax_included else _("plus tax")


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache
def _whole(language: str) -> str:
    pattern: NumberPattern = _locale(language).currency_formats["standard"]
    return DECIMALS.sub("", pattern.pattern)


@lru_cache
def _precise(language: str) -> str:
    pattern: NumberPattern = _locale(language).currency_formats["standard"]
    return DECIMALS.sub(".00##", pattern.pattern)
