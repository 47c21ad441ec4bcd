"""The storage: one SQLite file, one connection, one lock; each call is one transaction."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from re import DOTALL, IGNORECASE, Pattern, compile, escape
from typing import Any, TypeVar

from crm.standin.schema import NUMBERS, Field, everything

Result = TypeVar("Result")
TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "many2one": "INTEGER"}
SCHEMA = """
CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
-- Passwords and API keys; key_id is the row in res_users_apikeys.
CREATE TABLE IF NOT EXISTS secret (
    user_id INTEGER NOT NULL, hash TEXT NOT NULL UNIQUE, key_id INTEGER
);
CREATE TABLE IF NOT EXISTS translation (
    model TEXT NOT NULL, res_id INTEGER NOT NULL, field TEXT NOT NULL, lang TEXT NOT NULL,
    value TEXT, PRIMARY KEY (model, res_id, field, lang)
);
"""
INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS xmlid ON ir_model_data (module, name);
CREATE INDEX IF NOT EXISTS xmlid_record ON ir_model_data (model, res_id);
CREATE INDEX IF NOT EXISTS variant_template ON product_product (product_tmpl_id);
CREATE INDEX IF NOT EXISTS message_record ON mail_message (model, res_id);
CREATE INDEX IF NOT EXISTS order_lead ON sale_order (opportunity_id);
"""


def stamp(seconds: float) -> str:
    """As PostgreSQL keeps it: UTC with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def declared(field: Field) -> str:
    if field.column == "id":
        return "id INTEGER PRIMARY KEY"
    kind = TYPES.get(field.type, "REAL" if field.type in NUMBERS else "TEXT")
    # Quoted: "function" and "order" are words of SQL.
    return f'"{field.column}" {kind}'


class Transaction:
    """What one call changes. `now` is its start: Odoo's write_date, whenever it commits."""

    def __init__(self, store: Store, now: str) -> None:
        self.store, self.now = store, now
        self.journal: list[tuple[str, tuple[Any, ...]]] = []
        self.created: list[tuple[str, int]] = []

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Change something; returns the number of rows. Kept for a second run after a delay."""
        self.journal.append((sql, values))
        return self.store.db.execute(sql, values).rowcount

    def insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def next_id(self, table: str) -> int:
        """Like a sequence of PostgreSQL: taken numbers stay taken, whatever becomes of us."""
        number = self.store.next_id(table)
        self.execute("INSERT OR REPLACE INTO sequence VALUES (?, ?)", (table, number))
        return number


class Store:
    """Everything that survives a restart. Methods may be called from any thread."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self.lock = threading.RLock()
        self.db = sqlite3.connect(
            folder / "standin.sqlite3", check_same_thread=False, isolation_level=None
        )
        self.db.row_factory = sqlite3.Row
        self.db.create_function("matches", 3, matches, deterministic=True)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA cache_size = -16000")
        self._build()

    def _build(self) -> None:
        self.db.executescript(SCHEMA)
        for model in everything().values():
            columns = ", ".join(declared(one) for one in model.fields.values() if one.stored)
            self.db.execute(f"CREATE TABLE IF NOT EXISTS {model.table} ({columns})")
            self.db.execute(
                f"CREATE INDEX IF NOT EXISTS {model.table}_write_date ON {model.table} (write_date)"
            )
        self.db.executescript(INDEXES)
        self._last = {row["name"]: row["last"] for row in self.db.execute("SELECT * FROM sequence")}

    def close(self) -> None:
        with self.lock:
            self.db.close()

    def clear(self) -> None:
        """An empty database."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            for table in [one.table for one in everything().values()]:
                self.db.execute(f"DELETE FROM {table}")
            for table in ("sequence", "setting", "secret", "translation"):
                self.db.execute(f"DELETE FROM {table}")
            self.db.execute("COMMIT")
            self._last = {}

    def next_id(self, table: str) -> int:
        with self.lock:
            number: int = self._last.get(table, 0) + 1
            self._last[table] = number
            return number

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        with self.lock:
            return self.db.execute(sql, values).fetchall()

    def run(
        self, work: Callable[[Transaction], Result], delay: float = 0.0, offset: float = 0.0
    ) -> tuple[Result, Transaction]:
        """Do `work` in one transaction. With a delay it was carried out at the start but becomes
        visible only when the delay is over, and others may commit in between."""
        transaction = Transaction(self, stamp(self.clock() + offset))
        with self._open(keep=not delay):
            result = work(transaction)
        if delay:
            threading.Event().wait(delay)
            with self._open(keep=True):
                for sql, values in transaction.journal:
                    self.db.execute(sql, values)
        return result, transaction

    @contextmanager
    def _open(self, *, keep: bool) -> Iterator[None]:
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT" if keep else "ROLLBACK")

    # -- settings -----------------------------------------------------------------
    def setting(self, name: str) -> Any:
        rows = self.rows("SELECT value FROM setting WHERE name = ?", (name,))
        return json.loads(rows[0]["value"]) if rows else None

    def set(self, name: str, value: Any) -> None:
        with self.lock:
            sql = "INSERT OR REPLACE INTO setting VALUES (?, ?)"
            self.db.execute(sql, (name, json.dumps(value)))


def matches(value: Any, pattern: str, fold: int) -> bool:
    """SQL's LIKE as PostgreSQL has it: `like` minds the case, `ilike` folds every letter."""
    return value is not None and _like(pattern, bool(fold)).fullmatch(str(value)) is not None


@lru_cache(maxsize=256)
def _like(pattern: str, fold: bool) -> Pattern[str]:
    parts, escaped = [], False
    for letter in pattern:
        if escaped or letter not in "%_\\":
            parts.append(escape(letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            parts.append(".*" if letter == "%" else ".")
    return compile("".join(parts), DOTALL | (IGNORECASE if fold else 0))
