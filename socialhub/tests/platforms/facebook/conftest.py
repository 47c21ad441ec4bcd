"""A page on the stand-in, connected with its own token."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from socialhub.platforms.base import App, Connection, Draft, MediaFile, Profile
from socialhub.platforms.facebook import FacebookAdapter
from socialhub.tests.support.standin.client import Server
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

ADAPTER = FacebookAdapter()
APP = App(CLIENT_ID, CLIENT_SECRET, {"api_version": "v26.0"})


@pytest.fixture
def facebook(standins: Callable[[str], Server]) -> Server:
    return standins("facebook")


@pytest.fixture
def page(facebook: Server) -> Connection:
    return connected(facebook, ADAPTER.connect(facebook.base_url, "", facebook.token("office")))


def connected(facebook: Server, profile: Profile, **options: Any) -> Connection:
    return Connection(
        "facebook",
        facebook.base_url,
        profile.remote_id,
        profile.handle,
        profile.secrets,
        {"api_version": "v26.0", **profile.options, **options},
        APP,
    )


def draft(text: str = "Oferta de la semana", **more: Any) -> Draft:
    return Draft(text, "key-1", datetime.now(UTC), **more)


def picture(alt: str = "Una mesa", shade: str = "teal") -> MediaFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), shade).save(out, "PNG")
    content = out.getvalue()
    return MediaFile("ab" * 32, "image/png", 64, 48, len(content), alt, lambda: content)


def published(page: Connection, text: str = "Oferta de la semana", **more: Any) -> str:
    return ADAPTER.commit(page, ADAPTER.prepare(page, draft(text, **more))).remote_id
