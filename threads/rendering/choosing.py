"""Which renderer draws; one of each is kept per process."""

from __future__ import annotations

import atexit
import os
import shutil
from importlib.util import find_spec

from threads.rendering.pages import Renderer, RenderFailed
from threads.rendering.takumi import TakumiRenderer

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMES = ("auto", "takumi", "chromium")

_kept: dict[tuple[str, str], Renderer] = {}


def chromium_program(path: str = "") -> str | None:
    """The browser at `path`, else the first known one; None without one or without playwright."""
    if find_spec("playwright") is None:
        return None
    found = shutil.which(path) if path else next(filter(None, map(shutil.which, PROGRAMS)), None)
    return found


def renderer(name: str = "auto", chromium_path: str = "") -> Renderer:
    """The renderer of that name; "auto" is Chromium where it is found, else the built-in one."""
    if name not in NAMES:
        raise ValueError(f"there is no renderer {name!r}; there are: {', '.join(NAMES)}")
    program = chromium_program(chromium_path) if name != "takumi" else None
    if name == "chromium" and program is None:
        raise RenderFailed("missing", "Chromium or the package playwright is not installed")
    key = (program or "", "chromium" if program else "takumi")
    if key not in _kept:
        _kept[key] = _made(program)
    return _kept[key]


def _made(program: str | None) -> Renderer:
    if program is None:
        return TakumiRenderer()
    from threads.rendering.chromium import ChromiumRenderer

    return ChromiumRenderer(program)


def close_all() -> None:
    """End every process that was started to draw."""
    for one in _kept.values():
        one.close()


def _forget() -> None:
    # They are the parent's, and so are the processes behind them.
    _kept.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(close_all)
