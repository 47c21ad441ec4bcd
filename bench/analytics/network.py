"""Networks that answer from memory, in place of the real ones, for the collector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from bench.analytics.generator import COUNTERS, PLATFORMS, UNREPORTED
from socialhub.platforms.base import Connection, Metrics
from socialhub.platforms.registry import ADAPTERS
from socialhub.platforms.sandbox import SandboxAdapter

Answer = Mapping[str, Metrics | Literal["gone"]]


class Network(SandboxAdapter):
    """What `numbers` holds by remote id is what the network knows."""

    def __init__(self, slug: str, numbers: Mapping[str, Metrics], batch: int) -> None:
        self.slug = self.name = slug  # type: ignore[misc]
        self._numbers = numbers
        self.capabilities = replace(  # type: ignore[misc]
            SandboxAdapter.capabilities,
            metrics=frozenset(COUNTERS) - frozenset(UNREPORTED[slug]),
            metrics_batch=batch,
            collect_every_seconds=None,
        )

    def metrics(self, connection: Connection, remote_ids: Sequence[str]) -> Answer:
        return {one: self._numbers[one] for one in remote_ids if one in self._numbers}


def install(numbers: Mapping[str, Metrics], batch: int) -> None:
    """From now on the accounts of the bench are on such networks."""
    ADAPTERS.update({slug: Network(slug, numbers, batch) for slug in PLATFORMS})
