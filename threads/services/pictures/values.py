"""The values of a picture: checked against the declared fields, and as they are shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub import money
from socialhub.models import MediaAsset, Organisation
from socialhub.services.errors import Invalid
from threads.services.pictures import amounts
from threads.services.pictures.fields import NOTE

JSON = dict[str, Any]
MOST_LINES = 20
MISSING = "–"
# What neither a database nor a picture can hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
PRICE_KEYS = ("amount", "currency", "tax_included")
TOLD = {None: None, "": None, True: True, False: False, "true": True, "false": False}


class Wrong(Exception):
    """A value does not do; the text says why, in the user's language."""


@dataclass(slots=True)
class Values:
    """`data` is plain JSON, as it is kept; `shown` is what a template's names stand for."""

    data: JSON = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    media: dict[str, MediaAsset] = field(default_factory=dict)


def clean(
    fields: Sequence[JSON],
    data: Any,
    user: Any,
    language: str,
    *,
    prefix: str = "data.",
    media: Mapping[int, MediaAsset] | None = None,
) -> Values:
    """Raises Invalid naming every field that is wrong, as `prefix` and its name.

    `media` are the pictures this person may use, when the caller has read them already.
    """
    found, wrong = check(fields, data, user, language, media=media)
    if wrong:
        named = {prefix + name: [why] for name, why in wrong.items()}
        labels = {one["name"]: one["label"] for one in fields}
        sentences = [f"{labels.get(name, name)}: {why}" for name, why in wrong.items()]
        raise Invalid("invalid_values", " ".join(sentences), named)
    return found


def check(
    fields: Sequence[JSON],
    data: Any,
    user: Any,
    language: str,
    *,
    media: Mapping[int, MediaAsset] | None = None,
    currency: str = "",
) -> tuple[Values, dict[str, str]]:
    """(what is right, sentence by the name of what is wrong).

    `currency` is that of prices without one; "" = the organisation's.
    """
    if not isinstance(data, Mapping):
        return Values(), {"": _("Values are given by the names of their fields.")}
    declared = {one["name"]: one for one in fields}
    wrong = {
        str(name)[:80]: _("This template has no field of this name.")
        for name in data
        if name not in declared
    }
    if media is None:
        media = visible(user, _media_ids(declared, data))
    found = Values()
    for name, one in declared.items():
        try:
            if one["type"] == "price":
                _price(found, one, data.get(name), language, currency)
            else:
                _take(found, one, data.get(name), media, language)
        except Wrong as exc:
            wrong[name] = str(exc)
    return found, wrong


def visible(user: Any, ids: set[int]) -> dict[int, MediaAsset]:
    """Pictures by id, as far as this person may see them."""
    if not ids:
        return {}
    rows = MediaAsset.objects.all() if user is None else MediaAsset.objects.visible_to(user)
    return {asset.pk: asset for asset in rows.filter(pk__in=ids)}


def _media_ids(declared: Mapping[str, JSON], data: Mapping[str, Any]) -> set[int]:
    given = (data.get(name) for name, one in declared.items() if one["type"] == "image")
    return {pk for one in given if (pk := media_id(one)) is not None}


def media_id(given: Any) -> int | None:
    """The id of a picture as a number or as text."""
    text = str(given).strip() if isinstance(given, int | str) else ""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None


def is_empty(given: Any) -> bool:
    """Nothing was typed."""
    return given is None or given == [] or (isinstance(given, str) and not given.strip())


def _given(one: JSON, given: Any) -> Any:
    """What was typed, else the default. None when there is neither and it is not needed."""
    if not is_empty(given):
        return given
    if not is_empty(one["default"]):
        return one["default"]
    if one["required"]:
        raise Wrong(_("This is needed."))
    return None


def _take(
    found: Values, one: JSON, given: Any, media: Mapping[int, MediaAsset], language: str
) -> None:
    name, kind, given = one["name"], one["type"], _given(one, given)
    if given is None:
        found.data[name], found.shown[name] = ([], []) if kind == "lines" else ("", "")
    elif kind == "image":
        asset = media.get(media_id(given) or 0)
        if asset is None:
            raise Wrong(_("There is no such picture."))
        found.media[name], found.data[name] = asset, asset.pk
        found.shown[name] = f"media:{asset.sha256}"
    else:
        found.data[name], found.shown[name] = TAKE[kind](one, given, language)


def _text(one: JSON, given: Any, language: str) -> tuple[Any, Any]:
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        raise Wrong(_("This is no text."))
    text = _plain(str(given)).strip()
    _fits(one, len(text))
    return text, text


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", CONTROL.sub("", text))


def _fits(one: JSON, length: int) -> None:
    most = one["max_length"]
    if most and length > most:
        raise Wrong(
            ngettext(
                "This is %(over)s character too long; at most %(most)s.",
                "This is %(over)s characters too long; at most %(most)s.",
                length - most,
            )
            % {"over": length - most, "most": most}
        )


def _lines(one: JSON, given: Any, language: str) -> tuple[Any, Any]:
    if isinstance(given, str):
        given = given.splitlines()
    if not isinstance(given, list) or not all(isinstance(line, str) for line in given):
        raise Wrong(_("Give one text per line."))
    lines = [line for line in (_plain(line).strip() for line in given) if line]
    if len(lines) > MOST_LINES:
        raise Wrong(_("At most %(most)s lines.") % {"most": MOST_LINES})
    _fits(one, sum(len(line) for line in lines))
    return lines, lines


def _number(one: JSON, given: Any, language: str) -> tuple[Any, Any]:
    if given == MISSING:
        raise Wrong(_("This number was not reported, so no picture is made of it."))
    amount = amounts.number(given, language)
    if amount is None:
        raise Wrong(_("“%(value)s” is no number.") % {"value": str(given)[:40]})
    return str(amount), format_decimal(amount, locale=language)


def _date(one: JSON, given: Any, language: str) -> tuple[Any, Any]:
    day: date | None = amounts.day(given, language)
    if day is None:
        raise Wrong(
            _("“%(value)s” is no date. Write it like 2026-12-01.") % {"value": str(given)[:40]}
        )
    return day.isoformat(), format_date(day, "long", locale=language)


def _colour(one: JSON, given: Any, language: str) -> tuple[Any, Any]:
    found = amounts.colour(given)
    if found is None:
        raise Wrong(
            _("“%(value)s” is no colour. Write it like #1a7f5a.") % {"value": str(given)[:40]}
        )
    return found, found


TAKE = {"text": _text, "lines": _lines, "number": _number, "date": _date, "colour": _colour}


def _price(found: Values, one: JSON, given: Any, language: str, default: str) -> None:
    name, given = one["name"], _given(one, given)
    if given is None:
        found.data[name] = found.shown[name] = found.shown[name + NOTE] = ""
        return
    told: Mapping[str, Any] = given if isinstance(given, Mapping) else {"amount": given}
    if set(told) - set(PRICE_KEYS) or "amount" not in told:
        raise Wrong(_("A price is a number, or amount, currency and tax_included."))
    read = amounts.price(told["amount"], language)
    if read is None:
        raise Wrong(_("“%(value)s” is no price.") % {"value": str(told["amount"])[:40]})
    amount, currency = read
    currency = str(told.get("currency") or currency or default or Organisation.get().currency)
    if not amounts.CODE.match(currency := currency.upper()):
        raise Wrong(_("A currency is three letters, like EUR."))
    tax = told.get("tax_included")
    if not isinstance(tax, bool | str | None) or tax not in TOLD:
        raise Wrong(_("Whether tax is included is true, false or empty."))
    found.data[name] = {"amount": str(amount), "currency": currency, "tax_included": TOLD[tax]}
    found.shown[name] = money.price(amount, currency, language)
    found.shown[name + NOTE] = money.tax_note(TOLD[tax], language)
