"""The demo's data, made as `seed_demo` makes it, inside a transaction that is taken back."""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import override_settings

from socialhub.seeds import ABOVE, seed
from socialhub.tests.support.sandbox import running


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def seeded_demo(
    folder: Path, blocker: Any, above: Collection[str] = ABOVE, *options: str
) -> Iterator[Any]:
    """A network with people on it and the demo made from it, as far as it is of these apps.

    `options` are the network's. Gives the network's server.
    """
    # What other apps start for their part of the demo gets a port and a folder of its own.
    own = {"ODOO_PORT": free_port(), "VAR_DIR": folder}
    with (
        running(folder / "audience", *options) as server,
        override_settings(SANDBOX_URL=server.base_url, **own),
        blocker.unblock(),
        transaction.atomic(),
    ):
        seed(above)
        yield server
        transaction.set_rollback(True)
