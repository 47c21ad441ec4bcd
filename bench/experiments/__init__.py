"""Do A/B tests keep their promise? Tests looked at every hour, whose truth only the judge knows.

And a simulated year of recycling: is a rule ever broken?

BENCH_SEED repeats a run; without it the clock is the seed.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2_contingency

from bench.experiments import recycling, simulation
from bench.experiments.simulation import SHAPES, Setting
from bench.figures import Figure, limits
from experiments.statistics import planning
from experiments.statistics.verdict import evaluate

# Tests of one task, and how many times the number of tests in limits.toml are made.
CHUNK = 250
TIMES = {"ci": 1, "full": 5}
REPEATS = 30


def run(size: str) -> list[Figure]:
    """All figures of the area."""
    says = limits("experiments")
    seed = int(os.environ.get("BENCH_SEED") or time.time_ns() // 1_000_000)
    print(f"experiments: seed {seed} (BENCH_SEED={seed} repeats this run)", flush=True)
    # One thread each: the arrays are small.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        judge = Judge(pool, seed, TIMES[size])
        figures = [
            *_false_winners(judge, says),
            *_found(judge, says),
            *_paired(judge, says),
        ]
    return [*figures, _cost(says), *recycling.run(size, seed)]


@dataclass
class Judge:
    """Shares tests among processes; each group of tests has a seed of its own."""

    pool: ProcessPoolExecutor
    seed: int
    times: int
    groups: int = 0

    def start(
        self, simulate: Callable[..., Counter[str]], about: Setting | Sequence[int], tests: int
    ) -> Counting:
        total = tests * self.times
        self.groups += 1
        tasks = [
            self.pool.submit(simulate, about, min(CHUNK, total - at), (self.seed, self.groups, at))
            for at in range(0, total, CHUNK)
        ]
        return Counting(tasks, total)


@dataclass
class Counting:
    """Simulated tests under way."""

    tasks: list[Future[Counter[str]]]
    tests: int

    def counts(self) -> Counter[str]:
        return sum((task.result() for task in self.tasks), Counter())

    def share(self, judged: str) -> float:
        return 100 * self.counts()[judged] / self.tests


def _false_winners(judge: Judge, says: dict[str, Any]) -> list[Figure]:
    settings = [
        (f"A/A, {shape}, {k} variants", Setting(shape, (1.0,) * k))
        for shape in SHAPES
        for k in says["variants"]
    ]
    settings += [
        (f"two tied leaders, {shape}", Setting(shape, (1.0, 1.0, says["third"])))
        for shape in SHAPES
    ]
    running = [
        (name, judge.start(simulation.hybrid, setting, says["tests"])) for name, setting in settings
    ]
    limit = 100 * says["false_winners"]
    return [
        Figure(f"false winners: {name}", at.share("wrong"), "%", limit, samples=at.tests)
        for name, at in running
    ]


def _found(judge: Judge, says: dict[str, Any]) -> list[Figure]:
    """A true effect at a generous size and with the impressions that the planner asks for; beside
    it in the whole days it asks for, which bring a little more."""
    effect, daily = says["effect"], says["daily"]
    needs = planning.plan(planning.Question(simulation.BASE), effect, daily)
    whole_days = (needs.days or 0) * daily
    named = {
        "ample": judge.start(simulation.hybrid, _better(effect), says["tests"]),
        "days": judge.start(simulation.hybrid, _better(effect, whole_days), says["tests_planned"]),
        "exact": judge.start(
            simulation.hybrid, _better(effect, needs.n_per_variant), says["tests_planned"]
        ),
    }
    share = {name: at.share("right") for name, at in named.items()}
    winners = sum((at.counts() for at in named.values()), Counter())
    declared = winners["right"] + winners["wrong"]
    right = 100 * winners["right"] / max(declared, 1)
    found, tests = f"+{100 * effect:g} % found", named["exact"].tests
    planned = f"{found}, {needs.n_per_variant} each as planned"
    in_days = f"{found}, {needs.days} days of {daily}"
    least, most = (100 * part for part in says["found_planned"])
    total, ample = simulation.TOTAL["steady"], named["ample"].tests
    return [
        Figure(f"{found}, {total} each", share["ample"], "%", 100 * says["found"], "min", ample),
        Figure(f"{planned}, least", share["exact"], "%", least, "min", tests),
        Figure(f"{planned}, most", share["exact"], "%", most, "max", tests),
        Figure(in_days, share["days"], "%", samples=tests),
        Figure("winners that are right", right, "%", 100 * says["right"], "min", declared),
    ]


def _better(effect: float, total: int = 0) -> Setting:
    return Setting("steady", (1.0, 1.0 + effect), total)


def _paired(judge: Judge, says: dict[str, Any]) -> list[Figure]:
    limit = 100 * says["false_winners"]
    running = [
        (looks, judge.start(simulation.paired, looks, says["tests_paired"]))
        for looks in says["paired_looks"]
    ]
    return [
        Figure(
            f"false winners: paired A/A at {', '.join(map(str, looks))}",
            at.share("wrong"),
            "%",
            limit,
            samples=at.tests,
        )
        for looks, at in running
    ]


def _cost(says: dict[str, Any]) -> Figure:
    """CPU of an evaluation of 10 variants over two weeks of looks ÷ that of a chi-square of the
    table it ends with, taken in turns."""
    history, plan = simulation.example(10)
    table = np.column_stack(
        [history.engagements[-1], history.impressions[-1] - history.engagements[-1]]
    )
    ours, theirs = 0.0, 0.0
    for _ in range(REPEATS):
        started = time.process_time()
        evaluate(history, plan, simulation.END)
        between = time.process_time()
        for _ in range(10):
            chi2_contingency(table, correction=False)
        ours += between - started
        theirs += (time.process_time() - between) / 10
    name = f"one evaluation, 10 variants, {len(history.at)} looks"
    return Figure(name, ours / theirs, "chi-sq.", says["cost"], samples=REPEATS)
