"""Record keys: 13 sortable characters made of a time and a clock id.

https://atproto.com/specs/tid: 64 bits, the top one 0, then microseconds, then 10 bits.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH = 13
CLOCK_BITS = 10
SECOND = 1_000_000


def encode(number: int) -> str:
    """A 64-bit number as 13 characters that sort like the number."""
    characters = []
    for _ in range(LENGTH):
        characters.append(ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(characters))


def for_key(created_at: datetime, key: str) -> str:
    """The record key of one payload: always the same for the same time and key.

    Only the second comes from the time; microseconds and clock id come from the key. Two
    posts made at the same instant would else share a key once in 1,024, and a repeated key
    overwrites the earlier post.
    """
    noise = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    micros = int(created_at.timestamp()) * SECOND + (noise >> CLOCK_BITS) % SECOND
    return encode(micros << CLOCK_BITS | noise & 1023)
