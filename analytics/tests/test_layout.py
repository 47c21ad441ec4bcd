"""How the tables of figures lie in the database."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from analytics.models import ActivityDay
from socialhub.tests.factories import AccountFactory


@pytest.mark.django_db(transaction=True)
def test_what_happened_is_laid_by_day_on_sqlite_and_keeps_its_rows_and_indexes():
    account = AccountFactory()
    for day in ("2026-07-02", "2026-07-01"):
        ActivityDay.objects.create(
            account=account, local_day=day, platform="sandbox", content_type="text", likes=7
        )
    rows, indexes = sorted(ActivityDay.objects.values_list()), named_indexes()
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()

    MigrationExecutor(connection).migrate([("analytics", "0007_longer_variant_keys")])
    before = is_laid_by_key()
    MigrationExecutor(connection).migrate(latest)

    assert not before
    assert is_laid_by_key() is (connection.vendor == "sqlite")
    assert sorted(ActivityDay.objects.values_list()) == rows
    assert named_indexes() == indexes


def is_laid_by_key() -> bool:
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'analytics_activityday'")
        return "WITHOUT ROWID" in cursor.fetchone()[0]


def named_indexes() -> set[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, ActivityDay._meta.db_table)
    return {name for name, one in found.items() if one["index"] and not one["primary_key"]}
