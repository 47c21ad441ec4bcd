"""Search, read, create, write and unlink as Odoo's models do them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from crm.standin import access, hooks
from crm.standin.domains import compiled, names_active
from crm.standin.env import Env
from crm.standin.schema import MAGIC, Field, Model
from crm.standin.values import into_column, out_of_column

ORDER = re.compile(r"\s*([\w]+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)
Values = dict[str, Any]


# -- search -------------------------------------------------------------------------
def condition(env: Env, model: Model, domain: Any) -> tuple[str, tuple[Any, ...]]:
    """The domain together with record rules and the hiding of archived records."""
    access.check(env, model, "read")
    domain = [] if domain in (None, False) else domain
    sql, values = compiled(env, model, domain)
    rule, more = access.rule(env, model)
    if rule:
        sql, values = f"({sql}) AND {rule}", values + more
    if _hides_archived(env, model, domain):
        sql = f"({sql}) AND coalesce(active, 0) = 1"
    return sql, values


def _hides_archived(env: Env, model: Model, domain: Any) -> bool:
    if "active" not in model.fields or not env.context.get("active_test", True):
        return False
    return not names_active(domain)


def search(
    env: Env, model: Model, domain: Any, offset: int = 0, limit: Any = None, order: Any = None
) -> list[int]:
    where, values = condition(env, model, domain)
    sql = f"SELECT id FROM {model.table} WHERE {where} ORDER BY {_ordered(env, model, order)}"
    if limit and int(limit) < 0:
        raise env.fault("negative_limit")
    if limit or offset:
        sql += f" LIMIT {int(limit or -1)} OFFSET {int(offset or 0)}"
    return [row["id"] for row in env.rows(sql, values)]


def count(env: Env, model: Model, domain: Any, limit: Any = None) -> int:
    where, values = condition(env, model, domain)
    number: int = env.rows(f"SELECT count(*) AS n FROM {model.table} WHERE {where}", values)[0]["n"]
    return min(number, int(limit)) if limit else number


def _ordered(env: Env, model: Model, order: Any) -> str:
    parts = []
    given = order or model.order
    for one in str(given).split(","):
        found = ORDER.fullmatch(one)
        field = model.fields.get(found[1]) if found else None
        if found is None or (field is None and order):
            raise env.fault("bad_order", order=order)
        # The default order may name a field that was renamed.
        column = field.column if field else found[1]
        column = model.rec_name if column == "display_name" else column
        parts.append(f'"{column}" {found[2] or ""}')
    return ", ".join(parts)


# -- read ---------------------------------------------------------------------------
def read(env: Env, model: Model, ids: Iterable[int], fields: Any, names: bool) -> list[Values]:
    """Rows in the order of the ids; deleted ones are left out without a word."""
    access.check(env, model, "read")
    wanted = _wanted(env, model, fields)
    asked = list(dict.fromkeys(ids))
    columns = {"id", *(f.column for f in wanted if f.stored), model.column(model.rec_name).column}
    quoted = ", ".join(f'"{one}"' for one in sorted(columns))
    sql = f"SELECT {quoted} FROM {model.table} WHERE id IN (SELECT value FROM json_each(?))"
    rows = {row["id"]: row for row in env.rows(sql, (json.dumps(asked),))}
    present = [one for one in asked if one in rows]
    access.check_rules(env, model, present, "read")
    _translate(env, model, [f for f in wanted if f.translate], rows)
    result = [{"id": one} for one in present]
    for field in wanted:
        shown = _shown(env, model, field, rows, present, names)
        for row in result:
            row[field.name] = shown[row["id"]]
    return result


def _wanted(env: Env, model: Model, fields: Any) -> list[Field]:
    if not fields:
        return list(model.fields.values())
    for name in fields:
        if name not in model.fields:
            raise env.fault("unknown_field_read", model=model.name, field=name)
    return [model.fields[name] for name in dict.fromkeys(fields)]


def _shown(
    env: Env, model: Model, field: Field, rows: dict[int, Values], ids: list[int], names: bool
) -> dict[int, Any]:
    if field.name == "display_name":
        named = display_names(env, model, ids)
        return {one: named[one] for one in ids}
    if field.type == "many2one":
        there = {one: rows[one][field.column] for one in ids}
        if not names:
            return {one: value or False for one, value in there.items()}
        named = display_names(env, env.relation(field), [v for v in there.values() if v])
        return {one: [v, named.get(v, "")] if v else False for one, v in there.items()}
    if field.type == "many2many":
        return {one: json.loads(rows[one][field.column] or "[]") for one in ids}
    if field.type == "one2many":
        return _pointing_here(env, model, field, ids)
    return {one: out_of_column(field, rows[one][field.column]) for one in ids}


def _pointing_here(env: Env, model: Model, field: Field, ids: list[int]) -> dict[int, Any]:
    there = env.relation(field)
    own = f" AND model = '{model.name}'" if field.relation == "mail.message" else ""
    sql = (
        f'SELECT id, "{field.inverse}" AS here FROM {there.table} WHERE "{field.inverse}" IN'
        f" (SELECT value FROM json_each(?)){own} ORDER BY id"
    )
    found: dict[int, list[int]] = {one: [] for one in ids}
    for row in env.rows(sql, (json.dumps(ids),)):
        found[row["here"]].append(row["id"])
    return found


def display_names(env: Env, model: Model, ids: list[int]) -> dict[int, str]:
    field = model.column(model.rec_name)
    sql = (
        f'SELECT id, "{field.column}" FROM {model.table}'
        " WHERE id IN (SELECT value FROM json_each(?))"
    )
    rows = {row["id"]: row for row in env.rows(sql, (json.dumps(sorted(set(ids))),))}
    if field.translate:
        _translate(env, model, [field], rows)
    coded = _codes(env, model, rows)
    return {
        one: coded.get(one, "") + (row[field.column] or f"{model.name},{one}")
        for one, row in rows.items()
    }


def _codes(env: Env, model: Model, rows: dict[int, Values]) -> dict[int, str]:
    """Products are named "[code] name"."""
    if model.name not in hooks.PRODUCTS:
        return {}
    sql = (
        f"SELECT id, default_code FROM {model.table} WHERE default_code != ''"
        " AND id IN (SELECT value FROM json_each(?))"
    )
    return {
        row["id"]: f"[{row['default_code']}] " for row in env.rows(sql, (json.dumps(list(rows)),))
    }


def _translate(env: Env, model: Model, fields: list[Field], rows: dict[int, Values]) -> None:
    if not env.lang or not fields or not rows:
        return
    sql = (
        "SELECT res_id, field, value FROM translation WHERE model = ? AND lang = ?"
        " AND res_id IN (SELECT value FROM json_each(?))"
    )
    columns = {field.column for field in fields}
    for row in env.rows(sql, (model.name, env.lang, json.dumps(list(rows)))):
        if row["field"] in columns:
            rows[row["res_id"]][row["field"]] = row["value"]


def existing(env: Env, model: Model, ids: Iterable[int]) -> list[int]:
    """The ids, all of them there. Raises MissingError for the first that is not."""
    wanted = list(dict.fromkeys(ids))
    sql = f"SELECT id FROM {model.table} WHERE id IN (SELECT value FROM json_each(?))"
    there = {row["id"] for row in env.rows(sql, (json.dumps(wanted),))}
    for one in wanted:
        if one not in there:
            raise env.fault("missing", model=model.name, id=one, uid=env.uid)
    return wanted


# -- write --------------------------------------------------------------------------
def create(env: Env, model: Model, rows: list[Values]) -> list[int]:
    """All or none: the caller's transaction ends with the first fault."""
    access.check(env, model, "create")
    return [_create_one(env, model, dict(row)) for row in rows]


def _create_one(env: Env, model: Model, given: Values) -> int:
    hooks.before_create(env, model, given)
    checked = _checked(env, model, given)
    for field in model.fields.values():
        if field.stored and field.name not in MAGIC and field.name not in checked:
            checked[field.name] = hooks.default(env, field)
    row = {
        model.fields[name].column: into_column(env, model, model.fields[name], value)
        for name, value in checked.items()
        if model.fields[name].stored
    }
    _require(env, model, row, given=None)
    _unique(env, model, row)
    number = env.tx.next_id(model.table)
    row |= {
        "id": number,
        "create_date": env.tx.now,
        "write_date": env.tx.now,
        "create_uid": env.uid,
        "write_uid": env.uid,
    }
    env.tx.insert(model.table, row)
    env.tx.created.append((model.name, number))
    _remember_translations(env, model, number, row)
    _attach(env, model, number, given)
    access.check_rules(env, model, [number], "create")
    hooks.after_create(env, model, number, given)
    return number


def _checked(env: Env, model: Model, given: Values) -> Values:
    """Known fields only; what the server writes itself is left out silently."""
    for name in given:
        if name not in model.fields:
            raise env.fault("unknown_field_write", model=model.name, field=name)
    return {name: value for name, value in given.items() if name not in MAGIC}


def _require(env: Env, model: Model, row: Values, given: Values | None) -> None:
    for field in model.fields.values():
        if not field.required or (given is not None and field.column not in row):
            continue
        if row.get(field.column) is None:
            raise env.fault(
                "required",
                label=field.label,
                field=field.name,
                model=model.name,
                model_label=model.label,
            )


def _unique(env: Env, model: Model, row: Values, own: int = 0) -> None:
    if not model.unique or model.unique not in row:
        return
    sql = f'SELECT id FROM {model.table} WHERE "{model.unique}" = ? AND id != ?'
    if env.rows(sql, (row[model.unique], own)):
        raise env.fault("not_unique")


def _remember_translations(env: Env, model: Model, number: int, row: Values) -> None:
    if env.lang:
        for field in model.fields.values():
            if field.translate and row.get(field.column) is not None:
                _translated(env, model, number, field.column, row[field.column])


def _translated(env: Env, model: Model, number: int, column: str, value: Any) -> None:
    env.tx.execute(
        "INSERT OR REPLACE INTO translation VALUES (?, ?, ?, ?, ?)",
        (model.name, number, column, env.lang, value),
    )


def write(env: Env, model: Model, ids: Iterable[int], given: Values) -> bool:
    """Empty values write nothing but write_date."""
    access.check(env, model, "write")
    wanted = existing(env, model, ids)
    access.check_rules(env, model, wanted, "write")
    for number in wanted:
        values = dict(given)
        before = env.rows(f"SELECT * FROM {model.table} WHERE id = ?", (number,))[0]
        hooks.before_write(env, model, before, values)
        row = {}
        for name, value in _checked(env, model, values).items():
            field = model.fields[name]
            if not field.stored:
                continue
            stored = into_column(env, model, field, value, before[field.column])
            if field.translate and env.lang:
                _translated(env, model, number, field.column, stored)
            else:
                row[field.column] = stored
        _require(env, model, row, given)
        _unique(env, model, row, number)
        env.update(model, number, row)
        _attach(env, model, number, values)
        hooks.after_write(env, model, number, values)
    return True


def _attach(env: Env, model: Model, number: int, given: Values) -> None:
    """(0, 0, values) of a one2many makes records that point here."""
    for name, value in given.items():
        field = model.fields[name]
        if field.type != "one2many" or not isinstance(value, list | tuple):
            continue
        for command in value:
            if isinstance(command, list | tuple) and command[:1] in ([0], (0,)):
                create(env, env.relation(field), [{**command[2], field.inverse: number}])


def unlink(env: Env, model: Model, ids: Iterable[int]) -> bool:
    """The external ids go with the records."""
    access.check(env, model, "unlink")
    wanted = existing(env, model, ids)
    access.check_rules(env, model, wanted, "unlink")
    for number in wanted:
        hooks.before_unlink(env, model, number)
        env.tx.execute(f"DELETE FROM {model.table} WHERE id = ?", (number,))
        env.tx.execute(
            "DELETE FROM ir_model_data WHERE model = ? AND res_id = ?", (model.name, number)
        )
        env.tx.execute(
            "DELETE FROM translation WHERE model = ? AND res_id = ?", (model.name, number)
        )
    return True
