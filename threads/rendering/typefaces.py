"""The fonts both renderers draw with; `fonts/README.md` says where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("fonts")


@dataclass(frozen=True, slots=True)
class Typeface:
    family: str
    weight: int
    style: str
    file: str
    # The CSS generic family it stands for.
    generic: str | None = None

    def content(self) -> bytes:
        return (FOLDER / self.file).read_bytes()


TYPEFACES = (
    Typeface("Inter", 400, "normal", "inter-400.ttf", "sans-serif"),
    Typeface("Inter", 500, "normal", "inter-500.ttf"),
    Typeface("Inter", 700, "normal", "inter-700.ttf"),
    Typeface("Inter", 900, "normal", "inter-900.ttf"),
    Typeface("Lora", 400, "normal", "lora-400.ttf", "serif"),
    Typeface("Lora", 400, "italic", "lora-400-italic.ttf"),
    Typeface("Lora", 700, "normal", "lora-700.ttf"),
    Typeface("Oswald", 500, "normal", "oswald-500.ttf"),
    Typeface("Oswald", 700, "normal", "oswald-700.ttf"),
    Typeface("Noto Color Emoji", 400, "normal", "noto-color-emoji.ttf", "emoji"),
)
FAMILIES = tuple(dict.fromkeys(face.family for face in TYPEFACES))

# Before every template's own CSS, so that both renderers begin with the same rules. Elements are
# named without `.canvas`, so that a single class of the template wins over them.
BASE_CSS = """\
*, *::before, *::after { box-sizing: border-box; }
.canvas { display: block; position: relative; overflow: hidden; margin: 0; padding: 0;
  font-family: Inter, "Noto Color Emoji"; font-size: 32px; font-weight: 400; line-height: 1.2;
  color: #111111; background-color: #ffffff; }
p, h1, h2, h3, h4, h5, h6, ul, ol, dl, dd, figure, blockquote, pre { margin: 0; padding: 0; }
h1, h2, h3, h4, h5, h6 { font-size: inherit; font-weight: 700; }
ul, ol { list-style: none; }
img, svg { display: block; }
"""
