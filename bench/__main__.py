"""Runs one area or all, prints each figure beside its limit.

Exit code 0: every limit met; 1: one was missed; 2: a part that is needed is not there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from bench.figures import MissingPart

AREAS = ("publishing", "analytics", "crm", "experiments", "writing", "pictures", "networks")
HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser("./run.sh bench", description=__doc__)
    parser.add_argument("area", nargs="?", choices=AREAS)
    parser.add_argument("--size", choices=("ci", "full"), default="ci")
    options = parser.parse_args()
    if options.area:
        return one(options.area, options.size)
    # Each area has settings and a database of its own, so each gets a process.
    there = [area for area in AREAS if _exists(area)]
    command = [sys.executable, "-m", "bench"]
    codes = [
        subprocess.run([*command, area, "--size", options.size], check=False).returncode
        for area in there
    ]
    return max(codes, default=2)


def one(area: str, size: str) -> int:
    """Measure an area and print its figures."""
    print(f"== {area} ({size})", flush=True)
    try:
        if not _exists(area):
            raise MissingPart(f"there is no bench for {area} yet")
        figures = import_module(f"bench.{area}").run(size)
    except MissingPart as exc:
        print(f"missing: {exc}", file=sys.stderr)
        return 2
    for figure in figures:
        print(figure.line())
    missed = [figure.name for figure in figures if not figure.met]
    print(f"{len(figures) - len(missed)} met, {len(missed)} missed")
    return 1 if missed else 0


def _exists(area: str) -> bool:
    return (HERE / f"{area}.py").exists() or (HERE / area / "__init__.py").exists()


if __name__ == "__main__":
    sys.exit(main())
