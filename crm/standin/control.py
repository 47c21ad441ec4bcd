"""What an experimenter can do to the stand-in: read the truth, arm faults, play people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from crm.standin import deals, records, seed
from crm.standin.engine import SETTINGS, Engine, hashed
from crm.standin.env import ADMIN, BOT, Env
from crm.standin.faults import Fault
from crm.standin.schema import Model
from crm.standin.wording import OdooFault
from socialhub.sandbox.serving import Refused, Reply, Request

DEALS: Mapping[str, Callable[[Env, int, Mapping[str, Any]], dict[str, Any]]] = {
    "win": deals.win,
    "quote": deals.quote,
    "invoice": deals.invoice,
    "lose": deals.lose,
    "next": deals.next_stage,
}


class Control:
    """Requests under /control/. They need no key and never meet a fault."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.store = engine, engine.store

    def answer(self, request: Request) -> Reply:
        """Carry out a request. Raises Refused."""
        parts = request.path.strip("/").split("/")[1:]
        try:
            return Reply(self._routed(request, parts))
        except OdooFault as refused:
            raise Refused(422, "invalid", refused.message) from None
        except (ValueError, TypeError, KeyError) as exc:
            raise Refused(422, "invalid", f"{type(exc).__name__}: {exc}") from None

    def _routed(self, request: Request, parts: list[str]) -> Any:
        if parts[0] == "records" and len(parts) in (2, 3):
            return self._records(request, self._model(parts[1]), parts[2:])
        if parts[0] in DEALS and len(parts) == 2 and request.method == "POST":
            return self.deal(parts[0], int(parts[1]), request.json())
        routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "faults"): lambda _: self.engine.faults.listed(),
            ("POST", "faults"): self._arm,
            ("DELETE", "faults"): self._disarm,
            ("GET", "log"): lambda r: self.engine.log.listed(int(r.query.get("after") or 0)),
            ("DELETE", "log"): self._forget,
            ("GET", "settings"): lambda _: self.engine.settings(),
            ("POST", "settings"): lambda r: self._set(r.json()),
            ("POST", "reset"): lambda r: self._reset(r.json()),
        }
        action = routes.get((request.method, "/".join(parts)))
        if action is None:
            raise Refused(404, "no_such_path", "There is nothing at this path.")
        return action(request)

    # -- faults and log ---------------------------------------------------------------
    def _arm(self, request: Request) -> list[dict[str, Any]]:
        self.engine.faults.arm(Fault.parse(request.json()))
        return self.engine.faults.listed()

    def _disarm(self, request: Request) -> list[dict[str, Any]]:
        self.engine.faults.clear()
        return []

    def _forget(self, request: Request) -> list[dict[str, Any]]:
        self.engine.log.clear()
        return []

    # -- records ----------------------------------------------------------------------
    def _model(self, name: str) -> Model:
        model = self.engine.server.models.get(name)
        if model is None:
            raise Refused(404, "no_model", f"There is no model {name}.")
        return model

    def act(self, work: Callable[[Env], Any], uid: int = ADMIN) -> Any:
        """As a person in Odoo does: one transaction, no faults."""
        return self.store.run(
            lambda tx: work(Env(self.engine.server, uid, tx)), offset=self.engine.offset
        )[0]

    def _records(self, request: Request, model: Model, rest: list[str]) -> Any:
        number = int(rest[0]) if rest else 0
        if request.method == "GET":
            return self.stored(model, number)
        if request.method == "DELETE" and number:
            return self.act(lambda env: records.unlink(env, model, [number]))
        if request.method != "POST":
            raise Refused(405, "method", "GET, POST or DELETE.")
        given = request.json()
        if number:
            self.act(lambda env: records.write(env, model, [number], given))
        else:
            number = self.act(lambda env: records.create(env, model, [given]))[0]
        return self.stored(model, number)[0]

    def stored(self, model: Model, number: int = 0) -> list[dict[str, Any]]:
        """Rows as they are, archived ones too, with their external ids."""
        columns = {f.name: f.column for f in model.fields.values() if f.stored}
        found = ", ".join(f'"{column}" AS "{name}"' for name, column in columns.items())
        where, values = ("WHERE id = ?", (number,)) if number else ("", ())
        with self.store.lock:
            rows = self.store.rows(f"SELECT {found} FROM {model.table} {where} ORDER BY id", values)
            names = self.store.rows(
                "SELECT res_id, module || '.' || name AS name FROM ir_model_data WHERE model = ?",
                (model.name,),
            )
        known: dict[int, list[str]] = {}
        for row in names:
            known.setdefault(row["res_id"], []).append(row["name"])
        return [
            _decoded(model, dict(row)) | {"external_ids": known.get(row["id"], [])} for row in rows
        ]

    def deal(self, what: str, lead: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a salesperson does with a lead."""
        made: dict[str, Any] = self.act(lambda env: DEALS[what](env, lead, given))
        return made

    # -- settings ---------------------------------------------------------------------
    def _set(self, given: dict[str, Any]) -> dict[str, Any]:
        special = {
            "key": self._new_key,
            "key_expires": self._key_ends,
            "bot_email": self._bot_email,
        }
        unknown = sorted(set(given) - set(SETTINGS) - set(special))
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        self.engine.configure({k: v for k, v in given.items() if k in SETTINGS})
        for name, change in special.items():
            if name in given:
                change(given[name])
        return self.engine.settings()

    def _new_key(self, key: Any) -> None:
        """The bot's key is another from now on; the old one fails."""
        with self.store.lock:
            sql = "UPDATE secret SET hash = ? WHERE user_id = ? AND key_id IS NOT NULL"
            self.store.db.execute(sql, (hashed(str(key)), BOT))

    def _key_ends(self, given: Any) -> None:
        """When the bot's key ends (UTC without a zone); null = never."""
        ends = None
        if given is not None:
            moment = datetime.fromisoformat(str(given))
            if moment.tzinfo is not None:
                moment = (moment - (moment.utcoffset() or timedelta())).replace(tzinfo=None)
            ends = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        with self.store.lock:
            sql = "UPDATE res_users_apikeys SET expiration_date = ? WHERE user_id = ?"
            self.store.db.execute(sql, (ends, BOT))

    def _bot_email(self, given: Any) -> None:
        email = seed.BOT_LOGIN if given else None
        with self.store.lock:
            self.store.db.execute("UPDATE res_users SET email = ? WHERE id = ?", (email, BOT))
            sql = "UPDATE res_partner SET email = ? WHERE id = ?"
            self.store.db.execute(sql, (email, BOT + 1))

    def _reset(self, given: dict[str, Any]) -> dict[str, Any]:
        """As after the first start: `{"demo": bool, "products": n, "version": "18"}`."""
        with self.store.lock:
            self.engine.faults.clear()
            self.engine.log.clear()
            self.store.clear()
            self.engine.forget()
            self.engine.configure({k: v for k, v in given.items() if k == "version"})
            seed.seed(
                self.engine, demo=bool(given.get("demo")), products=int(given.get("products") or 0)
            )
        return self.engine.settings()


def _decoded(model: Model, row: Mapping[str, Any]) -> dict[str, Any]:
    """Lists and yes/no as such; the rest as it is stored."""
    found = dict(row)
    for name, value in found.items():
        kind = model.fields[name].type
        if kind == "many2many":
            found[name] = json.loads(value or "[]")
        elif kind == "boolean":
            found[name] = bool(value)
    return found
