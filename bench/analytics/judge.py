"""What was measured as figures beside their limits, and a table to read."""

from __future__ import annotations

from typing import Any

from bench.figures import Figure, limits

Found = dict[tuple[str, int], dict[str, Any]]
SHORT = {10_000: "10k", 100_000: "100k", 1_000_000: "1M"}
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def figures(found: Found) -> list[Figure]:
    """One figure for each promise that the measured sizes can answer."""
    wanted = limits("analytics")
    judged: list[Figure] = []
    for (engine, count), one in found.items():
        name = f"{NAMES[engine]} {SHORT[count]}"
        _table(name, one["reads"])
        own = wanted.get(engine, {}).get(SHORT[count], {})
        judged += _exact(name, one)
        judged += _reads(name, one["reads"], own)
        judged += _asked(name, one["reads"]["asked"], own)
        judged += _weekly(name, one["weekly"], own)
        judged += _served(name, one["served"], own)
        judged += _writes(name, one["writes"], own)
    judged += _growth(found, wanted)
    return judged


def volume(kept: dict[str, float]) -> list[Figure]:
    """Snapshots of a publication in 90 days, and how often it is read for them."""
    most, count = limits("analytics")["snapshots"], int(kept["n"])
    return [
        Figure("snapshots per publication", kept["seen"], "rows", most, samples=count),
        Figure("snapshots, networks without impressions too", kept["all"], "rows", samples=count),
        Figure("readings per publication", kept["readings"], "readings"),
    ]


def _exact(name: str, one: dict[str, Any]) -> list[Figure]:
    return [
        Figure(f"{name}: figures equal in four ways", one["figures"], "figures", 1, "min"),
        Figure(f"{name}: rollup cells unlike the facts", one["unlike"], "cells", 0),
    ]


def _reads(name: str, reads: dict[str, Any], own: dict[str, Any]) -> list[Figure]:
    judged, by_duck, by_loop = [], [], []
    for days, ways in reads["windows"].items():
        repeats = int(ways["product"]["n"])
        ratio = ways["loop"]["cpu"] / ways["product"]["cpu"]
        by_loop.append(ratio)
        by_duck.append(ways["product"]["cpu"] / ways["duckdb"]["cpu"])
        least = own.get("loop", {}).get(days)
        title = f"{name}, {days} d: loop ÷ dashboard"
        judged.append(Figure(title, ratio, "x", least, "min", repeats))
    decoded = reads["windows"]["365"]["loop"]["cpu"] / reads["json_loads"]
    return [
        *judged,
        Figure(f"{name}, any: loop ÷ dashboard", min(by_loop), "x", own.get("loop_any"), "min"),
        Figure(f"{name}, any: dashboard ÷ DuckDB", max(by_duck), "x", own.get("duckdb")),
        Figure(f"{name}, 365 d: loop ÷ json.loads", decoded, "x"),
    ]


def _asked(name: str, asked: dict[str, Any], own: dict[str, Any]) -> list[Figure]:
    judged = [Figure(f"{name}: queries of a dashboard", asked["queries"], "queries", 8)]
    for what in ("rows", "pages"):
        if what in asked:
            judged.append(Figure(f"{name}, 365 d: {what} read", asked[what], what, own.get(what)))
    return judged


def _weekly(name: str, weekly: dict[str, Any], own: dict[str, Any]) -> list[Figure]:
    cpu = {way: one["cpu"] for way, one in weekly.items()}
    repeats = int(weekly["report"]["n"])
    ratio = cpu["loop"] / cpu["report"]
    title = f"{name}, weekly: loop ÷ report"
    return [
        Figure(title, ratio, "x", own.get("weekly"), "min", repeats),
        Figure(f"{name}, weekly: report", cpu["report"], "ms CPU", samples=repeats),
        Figure(f"{name}, weekly: its best times", cpu["times"], "ms CPU", samples=repeats),
        Figure(f"{name}, weekly: first of the hour", cpu["first"], "ms CPU"),
    ]


def _served(name: str, served: dict[str, Any], own: dict[str, Any]) -> list[Figure]:
    """Ratios beside their limits, and what one request of each kind costs."""
    ways = served["ways"]
    cpu = {way: one["cpu"] for way, one in ways.items()}
    repeats = int(ways["cached"]["n"])
    gain, beside = cpu["uncached"] / cpu["cached"], cpu["empty"] / cpu["cached"]
    title = f"{name}, served"
    return [
        Figure(f"{title}: uncached ÷ cached", gain, "x", own.get("cached"), "min", repeats),
        Figure(f"{title}: empty view ÷ cached", beside, "x", own.get("empty"), "min", repeats),
        *(Figure(f"{title}: {way}", cpu[way], "ms CPU", samples=repeats) for way in ways),
    ]


def _writes(name: str, writes: dict[str, Any], own: dict[str, Any]) -> list[Figure]:
    judged = []
    base = writes["one_by_one"]["per_cpu_second"]
    for kind, one in writes.items():
        if kind == "one_by_one":
            continue
        title = f"{name}: tick, {one['rows']} rows by {one['batch']} ÷ save()"
        least = own.get("tick") if kind == "many" else None
        judged.append(Figure(title, one["per_cpu_second"] / base, "x", least, "min", one["rows"]))
    many = writes["many"]
    judged.append(Figure(f"{name}: tick", many["per_cpu_second"], "rows/CPU s"))
    if "wal_per_row" in many:
        judged.append(Figure(f"{name}: tick, WAL", many["wal_per_row"], "B/row"))
        judged.append(Figure(f"{name}: tick, HOT updates", many["hot_percent"], "%"))
    return judged


def _growth(found: Found, wanted: dict[str, Any]) -> list[Figure]:
    """What 365 days cost at the largest size, against 10,000 publications."""
    counts = [count for engine, count in found if engine == "postgres"]
    if len(counts) < 2:
        return []
    small, large = (
        found["postgres", count]["reads"]["windows"]["365"]["product"]["cpu"]
        for count in (min(counts), max(counts))
    )
    most = wanted["growth"] if max(counts) == 1_000_000 else None
    title = f"PostgreSQL, 365 d: {SHORT[max(counts)]} ÷ {SHORT[min(counts)]}"
    return [Figure(title, large / small, "x", most)]


def _table(name: str, reads: dict[str, Any]) -> None:
    """Milliseconds of CPU, and of the wall clock at p50 and p95; nothing is judged by the wall."""
    print(f"   {name}, CPU ms (this process + PostgreSQL) and wall p50/p95")
    for days, ways in reads["windows"].items():
        cells = [
            f"{way} {one['cpu']:.1f} ({one['client']:.1f}+{one['backend']:.1f})"
            f" {one['wall_p50']:.0f}/{one['wall_p95']:.0f}"
            for way, one in ways.items()
        ]
        print(f"   {days:>4} d  {' | '.join(cells)}", flush=True)
