"""Pictures on a little server, for networks that fetch them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from socialhub.platforms.base import (
    App,
    Connection,
    Draft,
    Look,
    MediaFile,
    Payload,
    PlatformAdapter,
    Receipt,
)
from socialhub.tests.support import grumpy
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

APP = App(CLIENT_ID, CLIENT_SECRET, {})
SIGNATURE = "signature-not-to-be-shown"


class Pictures:
    """The public media address. `offer` says what is at it from now on."""

    def __init__(self, server: grumpy.Grumpy) -> None:
        self.server = server
        self.offer()

    def offer(self, size: tuple[int, int] = (640, 640), kind: str = "JPEG") -> None:
        out = io.BytesIO()
        Image.new("RGB", size, "teal").save(out, kind)
        self.server.says(200, out.getvalue(), f"image/{kind.lower()}")

    def file(self, alt: str = "Una mesa", **more: Any) -> MediaFile:
        url = f"{self.server.base_url}/media/1/?signature={SIGNATURE}"
        fields = {"width": 640, "height": 640, "size": 1, "public_url": lambda: url, **more}
        return MediaFile("ab" * 32, "image/jpeg", alt_text=alt, read=lambda: b"", **fields)


@pytest.fixture(scope="session")
def _picture_server() -> Iterator[grumpy.Grumpy]:
    with grumpy.running() as server:
        yield server


@pytest.fixture
def pictures(_picture_server: grumpy.Grumpy) -> Pictures:
    return Pictures(_picture_server)


def connected(
    adapter: PlatformAdapter, server: Server, token: str = "token-office", **options: Any
) -> Connection:
    profile = adapter.connect(server.base_url, "", token)
    return Connection(
        adapter.slug,
        server.base_url,
        profile.remote_id,
        profile.handle,
        profile.secrets,
        {**profile.options, **options},
        app=APP,
    )


def draft(text: str = "Hola", **more: Any) -> Draft:
    return Draft(text, str(uuid.uuid4()), datetime.now(UTC), **more)


def out(adapter: PlatformAdapter, here: Connection, made: Draft) -> Receipt:
    return adapter.commit(here, adapter.prepare(here, made))


def looked(
    adapter: PlatformAdapter, here: Connection, payload: Payload, since_id: str = "", **more: Any
) -> Look:
    since = datetime.now(UTC) - timedelta(minutes=1)
    known = {"since": since, "taken": frozenset(), **more}
    return adapter.look(here, payload, since_id=since_id, **known)


def in_seconds(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()
