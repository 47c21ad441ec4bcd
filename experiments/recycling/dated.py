"""Does a text hold only for a while? Dates, prices and "today" in English and Spanish.

A hit is a question to a person, not a verdict: "morning" and "tomorrow" are one word in Spanish.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["date", "price", "moment"]


class Found(NamedTuple):
    kind: Kind
    words: str


_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|"
    "diciembre"
)
_DAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    "lunes|martes|miércoles|miercoles|jueves|viernes|sábado|sabado|domingo"
)
_MONEY = r"(?:€|\$|£|us\$|eur|usd|mxn|gbp|ars|cop|euros?|dollars?|dólares|dolares|pesos|pounds)"
_NUMBER = r"\d+(?:[.,]\d+)*"

_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("date", r"\b\d{4}-\d{2}-\d{2}\b"),
    ("date", r"\b\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})\b"),
    ("date", rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? (?:{_MONTHS})\b"),
    ("date", rf"\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b"),
    ("date", rf"\b(?:{_MONTHS})(?: de| del)?,? 20\d\d\b"),
    # "since 2015" and "desde 2015" stay true.
    ("date", r"(?<!since )(?<!desde )(?<!\d)\b20[0-9]{2}\b(?![\d.,]*\s*(?:m|km|kg|g)\b)"),
    ("price", rf"(?:€|\$|£)\s?{_NUMBER}"),
    ("price", rf"\b{_NUMBER}\s?{_MONEY}(?!\w)"),
    ("price", r"\b\d{1,2}\s?% (?:off|de descuento|dto)\b|\b(?:discount|descuento|rebajas)\b"),
    ("moment", r"\b(?:today|tonight|tomorrow|yesterday)\b"),
    ("moment", rf"\b(?:this|next|last) (?:week|weekend|month|year|evening|{_DAYS})\b"),
    ("moment", r"\b(?:last chance|last days?|ends soon|only until|until (?:the )?\d)"),
    ("moment", r"\b(?:hoy|ayer|anoche|esta noche|esta tarde|esta semana)\b"),
    # "por la mañana" and "cada mañana" are mornings.
    ("moment", r"(?<!la )(?<!cada )(?<!las )\bmañana\b"),
    ("moment", rf"\b(?:este|próximo|proximo|pasado) (?:mes|año|fin de semana|{_DAYS})\b"),
    ("moment", r"\b(?:últim[oa]s? (?:día|dias|días|horas|plazas|oportunidad)|hasta el \d)"),
)
_ALL = re.compile("|".join(f"(?P<k{n}>{p})" for n, (_, p) in enumerate(_PATTERNS)), re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")


def find(text: str) -> list[Found]:
    """What binds the text to a time, in order; links are not read."""
    return [
        Found(_PATTERNS[int((hit.lastgroup or "k0")[1:])][0], hit.group().strip())
        for hit in _ALL.finditer(_LINK.sub(" ", text))
    ]
