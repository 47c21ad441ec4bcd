"""The server behind both transports: who may come in, and one call as one transaction."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.standin import loading, methods
from crm.standin.env import Env, Server
from crm.standin.faults import Fault, Faults
from crm.standin.log import Entry, Log
from crm.standin.schema import VERSIONS, models
from crm.standin.store import Store, Transaction, stamp
from crm.standin.wording import OdooFault, fault

# What control may change, with its value at the start.
SETTINGS: Mapping[str, Any] = {
    "version": None,
    "apps": {},
    "languages": ["en_US", "es_ES"],
    "rights": {},
    "rules": {},
    "renamed_fields": {},
    "clock_offset_seconds": 0,
}


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True)
class Call:
    """One call as a transport has read it."""

    model: str
    method: str
    args: list[Any]
    named: dict[str, Any]
    context: Mapping[str, Any]
    fault: Fault | None
    entry: Entry


class Engine:
    """Methods may be called from any thread."""

    def __init__(self, folder: Path, version: int = 0, database: str = "odoo") -> None:
        self.store = Store(folder)
        self.database = database
        self.faults, self.log, self.keys = Faults(), Log(), loading.Keys()
        self._lock = threading.Lock()
        self._settings = dict(SETTINGS) | (self.store.setting("settings") or {})
        if version:
            self._settings["version"] = version
        self.configure({})

    # -- settings -----------------------------------------------------------------
    @property
    def version(self) -> int:
        return self.server.version

    @property
    def offset(self) -> float:
        return float(self._settings["clock_offset_seconds"])

    def now(self) -> str:
        return stamp(self.store.clock() + self.offset)

    def settings(self) -> dict[str, Any]:
        return dict(self._settings)

    def configure(self, given: Mapping[str, Any]) -> None:
        """Change settings; each given one is replaced as a whole. Raises ValueError."""
        with self._lock:
            known = self._settings | dict(given)
            known["version"] = int(known["version"] or VERSIONS[-1])
            self.server = self._built(known)
            self._settings = known
            self.store.set("settings", known)
            self._languages(known["languages"])

    def forget(self) -> None:
        """Settings as at the start; the version stays."""
        with self._lock:
            self._settings = dict(SETTINGS) | {"version": self._settings["version"]}

    def _built(self, known: Mapping[str, Any]) -> Server:
        if known["version"] not in VERSIONS:
            raise ValueError(f"version is one of {', '.join(map(str, VERSIONS))}")
        missing = {app for app, installed in known["apps"].items() if not installed}
        return Server(
            store=self.store,
            version=known["version"],
            models=models(known["version"], missing, known["renamed_fields"]),
            languages=tuple(known["languages"]),
            rights=known["rights"],
            hidden={
                model: frozenset(map(int, rule.get("hidden_ids", ())))
                for model, rule in known["rules"].items()
            },
            being_created=self.keys.model_of,
        )

    def _languages(self, codes: list[str]) -> None:
        marks = ", ".join("?" * len(codes))
        with self.store.lock:
            sql = f"UPDATE res_lang SET active = code IN ({marks})"
            self.store.db.execute(sql, tuple(codes))

    # -- who is it ------------------------------------------------------------------
    def user_of(self, secret: str, *, keys_only: bool) -> list[int]:
        """Users with this key or password; keys of 18 and later may have ended."""
        sql = (
            "SELECT secret.user_id, secret.key_id, key.expiration_date AS ends FROM secret"
            " LEFT JOIN res_users_apikeys AS key ON key.id = secret.key_id WHERE hash = ?"
        )
        found = []
        for row in self.store.rows(sql, (hashed(secret),)):
            ended = self.version >= 18 and row["ends"] and row["ends"] <= self.now()
            if not ended and (row["key_id"] or not keys_only):
                found.append(row["user_id"])
        return found

    def authenticate(self, login: str, secret: str) -> int | bool:
        sql = "SELECT id FROM res_users WHERE login = ? AND active = 1"
        rows = self.store.rows(sql, (login,))
        if not secret or not rows or rows[0]["id"] not in self.user_of(secret, keys_only=False):
            return False
        return int(rows[0]["id"])

    def check(self, uid: int, secret: str) -> None:
        """Raises OdooFault."""
        if not secret:
            raise fault("access_denied", self.version)
        if not self.store.rows("SELECT id FROM res_users WHERE id = ?", (uid,)):
            raise fault("wrong_uid", self.version, uid=uid)
        if uid not in self.user_of(secret, keys_only=False):
            raise fault("access_denied", self.version)

    # -- one call -------------------------------------------------------------------
    def execute(self, uid: int, call: Call) -> Any:
        """Raises OdooFault, or BadArguments."""
        call.entry.uid = uid
        env = self.env(uid, call.context)
        model = env.model(call.model)
        methods.find(env, model, call.method)
        if call.method == "load":
            return self._load(uid, call)
        result, _ = self.transact(uid, call, lambda own: self._called(own, call))
        return result

    def env(self, uid: int, context: Mapping[str, Any] | None = None) -> Env:
        """For reading, outside a transaction. Raises OdooFault for an unknown language."""
        env = Env(self.server, uid, Transaction(self.store, self.now()), context or {})
        code = env.context.get("lang")
        if code and code not in env.server.languages and env.version >= 18:
            raise env.fault("language", code=code)
        return env

    def _called(self, env: Env, call: Call) -> Any:
        model = env.model(call.model)
        bound = methods.bound(env, model, call.method, list(call.args), dict(call.named))
        return bound()

    def transact(
        self, uid: int, call: Call, work: Callable[[Env], Any]
    ) -> tuple[Any, Transaction | None]:
        """Reading does not wait for a commit; writing is one transaction."""
        if call.method not in methods.WRITERS:
            with self.store.lock:
                return work(self.env(uid, call.context)), None
        if call.fault is not None and call.fault.fault == "serialize":
            raise fault("serialize", self.version)
        delayed = call.fault is not None and call.fault.fault == "commit_delay"
        result, transaction = self.store.run(
            lambda tx: work(Env(self.server, uid, tx, call.context)),
            call.fault.seconds if delayed and call.fault else 0.0,
            self.offset,
        )
        call.entry.committed = True
        call.entry.created = [n for name, n in transaction.created if name == call.model]
        return result, transaction

    def _load(self, uid: int, call: Call) -> Any:
        """Conflicts and bad data come inside the answer."""
        given = [*call.args, *(call.named[n] for n in ("fields", "data") if n in call.named)]
        if len(given) != 2:
            raise methods.BadArguments("load() takes fields and data")
        names = loading.external_names(given[0], given[1])
        try:
            with self.keys.holding(names, call.model):
                return self.transact(uid, call, lambda own: self._called(own, call))[0]
        except loading.Refused as refused:
            return refused.answer
        except loading.Busy:
            return loading.conflict(self.version)
        except OdooFault as refusal:
            if refusal.key != "serialize":
                raise
            return loading.conflict(self.version)
