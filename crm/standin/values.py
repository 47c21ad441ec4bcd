"""Values on their way into a column, with the refusals of Odoo."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from crm.standin.env import Env
from crm.standin.html import sanitised
from crm.standin.schema import Field, Model

LIMIT = 2**31


def into_column(env: Env, model: Model, field: Field, value: Any, before: Any = None) -> Any:
    """The stored form of a value a client sent. `before`: the old one, for links."""
    if field.type == "boolean":
        return int(bool(value))
    if field.type == "many2many":
        return _links(env, model, field, value, before)
    if value is None or value is False:
        return 0 if field.type in ("integer", "float", "monetary") else None
    if field.type == "many2one":
        return _pointer(env, model, field, value)
    if field.type == "integer":
        return _whole(env, value)
    if field.type in ("float", "monetary"):
        return _number(env, model, field, value)
    if field.type == "selection":
        if value not in [key for key, _ in field.selection]:
            raise env.fault("wrong_value", model=model.name, field=field.name, value=value)
        return value
    if field.type in ("datetime", "date"):
        return _time(env, field, value)
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:
        raise env.fault("nul")
    return sanitised(text) if field.type == "html" else text


def _whole(env: Env, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise env.fault("bad_number", value=value) from None
    if not -LIMIT <= number < LIMIT:
        raise env.fault("too_large")
    return number


def _number(env: Env, model: Model, field: Field, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise env.fault("bad_number", value=value) from None
    # 16 to 18 round a price to the decimal accuracy of prices, 19 does not.
    price = model.name.startswith("product.") and field.type == "float"
    if field.type == "monetary" or (price and env.version < 19):
        return round(number, 2)
    return number


def _time(env: Env, field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise env.fault("wrong_value", model="", field=field.name, value=value)
    shape = "%Y-%m-%d" if len(value) <= 10 else "%Y-%m-%d %H:%M:%S"
    try:
        moment = datetime.strptime(value, shape)
    except ValueError as exc:
        raise env.fault("bad_time", why=str(exc)) from None
    if field.type == "date":
        return moment.strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m-%d %H:%M:%S.000000")


def _pointer(env: Env, model: Model, field: Field, value: Any) -> int:
    number = _whole(env, value)
    _exist(env, model, field, [number])
    return number


def _exist(env: Env, model: Model, field: Field, ids: list[int]) -> None:
    there = env.relation(field)
    sql = f"SELECT id FROM {there.table} WHERE id IN (SELECT value FROM json_each(?))"
    if len(env.rows(sql, (json.dumps(ids),))) != len(set(ids)):
        raise env.fault(
            "no_such_id",
            model=model.name,
            model_label=model.label,
            field=field.name,
            label=field.label,
        )


def _links(env: Env, model: Model, field: Field, value: Any, before: Any) -> str:
    """A list of ids, or commands: (6, 0, ids), (4, id), (3, id), (5)."""
    ids = set(json.loads(before)) if before else set()
    given = value if isinstance(value, list | tuple) else []
    if all(isinstance(one, int) for one in given):
        given = [(6, 0, list(given))]
    for command in given:
        if not isinstance(command, list | tuple) or not command:
            raise env.fault("wrong_value", model=model.name, field=field.name, value=value)
        ids = _linked(env, ids, [*command, 0, 0])
    if ids:
        _exist(env, model, field, sorted(ids))
    return json.dumps(sorted(ids))


def _linked(env: Env, ids: set[int], command: list[Any]) -> set[int]:
    kind, number, more = command[:3]
    if kind == 6:
        return {_whole(env, one) for one in more}
    if kind == 5:
        return set()
    if kind == 4:
        return ids | {_whole(env, number)}
    if kind in (2, 3):
        return ids - {_whole(env, number)}
    return ids


def out_of_column(field: Field, value: Any) -> Any:
    """What a client reads, relations apart: False for empty, seconds only."""
    if field.type == "boolean":
        return bool(value)
    if field.type == "integer":
        return value or 0
    if field.type in ("float", "monetary"):
        return float(value or 0)
    if value is None:
        return False
    if field.type == "datetime":
        return value[:19]
    return value
