"""What reading the numbers of accounts takes: requests, answers, failures per UTC day."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from analytics import sql

TABLE = "analytics_collectionday"
COUNTS = ("calls", "failed_calls", "readings", "first_readings", "changes")


def note(account_id: int, at: datetime, *, answered: bool = True, **counts: int) -> None:
    """Add to the account's day. `counts` are named as in COUNTS; `answered` = measured at `at`."""
    columns = ", ".join(("utc_day", "account_id", "measured_at", *COUNTS))
    marks = ", ".join(["%s"] * (3 + len(COUNTS)))
    added = ", ".join(f"{name} = {TABLE}.{name} + excluded.{name}" for name in COUNTS)
    # A later answer of another worker is not taken back.
    latest = (
        f"CASE WHEN {TABLE}.measured_at IS NULL OR excluded.measured_at > {TABLE}.measured_at"
        f" THEN COALESCE(excluded.measured_at, {TABLE}.measured_at) ELSE {TABLE}.measured_at END"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({columns}) VALUES ({marks})"
            f" ON CONFLICT (utc_day, account_id) DO UPDATE SET {added}, measured_at = {latest}",
            [
                at.astimezone(UTC).date().isoformat(),
                account_id,
                sql.stored(at) if answered else None,
                *(counts.get(name, 0) for name in COUNTS),
            ],
        )
