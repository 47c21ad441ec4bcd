"""Who keeps count of the requests: rows in the house, a list in a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint reported them; None = it did not."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class Ledger(Protocol):
    """Told of every request before it leaves and after it ended."""

    def open(self, *, purpose: str, prompt: str, attempt: int, reserve: int) -> int:
        """Note a request that may take `reserve` tokens; returns its id.

        Raises AIError "limit_reached" when the month has no room for it.
        """
        ...

    def close(
        self,
        call: int,
        *,
        outcome: str,
        reason: str = "",
        usage: Usage | None = None,
        worked: bool = True,
        milliseconds: int = 0,
    ) -> None:
        """Note how it ended: accepted, invalid, refused, failed.

        Without `usage` the reserved tokens count, unless it certainly did no work (`worked`).
        """
        ...
