"""Messages between a worker and its drawing process: a JSON head, then blobs.

JSON and not pickle: what comes back is from a process that handled foreign input.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

HEAD = struct.Struct("!II")
MOST_HEAD = 4 * 1024 * 1024
MOST_BLOBS = 256 * 1024 * 1024
CHUNK = 1024 * 1024

Message = tuple[dict[str, Any], list[bytes]]


class Closed(Exception):
    """The other side is gone, or what it sends is no message."""


def send(sock: socket.socket, head: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    text = json.dumps({**head, "blobs": [len(blob) for blob in blobs]}).encode()
    sock.sendall(HEAD.pack(len(text), sum(map(len, blobs))) + text)
    for blob in blobs:
        sock.sendall(blob)


def receive(sock: socket.socket, *, until: float | None = None) -> Message:
    """The next message. TimeoutError when it is not complete at `until` (of time.monotonic)."""
    head_size, blob_size = HEAD.unpack(_exactly(sock, HEAD.size, until))
    if head_size > MOST_HEAD or blob_size > MOST_BLOBS:
        raise Closed("a message is too large")
    head: dict[str, Any] = json.loads(_exactly(sock, head_size, until))
    sizes = head.pop("blobs")
    if sum(sizes) != blob_size:
        raise Closed("a message contradicts itself")
    return head, [_exactly(sock, size, until) for size in sizes]


def _exactly(sock: socket.socket, size: int, until: float | None) -> bytes:
    content = bytearray()
    while len(content) < size:
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
        part = sock.recv(min(CHUNK, size - len(content)))
        if not part:
            raise Closed("the other side is gone")
        content += part
    return bytes(content)
