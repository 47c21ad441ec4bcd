"""What a salesperson does with a lead: quotation, order, invoice, won, lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.standin import records
from crm.standin.env import Env

Given = Mapping[str, Any]
Made = dict[str, Any]


def quote(env: Env, lead: int, given: Given) -> Made:
    """A quotation of `amount`; the lead expects as much."""
    amount = _amount(given)
    order = _order(env, lead, amount, "sent" if given.get("sent") else "draft")
    _lead(env, lead, {"expected_revenue": amount})
    return {"lead": lead, "order": order}


def win(env: Env, lead: int, given: Given) -> Made:
    """The last open quotation, or a new one, becomes an order (with the sale app); won."""
    made: Made = {"lead": lead}
    amount = _amount(given) if "amount" in given else None
    if "sale.order" in env.server.models and amount is not None:
        made["order"] = _confirmed(env, lead, amount)
    changes: dict[str, Any] = {"stage_id": _won_stage(env)}
    if amount is not None:
        changes["expected_revenue"] = amount
    _lead(env, lead, changes)
    return made


def invoice(env: Env, lead: int, given: Given) -> Made:
    """A posted invoice over `amount` for the lead's order; a negative one is a credit note."""
    amount = _amount(given)
    orders = _orders(env, lead, ("sale", "done"))
    order = orders[-1] if orders else _confirmed(env, lead, abs(amount))
    row = records.read(env, env.model("sale.order"), [order], ["name", "order_line"], False)[0]
    partner = _partner(env, lead)
    number = env.rows("SELECT count(*) + 1 AS n FROM account_move")[0]["n"]
    move = records.create(
        env,
        env.model("account.move"),
        [
            {
                "name": f"{'RINV' if amount < 0 else 'INV'}/{env.tx.now[:4]}/{number:05d}",
                "move_type": "out_refund" if amount < 0 else "out_invoice",
                "state": "posted",
                "partner_id": partner,
                "amount_untaxed": abs(amount),
                "amount_untaxed_signed": amount,
                "amount_total": abs(amount),
                "amount_total_signed": amount,
                "invoice_date": env.tx.now[:10],
                "invoice_origin": row["name"],
            }
        ],
    )[0]
    line = {
        "move_id": move,
        "name": row["name"],
        "price_unit": abs(amount),
        "price_subtotal": abs(amount),
        "sale_line_ids": row["order_line"],
    }
    made = records.create(env, env.model("account.move.line"), [line])
    for one in row["order_line"]:
        links = {"invoice_lines": [(4, made[0])]}
        records.write(env, env.model("sale.order.line"), [one], links)
    changes = {"invoice_ids": [(4, move)], "invoice_status": "invoiced"}
    records.write(env, env.model("sale.order"), [order], changes)
    return {"lead": lead, "order": order, "invoice": move}


def lose(env: Env, lead: int, given: Given) -> Made:
    """Lost is archived; `reason` is the id of a lost reason."""
    reasons = env.rows("SELECT id FROM crm_lost_reason ORDER BY id LIMIT 1")
    reason = given.get("reason") or (reasons[0]["id"] if reasons else False)
    _lead(env, lead, {"active": False, "probability": 0.0, "lost_reason_id": reason})
    return {"lead": lead}


def next_stage(env: Env, lead: int, given: Given) -> Made:
    """One stage further; the last one is won."""
    stages = [row["id"] for row in env.rows("SELECT id FROM crm_stage ORDER BY sequence, id")]
    row = env.rows("SELECT stage_id FROM crm_lead WHERE id = ?", (lead,))
    place = stages.index(row[0]["stage_id"]) if row and row[0]["stage_id"] in stages else -1
    stage = stages[min(place + 1, len(stages) - 1)]
    _lead(env, lead, {"stage_id": stage})
    return {"lead": lead, "stage": stage}


# -- helpers ------------------------------------------------------------------------
def _amount(given: Given) -> float:
    return round(float(given["amount"]), 2)


def _lead(env: Env, lead: int, values: dict[str, Any]) -> None:
    records.write(env, env.model("crm.lead"), [lead], values)


def _won_stage(env: Env) -> int:
    sql = "SELECT id FROM crm_stage WHERE is_won = 1 ORDER BY sequence, id LIMIT 1"
    return int(env.rows(sql)[0]["id"])


def _orders(env: Env, lead: int, states: tuple[str, ...]) -> list[int]:
    marks = ", ".join("?" * len(states))
    sql = f"SELECT id FROM sale_order WHERE opportunity_id = ? AND state IN ({marks}) ORDER BY id"
    return [row["id"] for row in env.rows(sql, (lead, *states))]


def _confirmed(env: Env, lead: int, amount: float) -> int:
    open_ones = _orders(env, lead, ("draft", "sent"))
    order = open_ones[-1] if open_ones else _order(env, lead, amount, "draft")
    sql = "SELECT id FROM sale_order_line WHERE order_id = ?"
    lines = [row["id"] for row in env.rows(sql, (order,))]
    records.write(
        env,
        env.model("sale.order.line"),
        lines[:1],
        {"price_unit": amount, "product_uom_qty": 1, "price_subtotal": amount},
    )
    changes = {"state": "sale", "date_order": env.tx.now[:19], "invoice_status": "to invoice"}
    records.write(env, env.model("sale.order"), [order], changes)
    return order


def _order(env: Env, lead: int, amount: float, state: str) -> int:
    columns = "user_id, source_id, medium_id, campaign_id, name"
    partner = _partner(env, lead)
    row = env.rows(f"SELECT {columns} FROM crm_lead WHERE id = ?", (lead,))[0]
    values = {
        "opportunity_id": lead,
        "partner_id": partner,
        "state": state,
        **{name: row[name] or False for name in columns.split(", ") if name != "name"},
        "order_line": [(0, 0, {"name": row["name"], "price_unit": amount})],
    }
    return records.create(env, env.model("sale.order"), [values])[0]


def _partner(env: Env, lead: int) -> int:
    """The lead's customer; a quotation makes one of its contact data."""
    row = env.rows("SELECT * FROM crm_lead WHERE id = ?", (lead,))
    if not row:
        raise env.fault("missing", model="crm.lead", id=lead, uid=env.uid)
    if row[0]["partner_id"]:
        return int(row[0]["partner_id"])
    name = row[0]["partner_name"] or row[0]["contact_name"] or row[0]["name"]
    given = {"name": name, "email": row[0]["email_from"], "phone": row[0]["phone"]}
    partner = records.create(env, env.model("res.partner"), [given])[0]
    _lead(env, lead, {"partner_id": partner})
    return partner
