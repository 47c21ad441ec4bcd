"""The drawing process: `python -m threads.rendering.child`, started by `takumi.py`.

It draws what others wrote, so it gives up what it does not need before the first page: it can
open no file and no socket, sees no environment, and limits of the kernel end it.
"""

from __future__ import annotations

import ctypes
import io
import re
import resource
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytakumi
from PIL import Image

from threads.rendering import photos, wire
from threads.rendering.fitting import ATTRIBUTE, Fitted, fit
from threads.rendering.pages import Page, RenderFailed
from threads.rendering.typefaces import BASE_CSS, TYPEFACES

# HTML nested deeper than this is refused by pytakumi itself.
DEPTH = 100
NO_NEW_PRIVILEGES = 38
# Standard input (the socket), output and error.
OPEN_FILES = 3


def loaded() -> pytakumi.Renderer:
    """A renderer that knows our fonts and nothing else."""
    renderer = pytakumi.Renderer()
    for face in TYPEFACES:
        renderer.register_font(
            face.content(),
            name=face.family,
            weight=face.weight,
            style=face.style,
            generic=face.generic,
        )
    return renderer


def prepare(
    renderer: pytakumi.Renderer, page: Page, pixels: int
) -> tuple[Fitted, dict[str, bytes]]:
    """The page with its sizes set, and its images as they are needed."""
    images = photos.ready(page.images, page.width, page.height, pixels)

    html = photos.without_missing(page.html, images)
    # Too deep for one is too deep for both.
    pytakumi.from_html(html, max_depth=DEPTH)

    def measure(html: str, css: str, shown: Mapping[str, bytes]) -> dict[str, Any]:
        return renderer.measure(
            pytakumi.from_html(html, max_depth=DEPTH),
            width=page.width,
            height=page.height,
            stylesheets=[BASE_CSS, css],
            images=shown,
            lang=page.language,
        )

    needed = images
    if images and ATTRIBUTE in html:
        needed = images if _matter(html, page, images, measure) else {}
    return fit(html, page.css, lambda html, css: measure(html, css, needed)), images


# By a page without its texts: whether its images change where things are.
_known: dict[int, bool] = {}
MOST_KNOWN = 100


def _matter(
    html: str, page: Page, images: Mapping[str, bytes], measure: Callable[..., Any]
) -> bool:
    """Mostly the CSS says how large images are; then texts are fitted without reading them."""
    key = hash((re.sub(r">[^<]*<", "><", html), page.css, page.width, page.height))
    if key not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = measure(html, page.css, images) != measure(html, page.css, {})
    return _known[key]


def draw(
    renderer: pytakumi.Renderer, page: Page, fitted: Fitted, images: Mapping[str, bytes]
) -> bytes:
    return renderer.render_html(
        fitted.html,
        width=page.width,
        height=page.height,
        stylesheets=[BASE_CSS, fitted.css],
        images=images,
        lang=page.language,
        max_depth=DEPTH,
    )


def answer(renderer: pytakumi.Renderer, head: dict[str, Any], blobs: list[bytes]) -> wire.Message:
    """Do what a message asks: "draw" a page, or only "prepare" it for the other renderer."""
    names = head["images"]
    page = Page(
        head["html"],
        head["css"],
        head["width"],
        head["height"],
        dict(zip(names, blobs, strict=True)),
        head["language"],
    )
    began = time.monotonic()
    fitted, images = prepare(renderer, page, head["pixels"])
    overflow = [{"fields": list(o.fields), "cut": o.cut} for o in fitted.overflow]
    reply: dict[str, Any] = {}
    if head["do"] == "prepare":
        reply = {"html": fitted.html, "css": fitted.css, "images": list(images)}
        content = list(images.values())
    else:
        content = [draw(renderer, page, fitted, images)]
    reply |= {"overflow": overflow, "milliseconds": round((time.monotonic() - began) * 1000)}
    return reply, content


def serve(sock: socket.socket) -> None:
    renderer = loaded()
    warm(renderer)
    head, _ = wire.receive(sock)
    confine(head["memory_bytes"])
    wire.send(sock, {"ready": True})
    while True:
        try:
            head, blobs = wire.receive(sock)
        except wire.Closed:
            return
        allow_seconds(head["cpu_seconds"])
        try:
            reply, content = answer(renderer, head, blobs)
        except RenderFailed as exc:
            reply, content = {"failed": exc.code, "detail": exc.detail}, []
        except MemoryError:
            reply, content = {"failed": "too_much_memory", "detail": ""}, []
        except Exception as exc:  # a page that pytakumi cannot read is not the end of the process
            reply, content = {"failed": "broken", "detail": str(exc)[:300]}, []
        wire.send(sock, reply, content)


def warm(renderer: pytakumi.Renderer) -> None:
    """Draw one page with an image of each kind, so that nothing has to be loaded later."""
    html = '<div class="canvas"><p data-fit="8 9" style="height:20px">a</p></div>'
    for file_format in photos.FORMATS:
        out = io.BytesIO()
        Image.new("RGB", (2, 2)).save(out, file_format)
        page = Page(html, "", 16, 16, {"a": out.getvalue()})
        fitted, images = prepare(renderer, page, 100)
        draw(renderer, page, fitted, images)


def confine(memory_bytes: int) -> None:
    """Give up for good what drawing does not need."""
    ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(kind, (most, most))


def allow_seconds(seconds: int) -> None:
    """So much more CPU time, then the kernel ends this process (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    whole = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (whole, resource.RLIM_INFINITY))


if __name__ == "__main__":
    serve(socket.socket(fileno=sys.stdin.fileno()))
