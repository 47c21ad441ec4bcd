"""What single models do by themselves when their records change."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from crm.standin.env import Env
from crm.standin.schema import MAGIC, Field, Model

Values = dict[str, Any]
# Fields of a product that belong to the variant; all others are the template's.
OF_VARIANT = frozenset({"default_code", "barcode", "standard_price"})
NUMBERED = re.compile(r"(.*?)\s*\[(\d+)\]", re.DOTALL)
PRODUCTS = ("product.template", "product.product")


def default(env: Env, field: Field) -> Any:
    """The default of a field; names with $ are worked out."""
    if field.default == "$uid":
        return env.uid
    if field.default == "$now":
        return env.tx.now[:19]
    if field.default in ("$first_stage", "$first_team"):
        table = "crm_stage" if field.default == "$first_stage" else "crm_team"
        rows = env.rows(f"SELECT id FROM {table} ORDER BY sequence, id LIMIT 1")
        return rows[0]["id"] if rows else False
    return False if field.default is None else field.default


def before_create(env: Env, model: Model, values: Values) -> None:
    if model.name in PRODUCTS:
        _same_kind(env, values)
        for one, other in (("lst_price", "list_price"), ("list_price", "lst_price")):
            if one in values and other in model.fields:
                values.setdefault(other, values[one])
    if model.name == "product.product":
        _with_template(env, values)
    if model.name == "crm.lead":
        _new_lead(env, values)
    if model.name.startswith("utm."):
        _number_name(env, model, values)
    if model.name == "sale.order":
        number = env.rows("SELECT coalesce(max(id), 0) + 1 AS n FROM sale_order")[0]["n"]
        values.setdefault("name", f"S{number:05d}")
    if model.name == "sale.order.line":
        quantity = float(values.get("product_uom_qty", 1) or 0)
        values.setdefault("price_subtotal", quantity * float(values.get("price_unit") or 0))


def after_create(env: Env, model: Model, number: int, values: Values) -> None:
    if model.name == "product.template":
        _first_variant(env, number)
    if model.name == "product.product":
        _fill_template(env, number)
        _follow(env, model, number, values)
    if model.name == "sale.order.line":
        _total(env, number)


def before_write(env: Env, model: Model, before: Values, values: Values) -> None:
    if model.name in PRODUCTS:
        _same_kind(env, values)
        if model.name == "product.product":
            for one, other in (("lst_price", "list_price"), ("list_price", "lst_price")):
                if one in values:
                    values[other] = values[one]
    if model.name == "crm.lead":
        _moved_lead(env, before, values)


def after_write(env: Env, model: Model, number: int, values: Values) -> None:
    if model.name in PRODUCTS:
        _follow(env, model, number, values)
    if model.name == "sale.order.line":
        _total(env, number)


def before_unlink(env: Env, model: Model, number: int) -> None:
    if model.name == "product.template":
        env.tx.execute("DELETE FROM product_product WHERE product_tmpl_id = ?", (number,))


# -- products -----------------------------------------------------------------------
def _same_kind(env: Env, values: Values) -> None:
    """16 and 17: detailed_type is written, type is derived."""
    if env.version < 18:
        if "type" in values and "detailed_type" not in values:
            values["detailed_type"] = values["type"]
        elif "detailed_type" in values:
            values["type"] = values["detailed_type"]


def _with_template(env: Env, values: Values) -> None:
    """A variant made alone brings its template; one added to a template takes after it."""
    if not values.get("product_tmpl_id"):
        values["product_tmpl_id"] = env.tx.next_id("product_template")
        env.tx.insert(
            "product_template",
            {
                "id": values["product_tmpl_id"],
                "create_date": env.tx.now,
                "write_date": env.tx.now,
                "create_uid": env.uid,
            },
        )
        return
    rows = env.rows("SELECT * FROM product_template WHERE id = ?", (values["product_tmpl_id"],))
    for name, field in env.model("product.product").fields.items():
        shared = field.column in (rows[0] if rows else {}) and field.column not in OF_VARIANT
        if shared and name not in MAGIC | {"active"}:
            values.setdefault(name, rows[0][field.column])


def _first_variant(env: Env, number: int) -> None:
    row = env.rows("SELECT * FROM product_template WHERE id = ?", (number,))[0]
    variant = env.model("product.product")
    columns = {f.column for f in variant.fields.values() if f.stored} - {"id"}
    made = {name: value for name, value in row.items() if name in columns}
    made |= {"id": env.tx.next_id(variant.table), "product_tmpl_id": number}
    env.tx.insert(variant.table, made | {"lst_price": row["list_price"]})


def _follow(env: Env, model: Model, number: int, values: Values) -> None:
    """Template and variants show the same; both get a new write_date."""
    stored = {model.fields[name].column for name in values if name in model.fields}
    source = env.rows(f"SELECT * FROM {model.table} WHERE id = ?", (number,))[0]
    template = number if model.name == "product.template" else source["product_tmpl_id"]
    sql = "SELECT id FROM product_product WHERE product_tmpl_id = ?"
    variants = [row["id"] for row in env.rows(sql, (template,))]
    single = len(variants) == 1
    shared = {
        name: source[name]
        for name in stored - {"id", "active", "product_tmpl_id"}
        if single or name not in OF_VARIANT
    }
    if "list_price" in shared:
        shared["lst_price"] = shared["list_price"]
    if single and "active" in stored:
        shared["active"] = source["active"]
    _copy(env, "product.template", template, shared | {"product_variant_count": len(variants)})
    if not single:
        _copy(env, "product.template", template, dict.fromkeys(OF_VARIANT))
    for one in variants:
        _copy(env, "product.product", one, shared)


def _fill_template(env: Env, variant: int) -> None:
    """The template `_with_template` made is still empty."""
    row = env.rows("SELECT * FROM product_product WHERE id = ?", (variant,))[0]
    template = env.rows("SELECT name FROM product_template WHERE id = ?", (row["product_tmpl_id"],))
    if template[0]["name"] is None:
        _copy(env, "product.template", row["product_tmpl_id"], _without_magic(row))


def _without_magic(row: Values) -> Values:
    return {name: value for name, value in row.items() if name not in MAGIC}


def _copy(env: Env, name: str, number: int, row: Values) -> None:
    model = env.model(name)
    columns = {field.column for field in model.fields.values() if field.stored}
    env.update(model, number, {k: v for k, v in row.items() if k in columns})


# -- sources, media, campaigns ------------------------------------------------------
def _number_name(env: Env, model: Model, values: Values) -> None:
    """A name that is taken gets a number, "Name [2]", and no fault. Archived records are not
    looked at: there the unique name is a fault after all."""
    if model.name == "utm.campaign":
        values["title"] = values.get("title") or values.get("name")
        values["name"] = values.get("name") or values["title"]
    if not values.get("name"):
        return
    base, wanted = _split(str(values["name"]))
    shown = " WHERE active = 1" if "active" in model.fields else ""
    known = [_split(row["name"]) for row in env.rows(f"SELECT name FROM {model.table}{shown}")]
    used = {number for name, number in known if name == base}
    number = wanted if wanted not in used else next(n for n in count(1) if n not in used)
    values["name"] = base if number == 1 else f"{base} [{number}]"


def _split(name: str) -> tuple[str, int]:
    found = NUMBERED.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 1)


# -- leads --------------------------------------------------------------------------
def _new_lead(env: Env, values: Values) -> None:
    stage = values.get("stage_id") or default(env, env.model("crm.lead").column("stage_id"))
    if not values.get("stage_id"):
        values["stage_id"] = stage
    values.setdefault("date_last_stage_update", env.tx.now[:19])
    values.setdefault("probability", _chance(env, stage))
    if values.get("user_id", env.uid):
        values.setdefault("date_open", env.tx.now[:19])
    if _wins(env, stage):
        values.update(probability=100.0, date_closed=env.tx.now[:19])
    _judge(env, values, {})


def _moved_lead(env: Env, before: Values, values: Values) -> None:
    now = env.tx.now[:19]
    if "stage_id" in values and values["stage_id"] != before["stage_id"]:
        values["date_last_stage_update"] = now
        if _wins(env, values["stage_id"]):
            values.update(probability=100.0, active=True)
        else:
            values.setdefault("probability", _chance(env, values["stage_id"]))
    if values.get("active") is False or values.get("active") == 0:
        values.setdefault("probability", 0.0)
    elif values.get("active") and not before["active"]:
        values.setdefault("probability", _chance(env, before["stage_id"]))
        values["lost_reason_id"] = False
    if (values.get("probability") or 0) >= 100 or not values.get("active", True):
        values["date_closed"] = now
    elif (values.get("probability") or 0) > 0:
        values["date_closed"] = False
    _judge(env, values, before)


def _judge(env: Env, values: Values, before: Values) -> None:
    """won_status came with 19."""
    if env.version < 19:
        return
    state = before | values
    chance = float(state.get("probability") or 0)
    if state.get("active", True) and chance >= 100 and _wins(env, state.get("stage_id")):
        values["won_status"] = "won"
    elif not state.get("active", True) and chance == 0:
        values["won_status"] = "lost"
    else:
        values["won_status"] = "pending"


def _wins(env: Env, stage: Any) -> bool:
    rows = env.rows("SELECT is_won FROM crm_stage WHERE id = ?", (stage or 0,))
    return bool(rows and rows[0]["is_won"])


def _chance(env: Env, stage: Any) -> float:
    """Odoo estimates from history; here by the place of the stage."""
    if _wins(env, stage):
        return 100.0
    sql = (
        "SELECT count(*) AS n FROM crm_stage WHERE sequence <="
        " (SELECT sequence FROM crm_stage WHERE id = ?)"
    )
    place = int(env.rows(sql, (stage or 0,))[0]["n"])
    return min(10.0 + 25.0 * (place - 1), 90.0)


# -- orders -------------------------------------------------------------------------
def _total(env: Env, line: int) -> None:
    env.tx.execute(
        "UPDATE sale_order SET amount_untaxed = (SELECT sum(price_subtotal) FROM sale_order_line"
        " WHERE order_id = sale_order.id), write_date = ?"
        " WHERE id = (SELECT order_id FROM sale_order_line WHERE id = ?)",
        (env.tx.now, line),
    )
    env.tx.execute("UPDATE sale_order SET amount_total = amount_untaxed WHERE amount_tax = 0", ())
