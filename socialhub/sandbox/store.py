"""The storage of the pretend network: one SQLite file, one connection, one lock."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from socialhub.sandbox.clock import Clock
from socialhub.sandbox.effects import Effect, Planted
from socialhub.sandbox.schema import SCHEMA

# Sorts like the number it stands for; the alphabet of Bluesky's TIDs.
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 13

Post = dict[str, Any]


def spelled(number: int) -> str:
    """The opaque id of a number: 13 characters whose order is the numbers' order."""
    letters = []
    for _ in range(ID_LENGTH):
        number, rest = divmod(number, 32)
        letters.append(ALPHABET[rest])
    return "".join(reversed(letters))


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Store:
    """Everything that survives a restart. Methods may be called from any thread."""

    def __init__(self, folder: Path, machine: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(machine)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        # A few MB of cache are enough; images are read rarely.
        self._db.execute("PRAGMA cache_size = -2000")
        self._db.executescript(SCHEMA)
        rows = self._all("SELECT * FROM effect ORDER BY contains")
        self._effects = {row["contains"]: Effect(**json.loads(row["factors"])) for row in rows}

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def reset(self) -> None:
        with self._lock, self._db:
            # Oldest references last: replies point to earlier posts.
            self._db.execute("DELETE FROM post")
            self._db.execute("DELETE FROM media")
            self._db.execute("DELETE FROM audience")
            self._db.execute("DELETE FROM account")
            self.plant({}, anew=True)
            self.clock.move(0)

    # -- planted effects --------------------------------------------------------
    @property
    def effects(self) -> Planted:
        return self._effects

    def plant(self, effects: Planted, *, anew: bool = False) -> None:
        """Add effects, or replace those with the same words; `anew`: all."""
        with self._lock, self._db:
            # A new dictionary: readers keep the one they have.
            self._effects = {**({} if anew else self._effects), **effects}
            self._db.execute("DELETE FROM effect")
            self._db.executemany(
                "INSERT INTO effect VALUES (?, ?)",
                [(words, json.dumps(asdict(one))) for words, one in self._effects.items()],
            )

    # -- accounts -------------------------------------------------------------
    def login(self, handle: str, secret: str) -> dict[str, Any] | None:
        """The account, made at its first login; None for a wrong secret."""
        with self._lock, self._db:
            account = self.account(handle)
            if account is None:
                return self._register(handle, secret)
            if hashed(secret) != account["secret_hash"] and secret != f"sandbox-{handle}":
                return None
            self._db.execute("UPDATE account SET revoked = 0 WHERE handle = ?", [handle])
            return self.account(handle)

    def _register(self, handle: str, secret: str) -> dict[str, Any] | None:
        # The same handle has the same id after a reset.
        identity = "u" + hashlib.sha256(handle.encode()).hexdigest()[:12]
        name = handle.replace("_", " ").replace("-", " ").replace(".", " ").title()
        self._db.execute(
            "INSERT OR IGNORE INTO account (handle, id, name, secret_hash) VALUES (?, ?, ?, ?)",
            [handle, identity, name, hashed(secret)],
        )
        return self.account(handle)

    def account(self, handle: str) -> dict[str, Any] | None:
        """By handle or id."""
        return self._one("SELECT * FROM account WHERE ? IN (handle, id)", [handle])

    def accounts(self) -> list[dict[str, Any]]:
        return self._all("SELECT * FROM account ORDER BY handle")

    def by_secret(self, secret: str) -> list[dict[str, Any]]:
        """Accounts with this secret; different people may have chosen the same."""
        return self._all("SELECT * FROM account WHERE secret_hash = ?", [hashed(secret)])

    def revoke(self, handle: str) -> bool:
        with self._lock, self._db:
            sql = "UPDATE account SET revoked = 1 WHERE handle = ?"
            return self._db.execute(sql, [handle]).rowcount == 1

    def fixed(self, handle: str) -> dict[str, int | None]:
        """Numbers of the account set by hand; None in it = not reported."""
        row = self._one("SELECT counters FROM audience WHERE account = ?", [handle])
        return json.loads(row["counters"]) if row else {}

    def fix(self, handle: str, counters: dict[str, int | None]) -> None:
        """Set numbers of the account; others stay as they are."""
        with self._lock, self._db:
            merged = json.dumps(self.fixed(handle) | counters)
            self._db.execute("INSERT OR REPLACE INTO audience VALUES (?, ?)", [handle, merged])

    # -- posts ----------------------------------------------------------------
    def add(self, *, author: str, text: str, created: float | None = None, **fields: Any) -> Post:
        """Store a post. `created` (seconds since 1970) is now by default, and then its id is
        greater than all before; a post of the past, or one written while the clock is moved, gets
        the id it would have had."""
        now = self.clock()
        with self._lock, self._db:
            # What the audience says about the past is still new to whoever reads it.
            own = fields.get("account") is not None
            dated = own and (created is not None or bool(self.clock.offset))
            moment = now if created is None else created
            number = self._number(moment if dated else now, newest=not dated)
            row = {
                "number": number,
                "id": spelled(number),
                "author": author,
                "text": text,
                "created": moment,
                **fields,
            }
            for name in ("media", "card", "counters"):
                if name in row:
                    row[name] = json.dumps(row[name])
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            # Names come from our own code, values are bound.
            sql = f"INSERT OR IGNORE INTO post ({names}) VALUES ({marks})"
            self._db.execute(sql, list(row.values()))
        return self.post(row["id"]) or row

    def _number(self, moment: float, *, newest: bool) -> int:
        number = int(moment * 1_000_000)
        if newest:
            last = self._db.execute("SELECT max(number) FROM post").fetchone()[0]
            return max(number, (last or 0) + 1)
        while self._db.execute("SELECT 1 FROM post WHERE number = ?", [number]).fetchone():
            number += 1
        return number

    def post(self, post_id: str) -> Post | None:
        sql = "SELECT * FROM post WHERE id = ? AND NOT deleted AND created <= ?"
        row = self._one(sql, [post_id, self.clock.horizon()])
        return _post(row) if row else None

    def with_key(self, handle: str, key: str) -> Post | None:
        """The account's first post with this key of the client."""
        sql = "SELECT * FROM post WHERE account = ? AND key = ? AND NOT deleted ORDER BY number"
        row = self._one(f"{sql} LIMIT 1", [handle, key])
        return _post(row) if row else None

    def posts(
        self, account: str = "", *, since: str = "", until: str = "", limit: int = 100_000
    ) -> list[Post]:
        """Posts of one account (or of all accounts, not of the audience), newest first;
        ids greater than `since` and, if given, less than `until`."""
        sql = (
            "SELECT * FROM post WHERE NOT deleted AND created <= :horizon AND account IS NOT NULL"
            " AND (:account = '' OR account = :account) AND id > :since"
            " AND (:until = '' OR id < :until) ORDER BY number DESC LIMIT :limit"
        )
        given = {"account": account, "since": since, "until": until, "limit": limit}
        given["horizon"] = self.clock.horizon()
        return [_post(row) for row in self._all(sql, given)]

    def written(self, handle: str) -> list[Post]:
        """Everything the account ever posted, what it deleted too, oldest first."""
        sql = "SELECT * FROM post WHERE account = ? AND created <= ? ORDER BY number"
        return [_post(row) for row in self._all(sql, [handle, self.clock.horizon()])]

    def replies(self, parents: Iterable[str]) -> list[Post]:
        """Direct answers to these posts, oldest first by when they were written."""
        wanted = json.dumps(list(parents))
        sql = (
            "SELECT * FROM post WHERE NOT deleted AND created <= ? AND parent IN"
            " (SELECT value FROM json_each(?)) ORDER BY created, number"
        )
        return [_post(row) for row in self._all(sql, [self.clock.horizon(), wanted])]

    def addressed_to(self, handle: str, since: str, limit: int) -> list[Post]:
        """What others wrote to an account, in order of arrival: answers to its posts, and
        posts that may mention it (the caller looks for the exact mention)."""
        sql = (
            "SELECT post.*, above.account AS answers FROM post"
            " LEFT JOIN post AS above ON above.id = post.parent"
            " WHERE NOT post.deleted AND post.created <= :horizon"
            " AND post.id > :since AND post.account IS NOT :handle"
            " AND (above.account = :handle OR instr(lower(post.text), '@' || :handle))"
            " ORDER BY post.number LIMIT :limit"
        )
        given = {"handle": handle, "since": since, "limit": limit}
        return [_post(row) for row in self._all(sql, given | {"horizon": self.clock.horizon()})]

    def comment_counts(self, ids: Iterable[str]) -> dict[str, int]:
        """How many answers by others each post has."""
        sql = (
            "SELECT post.parent AS id, count(*) AS n FROM post JOIN post AS above"
            " ON above.id = post.parent WHERE NOT post.deleted AND post.created <= ?"
            " AND post.account IS NOT above.account"
            " AND post.parent IN (SELECT value FROM json_each(?)) GROUP BY post.parent"
        )
        given = [self.clock.horizon(), json.dumps(list(ids))]
        return {row["id"]: row["n"] for row in self._all(sql, given)}

    def invented(self, post_id: str) -> int:
        """How many comments of the audience a post has had, deleted ones too."""
        row = self._one(
            "SELECT count(*) AS n FROM post WHERE parent = ? AND origin IS NOT NULL", [post_id]
        )
        return row["n"] if row else 0

    def set_counters(self, post_id: str, counters: dict[str, int | None]) -> None:
        """Fix counters of a post; None makes one unreported. Others stay as they are."""
        with self._lock, self._db:
            post = self.post(post_id)
            if post is not None:
                merged = json.dumps(post["counters"] | counters)
                self._db.execute("UPDATE post SET counters = ? WHERE id = ?", [merged, post_id])

    def delete(self, post_id: str) -> None:
        with self._lock, self._db:
            self._db.execute("UPDATE post SET deleted = 1 WHERE id = ?", [post_id])

    def version(self) -> str:
        """Changes whenever a post is added."""
        row = self._one("SELECT count(*) AS n, coalesce(max(number), 0) AS last FROM post", [])
        return f"{row['n']}-{row['last']}" if row else ""

    # -- media ----------------------------------------------------------------
    def add_media(self, account: str, mime: str, alt: str, content: bytes) -> str:
        with self._lock, self._db:
            count = self._db.execute("SELECT count(*) FROM media").fetchone()[0]
            media_id = "m" + spelled(int(self.clock() * 1_000_000) * 1_000 + count % 1_000)
            self._db.execute(
                "INSERT INTO media VALUES (?, ?, ?, ?, ?)", [media_id, account, mime, alt, content]
            )
        return media_id

    def media(self, media_id: str) -> dict[str, Any] | None:
        return self._one("SELECT * FROM media WHERE id = ?", [media_id])

    def alt_texts(self, ids: list[str]) -> dict[str, str]:
        if not ids:
            return {}
        sql = "SELECT id, alt FROM media WHERE id IN (SELECT value FROM json_each(?))"
        return {row["id"]: row["alt"] for row in self._all(sql, [json.dumps(list(ids))])}

    # -- helpers --------------------------------------------------------------
    def _one(self, sql: str, values: Any) -> dict[str, Any] | None:
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
        return dict(row) if row else None

    def _all(self, sql: str, values: Any = ()) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]


def _post(row: dict[str, Any]) -> Post:
    return row | {name: json.loads(row[name]) for name in ("media", "card", "counters")}
