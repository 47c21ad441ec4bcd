"""What goes into a renderer and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

MOST_PIXELS = 2160

FailureCode = Literal[
    "too_slow", "too_much_memory", "broken", "broken_image", "image_too_large", "crashed", "missing"
]


class RenderFailed(Exception):
    """No picture came out. `detail` is for the log: it is English and may name an image.

    too_slow and too_much_memory: a limit ended it; broken: the page cannot be drawn;
    broken_image and image_too_large: a picture in it; crashed: the renderer died of itself;
    missing: the renderer is not installed or cannot be started.
    """

    def __init__(self, code: FailureCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Page:
    """A filled page. `images` holds every image it may show, by the name used in `src`."""

    html: str
    css: str
    width: int
    height: int
    images: Mapping[str, bytes] = field(default_factory=dict)
    language: str = "en"

    def __post_init__(self) -> None:
        if not (0 < self.width <= MOST_PIXELS and 0 < self.height <= MOST_PIXELS):
            raise ValueError(f"a page is 1 to {MOST_PIXELS} pixels wide and high")


@dataclass(frozen=True, slots=True)
class Overflow:
    """A text that is too long for its box at the smallest size allowed.

    `fields` are those in the box, often one; `cut` is about how many characters are too many.
    """

    fields: tuple[str, ...]
    cut: int

    @property
    def field(self) -> str:
        """The first field in the box; "" when the template's own text is too long."""
        return self.fields[0] if self.fields else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG. With `overflow` it is no use but to show where: each such box is framed in red."""

    png: bytes
    milliseconds: int
    overflow: tuple[Overflow, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one picture."""

    cpu_seconds: int = 10
    wall_seconds: float = 30.0
    memory_bytes: int = 768 * 1024 * 1024
    # Of one image in the page, before it is shrunk.
    image_pixels: int = 50_000_000


class Renderer(Protocol):
    """Draws pages. One is kept per process; calls from several threads wait for each other."""

    name: str

    def render(self, page: Page) -> Picture:
        """The page as PNG; the same page gives the same bytes. Raises RenderFailed."""
        ...

    def close(self) -> None:
        """End the processes it started; a later call starts them again."""
        ...
