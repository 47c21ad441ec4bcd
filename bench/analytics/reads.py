"""The dashboard for several windows: the product, load-and-loop, SQL on facts, DuckDB."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bench.analytics import exact, facts_sql, loop, plans, product, timing
from bench.analytics.duck import Store
from bench.analytics.generator import LAST_DAY, ZONE

WINDOWS = {days: LAST_DAY - timedelta(days=days - 1) for days in (7, 30, 90, 365)}
NETWORK = "instagram"
REPEATS = 7


def engine() -> Engine:
    """SQLAlchemy on Django's database."""
    given = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return create_engine(f"sqlite:///{given['NAME']}")
    return create_engine(
        "postgresql+psycopg://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**given)
    )


class Loop:
    """Load-and-loop on one open connection."""

    def __init__(self, source: Engine) -> None:
        self.connection = source.connect()

    @property
    def pid(self) -> int:
        return int(self.connection.execute(text("SELECT pg_backend_pid()")).scalar_one())

    def answer(self, first: date, last: date, platform: str = "") -> dict[str, Any]:
        with Session(self.connection) as session:
            posts = loop.load(session, first, last, ZONE)
            return loop.answer(posts, ZONE, platform, product.MINIMUM)

    def decoding(self, first: date, last: date) -> float:
        """CPU seconds that `json.loads` alone takes for the dicts of the window."""
        start, end = loop.bounds(first, last, ZONE)
        if connection.vendor == "sqlite":
            start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
        query = text(
            "SELECT CAST(metrics AS text) FROM bench_loop_post"
            " WHERE published_at >= :start AND published_at < :end"
        )
        given = {"start": str(start), "end": str(end)}
        texts = [row[0] for row in self.connection.execute(query, given)]
        gc.collect()
        began = time.process_time()
        for one in texts:
            json.loads(one)
        return time.process_time() - began


def ways(by_loop: Loop, store: Store) -> dict[str, exact.Way]:
    minimum = product.MINIMUM
    return {
        "loop": by_loop.answer,
        "facts": lambda *asked: facts_sql.answer(*asked, minimum=minimum),
        "product": product.answer,
        "duckdb": lambda *asked: store.answer(*asked, minimum=minimum),
    }


def measure(by_loop: Loop, store: Store) -> dict[str, Any]:
    """{days: {way: milliseconds}}, each way answering everything a dashboard shows."""
    found: dict[str, Any] = {}
    minimum = product.MINIMUM
    timed: dict[str, Callable[..., Any]] = {
        "loop": by_loop.answer,
        "product": product.read,
        "duckdb": lambda *asked: store.answer(*asked, minimum=minimum),
    }
    clock = timing.Clock(backends(by_loop))
    for days, first in WINDOWS.items():
        asked = {name: _ask(way, first, "") for name, way in timed.items()}
        asked[f"product {NETWORK}"] = _ask(product.read, first, NETWORK)
        found[str(days)] = timing.interleaved(clock, asked, REPEATS)
    first = WINDOWS[365]
    return {
        "windows": found,
        "json_loads": 1e3 * by_loop.decoding(first, LAST_DAY),
        "asked": plans.measure(_ask(product.read, first, "")),
    }


def _ask(way: Callable[..., Any], first: date, platform: str) -> Callable[[], Any]:
    return lambda: way(first, LAST_DAY, platform)


def backends(by_loop: Loop) -> list[int]:
    """Process ids of the backends of Django and of SQLAlchemy."""
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0], by_loop.pid]
