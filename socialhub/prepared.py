"""Reads that come with every request: PostgreSQL plans each of them once per connection.

Planning a read of many small tables takes it several times as long as the read itself. Django's
own cursors write the values into the text, so that every read is a new one to the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

Rows = list[tuple[Any, ...]]
# Columns by text: the driver takes longer to describe a wide row than to read it.
_named: dict[str, list[str]] = {}
MOST_TEXTS = 500


def fetch(query: str, params: Sequence[Any] = ()) -> Rows:
    """The rows. The text has to be the same each time.

    Every value is a parameter. On PostgreSQL its type follows from its place, so say
    CAST(%s AS …) where that does not tell.
    """
    return fetch_named(query, params)[1]


def fetch_named(query: str, params: Sequence[Any] = ()) -> tuple[list[str], Rows]:
    """`fetch` with the names of the columns before it."""
    # Looked up once: `django.db.connection` asks for the thread's own at every name.
    database: Any = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            _bind_on_server(cursor, database.connection)
        cursor.execute(query, list(params))
        if database.queries_logged and database.queries_log[-1]["sql"] is None:
            # Sent by its name; the driver knows the text no more.
            database.queries_log[-1]["sql"] = query
        if query not in _named:
            if len(_named) >= MOST_TEXTS:
                _named.clear()
            _named[query] = [column[0] for column in cursor.description]
        return _named[query], cursor.fetchall()


def _bind_on_server(cursor: Any, connection: Any) -> None:
    """The driver prepares what it is given from the third time on (`prepare_threshold`)."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    cursor.cursor.close()
    cursor.cursor = ServerBindingCursor(connection)
