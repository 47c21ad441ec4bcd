"""A profile on the stand-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from socialhub.platforms.base import Connection
from socialhub.platforms.meta import containers
from socialhub.platforms.meta_threads import MetaThreadsAdapter
from socialhub.tests.platforms.fetching import _picture_server, connected, pictures
from socialhub.tests.support.standin.client import Server

__all__ = ["_picture_server", "pictures"]
ADAPTER = MetaThreadsAdapter()


@pytest.fixture
def threads(standins: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr("socialhub.http.DEADLINE_SECONDS", 1.0)
    monkeypatch.setattr(containers, "FIRST_PAUSE", 0.01)
    return standins("meta_threads")


@pytest.fixture
def office(threads: Server) -> Connection:
    return connected(ADAPTER, threads)
