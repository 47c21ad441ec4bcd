"""A professional account on the stand-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from socialhub.platforms.base import Connection
from socialhub.platforms.instagram import InstagramAdapter
from socialhub.tests.platforms.fetching import _picture_server, connected, pictures
from socialhub.tests.support.standin.client import Server

__all__ = ["_picture_server", "pictures"]
ADAPTER = InstagramAdapter()


@pytest.fixture
def instagram(standins: Callable[[str], Server]) -> Server:
    return standins("instagram")


@pytest.fixture
def office(instagram: Server) -> Connection:
    return connected(ADAPTER, instagram)
