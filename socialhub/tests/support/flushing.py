"""Emptying the database after a test with real transactions, in hundredths of a second.

Django truncates every table and then makes content types, rights, roles and schedules anew, row
by row. Here rows are deleted, and what was made anew the first time is kept beside and copied
back from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = "kept_by_tests_"

_truncating = DatabaseOperations.sql_flush
_making_anew = flush.emit_post_migrate_signal


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    kept: dict[str, str] = {}

    def after_flush(*args: Any, **options: Any) -> None:
        if kept:
            _copy_back(kept)
        else:
            _making_anew(*args, **options)
            kept.update(_put_aside())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", _deleting)
        patch.setattr(flush, "emit_post_migrate_signal", after_flush)
        yield


def _deleting(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
    """Foreign keys are checked at the end of the transaction that all this runs in."""
    if options.get("reset_sequences") or not tables:
        return list(_truncating(self, style, tables, **options))
    names = [self.quote_name(table) for table in sorted(tables)]
    # Waits for whoever still writes, as truncating does.
    lock = f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE;"
    return [lock, *(f"DELETE FROM {name};" for name in names)]


def _put_aside() -> dict[str, str]:
    """Copy every table that has rows: table → its columns, as SQL."""
    found = {}
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT 1 FROM {quote(table)} LIMIT 1")
            if cursor.fetchone() is None:
                continue
            columns = connection.introspection.get_table_description(cursor, table)
            found[table] = ", ".join(quote(column.name) for column in columns)
            cursor.execute(f"DROP TABLE IF EXISTS {quote(KEPT + table)}")
            cursor.execute(f"CREATE TABLE {quote(KEPT + table)} AS SELECT * FROM {quote(table)}")
    return found


def _copy_back(kept: dict[str, str]) -> None:
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns in kept.items():
            aside = quote(KEPT + table)
            cursor.execute(f"INSERT INTO {quote(table)} ({columns}) SELECT {columns} FROM {aside}")
