"""Rights and record rules of the four kinds of users."""

from __future__ import annotations

from typing import Any

from crm.standin.env import ADMIN, BOT, NOBODY, SALES, Env
from crm.standin.schema import Model

ALL = frozenset({"read", "write", "create", "unlink"})
READ = frozenset({"read"})
EDIT = frozenset({"read", "write", "create"})
# Every employee.
INTERNAL = {
    "res.partner": READ,
    "res.users": READ,
    "res.users.apikeys": READ,
    "res.company": READ,
    "res.currency": READ,
    "res.lang": READ,
    "mail.message": EDIT,
    "product.template": READ,
    "product.product": READ,
    "product.category": READ,
    "utm.source": READ,
    "utm.medium": READ,
    "utm.campaign": READ,
}
# "Sales / User", own documents or all.
SALESPERSON = INTERNAL | {
    "crm.lead": EDIT,
    "crm.stage": READ,
    "crm.team": READ,
    "crm.tag": EDIT,
    "crm.lost.reason": READ,
    "res.partner": EDIT,
    "sale.order": EDIT,
    "sale.order.line": ALL,
    "account.move": READ,
    "account.move.line": READ,
    "utm.source": EDIT,
    "utm.medium": EDIT,
    "utm.campaign": EDIT,
}
GROUPS = "\t- Sales/Administrator\n\t- Sales/User: Own Documents Only"
SETTINGS_GROUP = "\t- Administration/Access Rights"
VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}
OWNERS = {"crm.lead": "user_id", "sale.order": "user_id", "account.move": "invoice_user_id"}


def allowed(env: Env, model: Model, operation: str) -> bool:
    if env.sudo or env.uid == ADMIN:
        return True
    if env.uid == BOT:
        asked = env.server.rights.get(model.name, {}).get(operation)
        if asked is not None:
            return bool(asked)
    table = INTERNAL if env.uid == NOBODY else SALESPERSON
    return operation in table.get(model.name, frozenset())


def check(env: Env, model: Model, operation: str) -> None:
    """Raises AccessError."""
    if not allowed(env, model, operation):
        raise env.fault(
            "no_right",
            verb=VERBS[operation],
            label=model.label,
            model=model.name,
            groups=SETTINGS_GROUP if model.name == "ir.model.data" else GROUPS,
        )


def rule(env: Env, model: Model) -> tuple[str, tuple[Any, ...]]:
    """The record rules as a condition in SQL; "" = sees everything."""
    if env.sudo or env.uid == ADMIN:
        return "", ()
    parts: list[str] = []
    values: list[Any] = []
    if model.name == "res.users.apikeys":
        parts.append("user_id = ?")
        values.append(env.uid)
    owner = OWNERS.get(model.name)
    if env.uid == SALES and owner:
        parts.append(f"({owner} = ? OR {owner} IS NULL)")
        values.append(env.uid)
    hidden = env.server.hidden.get(model.name)
    if hidden and env.uid == BOT:
        parts.append(f"id NOT IN ({', '.join(str(one) for one in sorted(hidden))})")
    return " AND ".join(parts), tuple(values)


def check_rules(env: Env, model: Model, ids: list[int], operation: str) -> None:
    """One forbidden record fails them all. Raises AccessError."""
    condition, values = rule(env, model)
    if not condition or not ids:
        return
    listed = ", ".join(str(one) for one in ids)
    sql = f"SELECT id FROM {model.table} WHERE id IN ({listed}) AND NOT ({condition})"
    if env.rows(sql, values):
        name = env.rows("SELECT name FROM res_users WHERE id = ?", (env.uid,))[0]["name"]
        raise env.fault(
            "record_rule",
            user=name,
            uid=env.uid,
            operation=operation,
            verb=VERBS[operation],
            label=model.label,
            model=model.name,
        )
