"""From names in a file to rows: accounts, campaigns, media, as far as this person may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from socialhub.models import Account, AccountStatus, Campaign, MediaAsset
from socialhub.services.imports.columns import folded

# More characters of a name than any name has.
MOST_NAME = 300


class NotFound(Exception):
    """`code` is a code of `sentences`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def names_in(cell: str) -> list[str]:
    """The names of a cell, separated by semicolons."""
    return [name.strip() for name in cell.replace("\n", ";").split(";") if name.strip()]


class Accounts:
    """Accounts of one person by everything they may be called. One query."""

    def __init__(self, user: Any) -> None:
        self._by_name: dict[str, list[Account]] = defaultdict(list)
        for account in Account.objects.visible_to(user):
            for name in _names_of(account):
                self._by_name[name].append(account)

    def find(self, name: str) -> Account:
        """Raises NotFound: no such name (for this person), several, or disconnected."""
        shown = name[:MOST_NAME]
        found = self._by_name.get(_account_key(name), [])
        # One that is disconnected does not stand in the way of one that is not.
        usable = [one for one in found if one.status != AccountStatus.DISABLED]
        if len(usable) > 1:
            choices = "; ".join(str(one) for one in usable)
            raise NotFound("account_ambiguous", name=shown, choices=choices)
        if not usable:
            raise NotFound("account_disabled" if found else "account_unknown", name=shown)
        return usable[0]


def _account_key(name: str) -> str:
    return folded(name).removeprefix("@")


def _names_of(account: Account) -> set[str]:
    whole = (account.handle, account.display_name, str(account))
    names = {_account_key(name) for name in whole if name}
    names.add(_account_key(f"{account.platform}:{account.handle}"))
    return names


def campaigns() -> dict[str, int]:
    """Folded name → id of campaigns that are not archived."""
    rows = Campaign.objects.filter(is_archived=False).values_list("name", "pk")
    return {folded(name): pk for name, pk in rows}


@dataclass(slots=True)
class Media:
    """The media that some rows name. Two queries, however many rows."""

    by_id: dict[int, MediaAsset] = field(default_factory=dict)
    by_name: dict[str, list[MediaAsset]] = field(default_factory=dict)

    @classmethod
    def named(cls, user: Any, names: Iterable[str]) -> Media:
        wanted = set(names)
        if not wanted:
            return cls()
        visible = MediaAsset.objects.visible_to(user)
        found = cls()
        found.by_id = visible.in_bulk([pk for name in wanted if (pk := _id_in(name)) is not None])
        for asset in visible.filter(name__in=wanted):
            found.by_name.setdefault(asset.name, []).append(asset)
        return found

    def find(self, name: str) -> MediaAsset:
        """By file name, else by id. Raises NotFound."""
        same = self.by_name.get(name, [])
        if len(same) > 1:
            ids = ", ".join(str(asset.pk) for asset in same)
            raise NotFound("media_ambiguous", name=name[:MOST_NAME], ids=ids)
        if same:
            return same[0]
        pk = _id_in(name)
        if pk is not None and pk in self.by_id:
            return self.by_id[pk]
        raise NotFound("media_unknown", name=name[:MOST_NAME])


def _id_in(name: str) -> int | None:
    digits = name.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
