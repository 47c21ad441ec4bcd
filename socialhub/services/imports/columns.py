"""What the columns of a file may be called, in English and Spanish, in any order."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

# Field → how a column for it may be named; the first is the one in the template.
NAMES = {
    "text": ("text", "texto"),
    "link": ("link", "enlace", "url"),
    "accounts": ("accounts", "cuentas", "account", "cuenta"),
    "date": ("date", "fecha", "day", "día"),
    "time": ("time", "hora"),
    "due_at": ("due_at", "planned_at", "planned for", "due", "fecha y hora", "programado para"),
    "language": ("language", "idioma", "lengua"),
    "campaign": ("campaign", "campaña"),
    "content_type": ("content type", "content_type", "type", "tipo", "tipo de contenido"),
    "media": ("media", "images", "pictures", "imágenes", "medios", "archivos"),
    "is_evergreen": ("evergreen", "is_evergreen", "perenne", "permanente"),
    "track_link": ("track link", "track_link", "seguir enlace", "medir enlace"),
}
# What an export of posts has besides. States come from verbs, never from a file.
NOT_IMPORTED = ("id", "status", "author", "approved_by", "created_at")
# In front of an account's name: the text for that account.
OVERRIDE = ("text:", "texto:")


@dataclass(slots=True)
class Columns:
    """Which column of the file is what. Places count from 0."""

    fields: dict[str, int] = field(default_factory=dict)
    # Name of the account as written → place.
    overrides: dict[str, int] = field(default_factory=dict)
    # Names as the file has them.
    titles: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


def folded(name: str) -> str:
    """As compared: without accents, case and doubled spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(kept.replace("_", " ").split())


_FIELDS = {folded(name): key for key, names in NAMES.items() for name in names}
_LEFT_OUT = {folded(name) for name in NOT_IMPORTED}


def understood(titles: Sequence[str]) -> Columns:
    """Read the row of titles. What is not known is listed, never guessed."""
    found = Columns()
    for place, title in enumerate(titles):
        title = title.strip()
        if title:
            _take(found, place, title)
    return found


def _take(found: Columns, place: int, title: str) -> None:
    name = folded(title)
    account = _account_of(title)
    if account:
        taken = found.overrides
        key = account
    elif name in _FIELDS:
        taken = found.fields
        key = _FIELDS[name]
    else:
        (found.left_out if name in _LEFT_OUT else found.unknown).append(title)
        return
    if key in taken:
        found.twice.append(title)
        return
    taken[key] = place
    found.titles[f"text:{key}" if account else key] = title


def _account_of(title: str) -> str:
    lowered = title.casefold()
    for start in OVERRIDE:
        if lowered.startswith(start):
            return title[len(start) :].strip()
    return ""
