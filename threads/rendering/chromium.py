"""Chromium through playwright: one browser per process, a fresh context per picture.

The page stands at an address that does not exist; everything it asks for is answered from
memory or refused. No script runs.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from typing import Any

import psutil

from threads.rendering import markup
from threads.rendering.pages import FailureCode, Limits, Page, Picture, RenderFailed
from threads.rendering.takumi import TakumiRenderer
from threads.rendering.typefaces import BASE_CSS, FOLDER

ORIGIN = "https://render.invalid/"
FLAGS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    # No name leads anywhere, loopback included.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
POLICY = (
    f"default-src 'none'; img-src {ORIGIN} data:; style-src 'unsafe-inline';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)
Answer = tuple[str, bytes]


class ChromiumRenderer:
    """Draws with Chromium; sizes of texts and images come from the built-in one's process."""

    name = "chromium"

    def __init__(self, executable: str, limits: Limits | None = None) -> None:
        self.executable = executable
        self.limits = limits or Limits()
        # How often a browser was started; the bench and the tests read it.
        self.starts = 0
        self._takumi = TakumiRenderer(self.limits)
        self._lock = threading.Lock()
        self._browser: Browser | None = None

    def render(self, page: Page) -> Picture:
        began = time.monotonic()
        prepared = self._takumi.prepare(page)
        with self._lock:
            png = self._draw(prepared.page)
        spent = round((time.monotonic() - began) * 1000)
        return Picture(png, spent, prepared.overflow)

    def close(self) -> None:
        with self._lock:
            self._drop()
        self._takumi.close()

    def _draw(self, page: Page) -> bytes:
        if self._browser is not None and self._browser.owner != os.getpid():
            self._browser = None
        if self._browser is None:
            self.starts += 1
            self._browser = Browser(self.executable)
        try:
            return self._browser.draw(page, self.limits.wall_seconds)
        except BaseException:
            # It may hang or be in the middle of the page: the next picture gets a new one.
            self._drop()
            raise

    def _drop(self) -> None:
        if self._browser is not None:
            self._browser.end()
            self._browser = None


class Browser:
    """A running Chromium. Playwright's loop stays in a thread of its own.

    Django refuses the database to a thread in which a loop runs, and a thread can be left
    waiting when the browser hangs.
    """

    START_SECONDS = 60
    STOP_SECONDS = 10

    def __init__(self, executable: str) -> None:
        self.owner = os.getpid()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chromium")
        self._playwright: Any = None
        self._browser: Any = None
        before = psutil.Process().children()
        self._drivers: list[psutil.Process] = []
        try:
            self._in_thread(self._start, executable, seconds=self.START_SECONDS)
        except BaseException:
            self._drivers = _drivers(before)
            self.end()
            raise
        self._drivers = _drivers(before)

    def draw(self, page: Page, seconds: float) -> bytes:
        png: bytes = self._in_thread(self._picture, page, seconds, seconds=seconds)
        return png

    def _in_thread(self, run: Any, *arguments: Any, seconds: float) -> Any:
        future: Future[Any] = self._thread.submit(run, *arguments)
        try:
            return future.result(timeout=seconds)
        except TooLong:
            raise RenderFailed("too_slow", f"more than {seconds:g} s") from None
        except RenderFailed:
            raise
        except Exception as exc:  # playwright's own kinds; it is loaded in the thread only
            late = type(exc).__name__ == "TimeoutError"
            code: FailureCode = "too_slow" if late else "crashed"
            if self._browser is None:
                code = "missing"
            raise RenderFailed(code, str(exc)[:300]) from None

    def _start(self, executable: str) -> None:
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright().start()
        # Chromium refuses to run as root with its sandbox; production runs it as somebody else.
        sandbox = os.geteuid() != 0
        self._browser = self._playwright.chromium.launch(
            executable_path=executable,
            args=list(FLAGS),
            chromium_sandbox=sandbox,
            env={
                "HOME": "/nonexistent",
                "LANG": "C.UTF-8",
                "PATH": os.environ.get("PATH", ""),
                # Our own fonts are all it has.
                "FONTCONFIG_FILE": str(FOLDER / "fonts.conf"),
            },
        )

    def _stop(self) -> None:
        if self._playwright is not None:
            self._playwright.stop()

    def _picture(self, page: Page, seconds: float) -> bytes:
        answers = dict(_answers(page))
        with contextlib.closing(self._context(page)) as context:
            context.set_default_timeout(seconds * 1000)
            context.route("**/*", lambda route: _reply(route, answers))
            tab = context.new_page()
            tab.goto(ORIGIN, wait_until="load")
            png: bytes = tab.screenshot(type="png", animations="disabled", scale="css")
        return png

    def _context(self, page: Page) -> Any:
        return self._browser.new_context(
            viewport={"width": page.width, "height": page.height},
            device_scale_factor=1,
            java_script_enabled=False,
            service_workers="block",
            accept_downloads=False,
            offline=False,
            locale=page.language,
            timezone_id="UTC",
            color_scheme="light",
            reduced_motion="reduce",
        )

    def end(self) -> None:
        """Kill it: a browser that hangs does not close itself."""
        for driver in self._drivers:
            with contextlib.suppress(psutil.NoSuchProcess):
                _kill(driver.children(recursive=True))
        # RuntimeError: at the interpreter's end threads take no more work.
        with contextlib.suppress(RenderFailed, RuntimeError):
            self._in_thread(self._stop, seconds=self.STOP_SECONDS)
        _kill(self._drivers)
        self._thread.shutdown(wait=False, cancel_futures=True)


def _drivers(before: list[psutil.Process]) -> list[psutil.Process]:
    """The driver of playwright; the browser and its processes are below it."""
    new = [child for child in psutil.Process().children() if child not in before]
    return [child for child in new if "playwright" in child.exe()]


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=5)


def _answers(page: Page) -> Iterator[tuple[str, Answer]]:
    """What the page may ask for, by address."""
    addresses = {name: f"{ORIGIN}images/{n}" for n, name in enumerate(page.images)}
    document = _document(page, addresses)
    yield ORIGIN, ("text/html; charset=utf-8", document.encode())
    for name, address in addresses.items():
        content = page.images[name]
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        yield address, (kind, content)


def _reply(route: Any, answers: Mapping[str, Answer]) -> None:
    known = answers.get(route.request.url)
    if known is None:
        route.abort()
        return
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    headers["Content-Type"] = known[0]
    route.fulfill(status=200, headers=headers, body=known[1])


def _document(page: Page, addresses: Mapping[str, str]) -> str:
    edits = []
    for element in markup.elements(page.html):
        if (name := element.get("src")) in addresses:
            tag = markup.start_tag(element, src=addresses[name or ""])
            edits.append((element.start, element.open_end, tag))
    body = markup.splice(page.html, edits)
    # Whatever the CSS holds, it must not end the element it stands in.
    css = f"{BASE_CSS}\n{page.css}".replace("</", "<\\/")
    style = f"<style>html, body {{ margin: 0; background: #fff; }}\n{css}</style>"
    return f'<!doctype html><html lang="{page.language}"><head>{style}</head><body>{body}</body>'
