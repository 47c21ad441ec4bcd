"""Search domains as conditions in SQL, with the differences between the versions."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from crm.standin.env import Env
from crm.standin.schema import NUMBERS, Field, Model

Condition = tuple[str, tuple[Any, ...]]
COMPARING = ("=", "!=", "<>", ">", ">=", "<", "<=", "=?", "in", "not in")
LIKE = ("like", "ilike", "not like", "not ilike", "=like", "=ilike")
OPERATORS = frozenset({*COMPARING, *LIKE, "child_of", "parent_of"})
TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def compiled(env: Env, model: Model, domain: Any) -> Condition:
    """The condition of a domain in prefix notation. Raises OdooFault."""
    if not isinstance(domain, list | tuple):
        raise env.fault("bad_domain", domain=domain)
    rest = list(domain)
    parts = []
    while rest:
        parts.append(_term(env, model, rest))
    return _joined("AND", parts) if parts else ("1", ())


def names_active(domain: Any) -> bool:
    return any(
        isinstance(leaf, list | tuple) and leaf[:1] in (["active"], ("active",)) for leaf in domain
    )


def _joined(word: str, parts: list[Condition]) -> Condition:
    sql = f" {word} ".join(f"({part})" for part, _ in parts)
    return sql, tuple(value for _, values in parts for value in values)


def _term(env: Env, model: Model, rest: list[Any]) -> Condition:
    if not rest:
        raise env.fault("bad_domain", domain=rest)
    first = rest.pop(0)
    if first in ("&", "|"):
        both = [_term(env, model, rest), _term(env, model, rest)]
        return _joined("AND" if first == "&" else "OR", both)
    if first == "!":
        sql, values = _term(env, model, rest)
        return f"NOT coalesce(({sql}), 0)", values
    if not isinstance(first, list | tuple) or len(first) != 3:
        raise env.fault("bad_domain", domain=first)
    path, operator, value = first
    if path in (0, 1):
        return ("1" if (path == value) == (operator == "=") else "0"), ()
    operator = str(operator).lower()
    leaf = repr((path, operator, value))
    if operator not in OPERATORS:
        raise env.fault("bad_operator", operator=operator, leaf=leaf)
    if operator == "=?":
        if value in (None, False):
            return "1", ()
        operator = "="
    return _leaf(env, model, str(path), "!=" if operator == "<>" else operator, value, leaf)


def _leaf(env: Env, model: Model, path: str, operator: str, value: Any, leaf: str) -> Condition:
    name, _, further = path.partition(".")
    field = model.fields.get(name)
    if field is None:
        raise env.fault("unknown_field_domain", model=model.name, field=name, leaf=leaf)
    if further:
        if not field.relation:
            raise env.fault("unknown_field_domain", model=model.name, field=path, leaf=leaf)
        inner = _leaf(env, env.relation(field), further, operator, value, leaf)
        return _related(env, model, field, inner)
    if name == "display_name":
        field = model.column(model.rec_name)
    if field.type in ("many2one", "one2many", "many2many") or operator.endswith("_of"):
        return _relational(env, model, field, operator, value)
    if operator in ("in", "not in"):
        return _listed(env, field, operator, value)
    if "like" in operator:
        return _liked(f'"{field.column}"', operator, value)
    return _compared(env, field, operator, value)


def _related(env: Env, model: Model, field: Field, inner: Condition) -> Condition:
    """Records whose relation `field` meets a condition over there."""
    sql, values = inner
    there = env.relation(field)
    if field.type == "many2one":
        return f'"{field.column}" IN (SELECT id FROM {there.table} WHERE {sql})', values
    if field.type == "many2many":
        return (
            f'EXISTS (SELECT 1 FROM json_each({model.table}."{field.column}") AS one'
            f" WHERE one.value IN (SELECT id FROM {there.table} WHERE {sql}))",
            values,
        )
    own = ""
    if field.relation == "mail.message":
        own = f" AND model = '{model.name}'"
    return (
        f'id IN (SELECT "{field.inverse}" FROM {there.table} WHERE ({sql}){own})',
        values,
    )


def _relational(env: Env, model: Model, field: Field, operator: str, value: Any) -> Condition:
    negative = operator in ("!=", "not in", "not like", "not ilike")
    given = list(value) if isinstance(value, list | tuple) else [value]
    if operator.endswith("_of"):
        sql, values = _descendants(
            env, model if field.column == "id" else env.relation(field), given
        )
        if field.column == "id":
            return f"id IN ({sql})", values
        found = _related(env, model, field, (f"id IN ({sql})", values))
    elif "like" in operator or any(isinstance(one, str) for one in given):
        there = env.relation(field)
        column = f'"{there.column(there.rec_name).column}"'
        word = operator.removeprefix("not ") if "like" in operator else "=like"
        parts = [_liked(column, word, one) for one in given]
        found = _related(env, model, field, _joined("OR", parts))
    else:
        ids = [int(one) for one in given if one not in (None, False)]
        found = _related(
            env, model, field, ("id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))
        )
        if len(ids) < len(given) or not given:
            found = _joined("OR", [found, _empty(env, model, field)]) if given else ("0", ())
    if not negative:
        return found
    return f"NOT coalesce(({found[0]}), 0)", found[1]


def _empty(env: Env, model: Model, field: Field) -> Condition:
    if field.type == "many2one":
        return f'"{field.column}" IS NULL', ()
    if field.type == "many2many":
        return f"coalesce(\"{field.column}\", '[]') = '[]'", ()
    there = env.relation(field)
    return (
        f'id NOT IN (SELECT "{field.inverse}" FROM {there.table} WHERE "{field.inverse}" NOT NULL)',
        (),
    )


def _descendants(env: Env, model: Model, given: list[Any]) -> Condition:
    ids = json.dumps([int(one) for one in given if one])
    if "parent_id" not in model.fields:
        return "SELECT value FROM json_each(?)", (ids,)
    return (
        f"WITH RECURSIVE below(id) AS (SELECT value FROM json_each(?) UNION SELECT {model.table}.id"
        f" FROM {model.table} JOIN below ON {model.table}.parent_id = below.id)"
        " SELECT id FROM below",
        (ids,),
    )


def _liked(column: str, operator: str, value: Any) -> Condition:
    negative = operator.startswith("not ")
    word = operator.removeprefix("not ")
    text = "" if value in (None, False) else str(value)
    pattern = text if word.startswith("=") else f"%{text}%"
    sql = f"matches({column}, ?, {int('ilike' in word)})"
    return (f"NOT {sql}" if negative else sql), (pattern,)


def _listed(env: Env, field: Field, operator: str, value: Any) -> Condition:
    given = list(value) if isinstance(value, list | tuple) else [value]
    if field.type in ("datetime", "date"):
        parts = [_compared(env, field, "=", one) for one in given]
        sql, values = _joined("OR", parts) if parts else ("0", ())
    else:
        column = _column(field)
        known = [_plain(field, one) for one in given if not _nothing(field, one)]
        sql, values = f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(known),)
        if len(known) < len(given):
            sql = f"({sql} OR {column} IS NULL)"
    return (f"NOT coalesce(({sql}), 0)" if operator == "not in" else sql), values


def _nothing(field: Field, value: Any) -> bool:
    return value is None or (value is False and field.type not in ("boolean", *NUMBERS))


def _plain(field: Field, value: Any) -> Any:
    if field.type == "boolean":
        return int(bool(value))
    return int(value) if isinstance(value, bool) else value


def _column(field: Field) -> str:
    """Empty numbers are 0, an empty box is not ticked."""
    if field.type in ("boolean", *NUMBERS) and field.column != "id":
        return f'coalesce("{field.column}", 0)'
    return f'"{field.column}"'


def _compared(env: Env, field: Field, operator: str, value: Any) -> Condition:
    column = _column(field)
    if _nothing(field, value):
        return (f"{column} IS NULL" if operator == "=" else f"{column} IS NOT NULL"), ()
    if field.type == "datetime":
        return _timed(env, column, operator, value)
    if operator == "!=":
        return f"({column} IS NULL OR {column} != ?)", (_plain(field, value),)
    return f"{column} {operator} ?", (_plain(field, value),)


def _timed(env: Env, column: str, operator: str, value: Any) -> Condition:
    """Section 4a: 16 to 18 compare with the hidden microseconds, 19 by the second."""
    moment = _moment(env, value)
    if env.version < 19 or "." in moment:
        if operator == "!=":
            return f"({column} IS NULL OR {column} != ?)", (moment + ".000000",)
        return f"{column} {operator} ?", (moment if "." in moment else moment + ".000000",)
    last = moment + ".999999"
    if operator == "=":
        return f"{column} BETWEEN ? AND ?", (moment, last)
    if operator == "!=":
        return f"({column} IS NULL OR {column} NOT BETWEEN ? AND ?)", (moment, last)
    # By text "… :34" sorts before "… :34.000000".
    return f"{column} {operator} ?", (last if operator in (">", "<=") else moment,)


def _moment(env: Env, value: Any) -> str:
    found = TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if found is None:
        raise env.fault(
            "bad_time", why=f"time data {value!r} does not match format '%Y-%m-%d %H:%M:%S'"
        )
    day, time, fraction, zone = found.groups()
    if zone and env.version >= 19:
        raise env.fault("time_with_zone", value=value)
    return f"{day} {time or '00:00:00'}{((fraction or '') + '000000')[:7] if fraction else ''}"
