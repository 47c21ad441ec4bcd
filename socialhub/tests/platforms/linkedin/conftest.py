"""A page on the stand-in, and drafts for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from socialhub.platforms.base import Connection, Draft, Look, MediaFile, Payload
from socialhub.platforms.linkedin import LinkedInAdapter
from socialhub.tests.support.standin.client import Server

ADAPTER = LinkedInAdapter()


@pytest.fixture
def linkedin(standins: Callable[[str], Server]) -> Server:
    return standins("linkedin")


@pytest.fixture
def page(linkedin: Server) -> Connection:
    return connection(linkedin)


def connection(server: Server, token: str = "token-office", **more: Any) -> Connection:
    profile = ADAPTER.connect(server.base_url, "", token)
    fields = {"handle": profile.handle, "secrets": profile.secrets, **more}
    return Connection("linkedin", server.base_url, profile.remote_id, **fields)


def draft(text: str = "Hola", **more: Any) -> Draft:
    return Draft(text, "key-1", datetime.now(UTC), **more)


def picture(alt: str = "Una mesa", size: tuple[int, int] = (64, 48)) -> MediaFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    content = out.getvalue()
    return MediaFile("ab" * 32, "image/png", *size, len(content), alt, lambda: content)


def looked(page: Connection, payload: Payload, since_id: str = "", taken: Any = ()) -> Look:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return ADAPTER.look(page, payload, since_id=since_id, since=since, taken=taken)
