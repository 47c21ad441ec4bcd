"""XML-RPC: /xmlrpc/2/common and /xmlrpc/2/object. Every fault is HTTP 200."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault as XmlFault
from xmlrpc.client import dumps, loads

from crm.standin.engine import Call, Engine
from crm.standin.faults import Fault
from crm.standin.log import Entry
from crm.standin.methods import OF_MODEL
from crm.standin.wording import OdooFault, fault
from socialhub.sandbox.serving import Reply


@dataclass(slots=True)
class Read:
    """A request body, read once: what the log and the faults go by, then the call."""

    service: str
    method: str
    params: tuple[Any, ...]
    # The text of a body that is not XML-RPC.
    broken: str = ""

    @property
    def named(self) -> tuple[str, str]:
        """Model and method."""
        if self.method in ("execute_kw", "execute") and len(self.params) >= 5:
            return str(self.params[3]), str(self.params[4])
        return "", self.method


def read(service: str, body: bytes) -> Read:
    try:
        params, method = loads(body)
    except Exception:
        return Read(service, "", (), traceback.format_exc())
    return Read(service, method or "", params)


def answer(engine: Engine, read: Read, fault: Fault | None, entry: Entry) -> Reply:
    try:
        result = _dispatched(engine, read, fault, entry)
        # None cannot be sent: the fault comes after the change is committed.
        body = dumps((result,), methodresponse=True, allow_none=False)
    except OdooFault as refused:
        entry.error = refused.name
        text = refused.message if refused.code > 1 else refused.traceback()
        body = dumps(XmlFault(refused.code, text), methodresponse=True)
    except Exception as exc:
        entry.error = f"builtins.{type(exc).__name__}"
        body = dumps(XmlFault(1, read.broken or traceback.format_exc()), methodresponse=True)
    return Reply(body.encode(), content_type="text/xml; charset=utf-8")


class Malformed(Exception):
    """The body could not be read."""


def _dispatched(engine: Engine, read: Read, fault: Fault | None, entry: Entry) -> Any:
    if read.broken:
        raise Malformed
    if read.service == "common":
        return _common(engine, read)
    return _object(engine, read, fault, entry)


def _common(engine: Engine, read: Read) -> Any:
    def version() -> dict[str, Any]:
        serie = f"{engine.version}.0"
        return {
            "server_version": serie,
            "server_version_info": [engine.version, 0, 0, "final", 0, ""],
            "server_serie": serie,
            "protocol_version": 1,
        }

    def authenticate(
        database: str, login: str, password: str, user_agent_env: dict[str, Any]
    ) -> int | bool:
        _require_database(engine, database)
        return engine.authenticate(str(login), str(password))

    known: dict[str, Callable[..., Any]] = {
        "version": version,
        "authenticate": authenticate,
        "login": lambda database, login, password: authenticate(database, login, password, {}),
    }
    if read.method not in known:
        raise AttributeError(f"Method not found: {read.method}")
    return known[read.method](*read.params)


def _require_database(engine: Engine, database: Any) -> None:
    if database != engine.database:
        raise fault("no_database", engine.version, database=database)


def _object(engine: Engine, read: Read, armed: Fault | None, entry: Entry) -> Any:
    if read.method not in ("execute_kw", "execute"):
        raise NameError(f"Method not available {read.method}")
    database, uid, password, model, method, *rest = read.params
    _require_database(engine, database)
    engine.check(int(uid), str(password or ""))
    if read.method == "execute":
        args, named = list(rest), {}
    else:
        args = list(rest[0]) if rest else []
        named = dict(rest[1]) if len(rest) > 1 and rest[1] else {}
    context = named.pop("context", None) or {}
    entry.ids = ids_of(method, args, named)
    call = Call(str(model), str(method), args, named, context, armed, entry)
    result = engine.execute(int(uid), call)
    note_ids(entry, method, result)
    return result


def ids_of(method: str, args: list[Any], named: dict[str, Any]) -> list[int]:
    """The records a call names, for the log."""
    given = named.get("ids", args[0] if args and method not in OF_MODEL else [])
    given = given if isinstance(given, list | tuple) else [given]
    return [one for one in given if isinstance(one, int) and not isinstance(one, bool)]


def note_ids(entry: Entry, method: str, result: Any) -> None:
    """What a load answered belongs into the log too."""
    if method == "load" and isinstance(result, dict) and result["ids"]:
        entry.ids = list(result["ids"])
    if method == "create":
        entry.ids = list(entry.created)
