"""What a dashboard asks the database: its queries, and the rows and pages they read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Query = tuple[str, Any]


@contextmanager
def recorded() -> Iterator[list[Query]]:
    """The queries of the block with their parameters, in order."""
    queries: list[Query] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield queries


def measure(work: Callable[[], Any]) -> dict[str, Any]:
    """Queries of `work`; on PostgreSQL also rows and pages read, by EXPLAIN ANALYZE."""
    work()
    with recorded() as queries:
        work()
    found: dict[str, Any] = {"queries": len(queries)}
    if connection.vendor == "postgresql":
        plans = [_explained(query) for query in queries]
        found["rows"] = sum(_rows(plan) for plan in plans)
        found["pages"] = sum(
            plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans
        )
    return found


def _explained(query: Query) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query[0]}", query[1])
        plan = cursor.fetchone()[0]
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def _rows(plan: dict[str, Any]) -> int:
    """Rows that scans of tables and indexes looked at, those left out by a filter too."""
    found = sum(_rows(part) for part in plan.get("Plans", ()))
    if "Scan" in plan["Node Type"] and "Relation Name" in plan:
        left_out = sum(plan.get(name, 0) for name in LEFT_OUT)
        found += round((plan["Actual Rows"] + left_out) * plan["Actual Loops"])
    return found


LEFT_OUT = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
