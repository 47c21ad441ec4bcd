"""load(): rows of text with an external id, all in one transaction (docs/odoo-api.md 5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from crm.standin import records
from crm.standin.env import Env
from crm.standin.schema import Field, Model
from crm.standin.wording import OdooFault, text

YES, NO = frozenset({"1", "true", "yes"}), frozenset({"", "0", "false", "no"})


class Busy(Exception):
    """Another transaction holds one of these external ids."""


class Keys:
    """External ids, with their model, that a running transaction is creating or changing."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._held: dict[str, str] = {}

    @contextmanager
    def holding(self, names: set[str], model: str) -> Iterator[None]:
        """Raises Busy once the other transaction, which was first, has ended."""
        with self._free:
            if names & set(self._held):
                self._free.wait_for(lambda: not names & set(self._held))
                raise Busy
            self._held |= dict.fromkeys(names, model)
        try:
            yield
        finally:
            with self._free:
                for name in names:
                    del self._held[name]
                self._free.notify_all()

    def model_of(self, name: str) -> str:
        """The model of a record that is being created right now, else ""."""
        with self._free:
            return self._held.get(name, "")


class Wrong(Exception):
    """A row that load does not take."""

    def __init__(self, key: str, field: Field | None, **values: Any) -> None:
        super().__init__(key)
        self.key, self.field, self.values = key, field, values


def external_names(fields: Sequence[str], data: Sequence[Sequence[Any]]) -> set[str]:
    if "id" not in fields:
        return set()
    place = list(fields).index("id")
    return {_full(str(row[place])) for row in data if place < len(row) and row[place]}


def _full(name: str) -> str:
    """Without a module, the name belongs to __import__."""
    return name if "." in name else f"__import__.{name}"


def conflict(version: int) -> dict[str, Any]:
    message = text("load", "serialize", version)
    return {"ids": False, "messages": [_message(message, 0, None)], "nextrow": 0}


def _message(message: str, row: int, field: Field | None) -> dict[str, Any]:
    found = {"type": "error", "message": message, "rows": {"from": row, "to": row}, "record": row}
    return found | ({"field": field.name} if field else {})


class Refused(Exception):
    """The answer of a load that changed nothing; ends the transaction."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        super().__init__()
        self.answer = {"ids": False, "messages": messages, "nextrow": 0}


def load(
    env: Env, model: Model, fields: Sequence[str], data: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """`{"ids", "messages", "nextrow"}`. Raises Refused to have everything undone."""
    ids: list[int] = []
    messages: list[dict[str, Any]] = []
    for place, row in enumerate(data):
        try:
            ids.append(_row(env, model, fields, row))
        except Wrong as wrong:
            field = wrong.field
            values = wrong.values | (
                {"label": field.label, "field": field.name} if field is not None else {}
            )
            message = text("load", wrong.key, env.version, **values)
            messages.append(_message(message, place, field))
        except OdooFault as fault:
            messages.append(_refusal(env, model, fault, place))
    if messages:
        raise Refused(messages)
    return {"ids": ids, "messages": [], "nextrow": 0}


def _refusal(env: Env, model: Model, fault: OdooFault, place: int) -> dict[str, Any]:
    """load words a missing value in its own way."""
    if fault.key != "required":
        return _message(fault.message, place, None)
    message = text("load", "required", env.version, **fault.values)
    return _message(message, place, model.fields[fault.values["field"]])


def _row(env: Env, model: Model, fields: Sequence[str], row: Sequence[Any]) -> int:
    external, number = "", 0
    values: dict[str, Any] = {}
    for name, value in zip(fields, row, strict=False):
        if name == "id":
            external = _full(str(value)) if value else ""
        elif name == ".id":
            number = int(value or 0)
        else:
            own, _, kind = name.partition("/")
            field = model.fields.get(own)
            if field is None:
                raise env.fault("unknown_field_write", model=model.name, field=own)
            values[own] = _converted(env, field, kind, value)
    if " " in external:
        raise Wrong("spaces", None)
    module, _, name = external.partition(".")
    known = _known(env, module, name) if external else None
    number = known["res_id"] if known else number
    if number:
        records.write(env, model, [number], values)
        return number
    number = records.create(env, model, [values])[0]
    if external:
        _name(env, model, module, name, number)
    return number


def _known(env: Env, module: str, name: str) -> dict[str, Any] | None:
    rows = env.rows("SELECT * FROM ir_model_data WHERE module = ? AND name = ?", (module, name))
    return rows[0] if rows else None


def _name(env: Env, model: Model, module: str, name: str, number: int) -> None:
    row = {"module": module, "name": name, "model": model.name, "res_id": number}
    dates = {"create_date": env.tx.now, "write_date": env.tx.now}
    env.tx.insert("ir_model_data", {"id": env.tx.next_id("ir_model_data"), **row, **dates})


def _converted(env: Env, field: Field, kind: str, value: Any) -> Any:
    """A text of one column as a value; empty means False."""
    given = "" if value in (None, False) else str(value)
    if field.type == "many2many":
        parts = [part.strip() for part in given.split(",") if part.strip()]
        return [(6, 0, [_target(env, field, kind, part) for part in parts])]
    if not given:
        return False
    if field.type == "many2one":
        return _target(env, field, kind, given)
    return _simple(field, given)


def _simple(field: Field, given: str) -> Any:
    if field.type == "boolean":
        return given.lower() in YES
    if field.type == "selection":
        for key, label in field.selection:
            if given in (key, label):
                return key
        raise Wrong("selection", field, value=given)
    try:
        if field.type == "integer":
            return int(given)
        if field.type in ("float", "monetary"):
            return float(given)
        if field.type == "date":
            datetime.strptime(given, "%Y-%m-%d")
        if field.type == "datetime":
            datetime.strptime(given, "%Y-%m-%d %H:%M:%S" if len(given) > 10 else "%Y-%m-%d")
    except ValueError:
        keys = {"integer": "integer", "date": "date", "datetime": "time"}
        raise Wrong(keys.get(field.type, "number"), field, value=given) from None
    return given


def _target(env: Env, field: Field, kind: str, given: str) -> int:
    """The record a cell means: `/.id` database id, `/id` external id, else its name."""
    there = env.relation(field)
    if kind == ".id":
        rows = env.rows(f"SELECT id FROM {there.table} WHERE id = ?", (given,))
        missing = "no_such_id"
    elif kind == "id":
        module, _, name = _full(given).partition(".")
        known = _known(env, module, name)
        rows = [{"id": known["res_id"]}] if known else []
        missing = "no_such_xmlid"
    else:
        column = there.column(there.rec_name).column
        rows = env.rows(f'SELECT id FROM {there.table} WHERE "{column}" = ?', (given,))
        missing = "no_such_name"
    if not rows:
        raise Wrong(missing, field, value=given)
    return int(rows[0]["id"])
