"""A channel on the stand-in, and drafts for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from socialhub.platforms.base import Connection, Draft, MediaFile, Receipt, RemoteRef
from socialhub.platforms.telegram import TelegramAdapter
from socialhub.tests.support.standin.client import Server

ADAPTER = TelegramAdapter()


@pytest.fixture
def telegram(standins: Callable[[str], Server]) -> Server:
    return standins("telegram")


@pytest.fixture
def channel(telegram: Server) -> Connection:
    return connection(telegram)


def connection(server: Server, name: str = "office", bot: str = "") -> Connection:
    profile = ADAPTER.connect(server.base_url, f"@{name}", f"token-{bot or name}")
    return Connection(
        "telegram",
        server.base_url,
        profile.remote_id,
        profile.handle,
        secrets=profile.secrets,
        options=profile.options,
    )


def again(channel: Connection) -> Connection:
    """The next call: with what the last one has shown."""
    options = {**channel.options, **channel.findings.learned}
    return replace(channel, options=options, findings=type(channel.findings)())


def draft(text: str = "Hola", **more: Any) -> Draft:
    return Draft(text, "key-1", datetime.now(UTC), **more)


def picture(size: tuple[int, int] = (64, 48), mime: str = "PNG") -> MediaFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, mime)
    content = out.getvalue()
    return MediaFile(
        "ab" * 32, f"image/{mime.lower()}", *size, len(content), "Mesa", lambda: content
    )


def publish(channel: Connection, text: str = "Hola", **more: Any) -> Receipt:
    return ADAPTER.commit(channel, ADAPTER.prepare(channel, draft(text, **more)))


def ref(receipt: Receipt) -> RemoteRef:
    return RemoteRef(receipt.remote_id, receipt.data)
