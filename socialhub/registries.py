"""What apps above the core offer to it, filled in their `AppConfig.ready()`.

The core imports none of them: it asks here by name and does without when nobody offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

_providers: dict[str, Callable[..., Any]] = {}

PUBLICATION_METRICS = "publication_metrics"


def offer(name: str, provider: Callable[..., Any]) -> None:
    """Register the provider of `name`. Raises ValueError when another one has it."""
    if _providers.setdefault(name, provider) is not provider:
        raise ValueError(f"{name} is offered twice")


def provider(name: str) -> Callable[..., Any] | None:
    """Who provides `name`, or None."""
    return _providers.get(name)


def publication_metrics(publication_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Latest counters per publication id; a publication never measured is absent."""
    found = provider(PUBLICATION_METRICS)
    return found(list(publication_ids)) if found else {}
