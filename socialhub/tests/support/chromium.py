"""The desk in a real Chromium, against a live server. Every page must keep to its policy."""

from __future__ import annotations

import os
import shutil
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from socialhub.tests.factories import UserFactory

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    if not path:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    # playwright's loop runs in this thread; its calls never run inside a query.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_as(browser, live_server, transactional_db):
    """open_as("Marketer", width=390, dark=True) → a page of that person, logged in.

    Fails when a page had an error, broke the content policy or asked another host than ours
    and the one at the address `also`.
    """
    contexts, troubles = [], []

    def make(
        role: str = "Marketer",
        *,
        width: int = 1280,
        dark: bool = False,
        scripts: bool = True,
        also: str = "",
    ):
        user = UserFactory(role=role, is_superuser=not role)
        client = Client()
        client.force_login(user)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if _is_error(said) else None)
        allowed = (live_server.url, also)
        page.on("request", lambda asked: _require_own(asked.url, allowed, troubles))
        page.person = user
        # For a test that provokes an error: it empties this.
        page.troubles = troubles
        contexts.append(context)
        return page

    yield make
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def page(open_as):
    """A page of a marketer at 1280 pixels."""
    return open_as()


# Leaving a page ends the requests it had under way; htmx reports that as errors.
LEAVING = ("htmx:sendAbort", "htmx:afterRequest")


def _is_error(said) -> bool:
    # An answer of 4xx is what some tests provoke.
    known = said.text in LEAVING or "Failed to load resource" in said.text
    return said.type == "error" and not known


def _require_own(url: str, allowed: tuple[str, ...], troubles: list[str]) -> None:
    parts = urlsplit(url)
    hosts = {urlsplit(one).netloc for one in allowed}
    if parts.scheme in ("http", "https") and parts.netloc not in hosts:
        troubles.append(f"asked another host: {url}")
