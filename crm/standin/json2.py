"""JSON-2, from 19 on: POST /json/2/<model>/<method>."""

from __future__ import annotations

import json
import traceback
from typing import Any

from crm.standin import methods
from crm.standin.engine import Call, Engine
from crm.standin.faults import Fault
from crm.standin.log import Entry
from crm.standin.rpc import ids_of, note_ids
from crm.standin.wording import OdooFault, fault, text
from socialhub.sandbox.serving import Reply, Request


def page(engine: Engine, key: str, status: int, **headers: str) -> Reply:
    body = text("pages", key, engine.version).encode()
    return Reply(body, status, "text/html; charset=utf-8", headers)


def version(engine: Engine) -> Reply:
    if engine.version < 19:
        return page(engine, "not_found", 404)
    found = {
        "version_info": [engine.version, 0, 0, "final", 0, ""],
        "version": f"{engine.version}.0",
    }
    cookie = "session_id=standin; Path=/; HttpOnly"
    return Reply(found, headers={"Set-Cookie": cookie})


def answer(engine: Engine, request: Request, armed: Fault | None, entry: Entry) -> Reply:
    if engine.version < 19:
        return page(engine, "not_found", 404)
    if request.headers.get("x-odoo-database", engine.database) != engine.database:
        return page(engine, "no_database", 404)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return page(engine, "not_json", 415)
    try:
        return Reply(_called(engine, request, armed, entry))
    except UnicodeError:
        # A lone surrogate breaks the page that would tell about it.
        entry.error = "builtins.UnicodeEncodeError"
        return page(engine, "internal", 500)
    except OdooFault as refused:
        return _refusal(engine, refused, entry)
    except Exception as exc:
        traceback.print_exc()
        wrong = OdooFault("", f"builtins.{type(exc).__name__}", str(exc))
        return _refusal(engine, wrong, entry)


def _refusal(engine: Engine, refused: OdooFault, entry: Entry) -> Reply:
    entry.error = refused.name
    body = {
        "name": refused.name,
        "message": refused.message,
        "arguments": [refused.message],
        "context": {},
        "debug": refused.traceback(),
    }
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
    return Reply(body, refused.status, headers=headers)


def _called(engine: Engine, request: Request, armed: Fault | None, entry: Entry) -> Any:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    users = engine.user_of(key.strip(), keys_only=True) if scheme.lower() == "bearer" else []
    if not users:
        raise fault("bad_key", engine.version)
    call = _read(engine, request, armed, entry)
    try:
        result = engine.execute(users[0], call)
    except methods.BadArguments as exc:
        raise fault("unprocessable", engine.version, why=str(exc)) from exc
    except OdooFault as refused:
        if refused.key in ("unknown_model", "unknown_method"):
            why = f"the model {call.model!r} does not exist"
            if refused.key == "unknown_method":
                why = refused.message
            raise fault("not_found", engine.version, why=why) from refused
        raise
    note_ids(entry, call.method, result)
    if call.method == "create" and not isinstance(result, list):
        return [result]
    return result


def _read(engine: Engine, request: Request, armed: Fault | None, entry: Entry) -> Call:
    """The call of a request. Raises OdooFault."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as exc:
        raise fault("unprocessable", engine.version, why=f"Invalid JSON data: {exc}") from exc
    if not isinstance(body, dict):
        raise fault("unprocessable", engine.version, why="the body is not an object")
    _, _, _, model, method = request.path.split("/", 4)
    context = body.pop("context", None) or {}
    entry.ids = ids_of(method, [], body)
    if method in methods.OF_MODEL and "ids" in body:
        why = f"cannot call {model}.{method} with ids"
        raise fault("unprocessable", engine.version, why=why)
    if method not in methods.OF_MODEL:
        body.setdefault("ids", [])
    return Call(model, method, [], body, context, armed, entry)
