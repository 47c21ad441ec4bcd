"""What a writer can be asked for, whoever writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MadeBy(StrEnum):
    """Who wrote a text; shown beside it."""

    AI = "ai"
    DETERMINISTIC = "deterministic"


class WhyNot(StrEnum):
    """Why there is no variation."""

    EMPTY = "empty"
    LANGUAGE = "language"
    NO_ROOM = "no_room"
    TOO_ALIKE = "too_alike"


@dataclass(frozen=True, slots=True)
class Variation:
    """Another wording of a text. `text` is None where there is none; `why_not` says why."""

    text: str | None
    made_by: MadeBy
    why_not: WhyNot | None = None


class Writer(Protocol):
    """Writes for a marketer, who reads it before it goes out."""

    made_by: MadeBy

    def vary(
        self,
        text: str,
        *,
        language: str,
        limit_check: Callable[[str], bool],
        seed: int | str,
        unlike: Sequence[str] = (),
    ) -> Variation:
        """Say the same in another wording.

        Links, mentions, hashtags, numbers and prices stay as they are. The result differs from
        `text` and from each of `unlike` (earlier wordings), and `limit_check` accepts it.
        The same seed gives the same wording.
        """
        ...
