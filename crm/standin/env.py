"""Who calls, in which context, on which server: what every operation is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crm.standin.schema import Field, Model
from crm.standin.store import Store, Transaction
from crm.standin.wording import OdooFault, fault

ADMIN = 2
BOT = 5
SALES = 6
NOBODY = 7


@dataclass(slots=True)
class Server:
    """The server's own state. Settings are what control changes."""

    store: Store
    version: int
    models: dict[str, Model]
    languages: tuple[str, ...]
    # Model → operation → allowed, for the bot; and model → ids the bot may not see.
    rights: Mapping[str, Mapping[str, bool]]
    hidden: Mapping[str, frozenset[int]]
    # An external id that another request is creating right now → its model, else "".
    being_created: Callable[[str], str]


@dataclass(slots=True)
class Env:
    server: Server
    uid: int
    tx: Transaction
    context: Mapping[str, Any] = field(default_factory=dict)
    # As the server itself: no rights are asked.
    sudo: bool = False

    @property
    def store(self) -> Store:
        return self.server.store

    @property
    def version(self) -> int:
        return self.server.version

    @property
    def lang(self) -> str:
        """The language to read in; "" = the one texts are written in."""
        code = self.context.get("lang") or "en_US"
        return "" if code == "en_US" or code not in self.server.languages else str(code)

    def trusted(self) -> Env:
        return replace(self, sudo=True)

    def model(self, name: str) -> Model:
        model = self.server.models.get(name)
        if model is None:
            raise self.fault("unknown_model", model=name)
        return model

    def fault(self, key: str, **values: Any) -> OdooFault:
        return fault(key, self.version, **values)

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self.store.rows(sql, values)]

    def relation(self, field: Field) -> Model:
        return self.model(field.relation)

    def update(self, model: Model, number: int, row: dict[str, Any]) -> None:
        """Columns of one record; write_date is the start of the transaction."""
        row = row | {"write_date": self.tx.now, "write_uid": self.uid}
        sets = ", ".join(f'"{name}" = ?' for name in row)
        self.tx.execute(f"UPDATE {model.table} SET {sets} WHERE id = ?", (*row.values(), number))
