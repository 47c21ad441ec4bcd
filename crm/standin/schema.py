"""Which models and fields a version of Odoo has, read from models/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent / "models"
VERSIONS = (16, 17, 18, 19)
APPS = ("crm", "product", "sale")
RELATIONS = frozenset({"many2one", "many2many", "one2many"})
NUMBERS = frozenset({"integer", "float", "monetary"})
TEXTS = frozenset({"char", "text", "html"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `column` stays when a field is renamed."""

    name: str
    type: str
    label: str
    column: str
    relation: str = ""
    # Of a one2many: the field over there that points here.
    inverse: str = ""
    required: bool = False
    readonly: bool = False
    translate: bool = False
    selection: tuple[tuple[str, str], ...] = ()
    default: Any = None
    # The field is there only together with this app.
    app: str = ""
    since: int = VERSIONS[0]
    until: int = VERSIONS[-1]

    @property
    def stored(self) -> bool:
        return self.type != "one2many" and self.name != "display_name"


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    label: str
    app: str
    order: str
    rec_name: str = "name"
    # A field whose values may not repeat.
    unique: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def table(self) -> str:
        return self.name.replace(".", "_")

    def column(self, name: str) -> Field:
        """A field by its stored name, renamed or not."""
        return next(one for one in self.fields.values() if one.column == name)


# What every model has.
COMMON = (
    Field("id", "integer", "ID", "id", readonly=True),
    Field("display_name", "char", "Display Name", "display_name", readonly=True),
    Field("create_date", "datetime", "Created on", "create_date", readonly=True),
    Field(
        "create_uid", "many2one", "Created by", "create_uid", relation="res.users", readonly=True
    ),
    Field("write_date", "datetime", "Last Updated on", "write_date", readonly=True),
    Field(
        "write_uid", "many2one", "Last Updated by", "write_uid", relation="res.users", readonly=True
    ),
)
# Written by the server alone; a client that sends them is not told.
MAGIC = frozenset(one.name for one in COMMON)


@cache
def everything() -> Mapping[str, Model]:
    """Every model with the fields of every version."""
    found: dict[str, Model] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, given in tomllib.loads(path.read_text("utf-8")).items():
            fields = {one.name: one for one in COMMON}
            for own, says in given.pop("fields").items():
                pairs = tuple(tuple(pair) for pair in says.pop("selection", ()))
                fields[own] = Field(own, column=own, selection=pairs, **says)
            found[name] = Model(name, fields=fields, **given)
    return MappingProxyType(found)


def models(
    version: int, missing: Collection[str] = (), renamed: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Model]:
    """The models of a server without the apps `missing`; `renamed`: "model.field" → new name."""
    found = {}
    for model in everything().values():
        if model.app in missing:
            continue
        fields = {}
        for one in model.fields.values():
            if one.since <= version <= one.until and one.app not in missing:
                name = renamed.get(f"{model.name}.{one.name}", one.name)
                fields[name] = _as_of(replace(one, name=name), version)
        found[model.name] = replace(model, fields=fields)
    return found


def _as_of(one: Field, version: int) -> Field:
    # `combo` and "type is the field to write" came with 18.
    if one.column == "type" and version < 18 and len(one.selection) == 3:
        return replace(one, selection=one.selection[:2], required=False)
    return one
