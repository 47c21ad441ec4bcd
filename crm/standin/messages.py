"""Notes on records, and external ids as a client may ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.standin import access, records
from crm.standin.env import Env
from crm.standin.html import as_text
from crm.standin.schema import Model


def post(
    env: Env, model: Model, ids: list[int], body: str, message_type: str, rest: Mapping[str, Any]
) -> int | list[int]:
    """A note; its author needs an e-mail address. It does not move write_date."""
    if len(ids) != 1:
        raise env.fault("arguments", why=f"Expected singleton: {model.name}({ids})")
    number = records.existing(env, model, ids)[0]
    access.check(env, model, "read")
    access.check_rules(env, model, [number], "read")
    user = env.rows("SELECT email, partner_id FROM res_users WHERE id = ?", (env.uid,))[0]
    if not user["email"]:
        raise env.fault("no_sender")
    row = {
        "model": model.name,
        "res_id": number,
        "body": as_text(str(body or "")),
        "subject": rest.get("subject") or None,
        "message_type": message_type,
        "date": env.tx.now,
        "author_id": user["partner_id"],
        "email_from": user["email"],
        "create_date": env.tx.now,
        "write_date": env.tx.now,
        "create_uid": env.uid,
    }
    message = env.tx.next_id("mail_message")
    env.tx.insert("mail_message", {"id": message, **row})
    env.tx.created.append(("mail.message", message))
    # 19 dropped the decorator that made one id of it.
    return [message] if env.version >= 19 else message


def reference(env: Env, module: str, name: str, raise_denied: bool) -> list[Any]:
    """`[model, id]`; False for the id if the caller's search does not find the record."""
    sql = "SELECT model, res_id FROM ir_model_data WHERE module = ? AND name = ?"
    rows = env.rows(sql, (module, name))
    pending = env.server.being_created(f"{module}.{name}")
    if not rows and pending:
        # The lookup is cached across requests before the record is visible.
        return [pending, False]
    if not rows:
        raise env.fault("no_xmlid", xmlid=f"{module}.{name}")
    model = env.model(rows[0]["model"])
    if records.search(env, model, [("id", "=", rows[0]["res_id"])]):
        return [model.name, rows[0]["res_id"]]
    if raise_denied:
        access.check_rules(env, model, [rows[0]["res_id"]], "read")
    return [model.name, False]
