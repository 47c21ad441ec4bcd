"""An account on the stand-in, as services would hand it to the adapter."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from socialhub.platforms.base import App, Connection, Draft, Findings, MediaFile
from socialhub.platforms.x import XAdapter
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

ADAPTER = XAdapter()
APP = App(CLIENT_ID, CLIENT_SECRET)


@pytest.fixture
def server(standins: Callable[[str], Server]) -> Server:
    return standins("x")


@pytest.fixture
def here(server: Server) -> Connection:
    """The account "office" with a token that may do everything."""
    profile = ADAPTER.connect(server.base_url, "", server.token("office"))
    return Connection(
        "x", server.base_url, profile.remote_id, profile.handle, profile.secrets, {}, APP
    )


def fresh(connection: Connection, **options: Any) -> Connection:
    """The same account in another call."""
    merged = {**connection.options, **options}
    return replace(connection, options=merged, findings=Findings())


def draft(text: str, **more: Any) -> Draft:
    return Draft(text, str(uuid.uuid4()), datetime.now(UTC), **more)


def publish(connection: Connection, text: str, **more: Any) -> str:
    """Id of a post that is out."""
    payload = ADAPTER.prepare(connection, draft(text, **more))
    return ADAPTER.commit(connection, payload).remote_id


def picture(kind: str = "PNG", *, frames: int = 1, alt_text: str = "A teal square") -> MediaFile:
    out = io.BytesIO()
    colours = ("teal", "navy", "maroon")[:frames]
    first, *rest = [Image.new("RGB", (80, 60), colour) for colour in colours]
    more = {"save_all": True, "append_images": rest, "duration": 80} if rest else {}
    first.save(out, kind, **more)
    content = out.getvalue()
    mime = f"image/{kind.lower()}"
    return MediaFile("0" * 64, mime, 80, 60, len(content), alt_text, lambda: content)
