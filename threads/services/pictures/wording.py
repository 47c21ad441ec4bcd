"""Texts with names in them: "{{ title }}, {{ price }}". Nothing but names is understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def unknown(text: str, names: Collection[str]) -> list[str]:
    """Names in the text that nothing stands for."""
    return [name for name in dict.fromkeys(PLACE.findall(text)) if name not in names]


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The text with its names replaced; a list is joined with commas."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], "")
        told = ", ".join(map(str, found)) if isinstance(found, list) else str(found)
        return told.replace("\xa0", " ")

    return PLACE.sub(value, text).strip()
