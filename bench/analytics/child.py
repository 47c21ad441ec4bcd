"""One measurement on the database of the environment: `python -m bench.analytics.child JSON FD`.

The answer is written as JSON to the file descriptor FD.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    what = json.loads(sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "socialhub.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    found = _measure(**what)
    with os.fdopen(int(sys.argv[2]), "w") as answer:
        json.dump(found, answer)


def _measure(count: int) -> dict[str, Any]:
    from bench.analytics import exact, loading, reads, served, weekly, writes
    from bench.analytics.duck import Store
    from bench.analytics.generator import LAST_DAY

    began = time.monotonic()
    facts = loading.fill(count)
    source = reads.engine()
    loading.fill_loop(facts, source)
    by_loop, store = reads.Loop(source), Store(facts)
    _say(f"{count} publications loaded in {time.monotonic() - began:.0f} s")
    ways = reads.ways(by_loop, store)
    figures = exact.compare(ways, reads.WINDOWS, LAST_DAY, reads.NETWORK)
    unlike = exact.cells_unlike_facts()
    _say(f"{figures} figures equal four ways, {unlike} cells unlike the facts")
    return {
        "figures": figures,
        "unlike": unlike,
        "reads": reads.measure(by_loop, store),
        "weekly": weekly.measure(by_loop),
        "served": served.measure(),
        # They change what the others read.
        "writes": writes.measure(count),
    }


def _say(text: str) -> None:
    print(f"   {os.environ['BENCH_ENGINE']}: {text}", flush=True)


if __name__ == "__main__":
    main()
