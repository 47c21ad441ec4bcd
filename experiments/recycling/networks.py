"""What networks say about repeating a post. Data: a new rule of a network is one more line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repeating:
    """Fewest days between two showings of a post, and whether its text has to change."""

    days: int = 21
    needs_new_text: bool = False


# X: "duplicative or substantially similar" posts are against its rules
# (https://help.x.com/en/rules-and-policies/x-automation).
RULES = {"x": Repeating(30, needs_new_text=True)}
USUAL = Repeating()

# The n-th repetition waits (1 + 0.5 n) times as long.
LONGER = 0.5


def repeating(platform: str) -> Repeating:
    """The rule of this network."""
    return RULES.get(platform, USUAL)


def cooldown_days(platform: str, wanted: int, times_recycled: int) -> float:
    """max(wanted, the network's) · (1 + 0.5 · times recycled), in days since the last showing."""
    return max(wanted, repeating(platform).days) * (1 + LONGER * times_recycled)
