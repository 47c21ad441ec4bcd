"""Alt text from what is known about a picture. Nobody looks at it, so nothing is guessed."""

from __future__ import annotations

import re

from socialhub.writing.writer import MadeBy, Variation, WhyNot

# What cameras, phones, messengers and stock sites call a file says nothing about the picture.
_MACHINE = re.compile(
    r"\b(?:img|dsc[nf]?|dcim|pxl|mvi|vid|gopr|p\d+|wa|whatsapp|signal|telegram|image|imagen|photo"
    r"|foto|picture|screenshot|screen|shot|captura|pantalla|de|at|unnamed|untitled|download"
    r"|descarga|copy|copia|final|scaled|edited|export|rendered|file|archivo|shutterstock|istock"
    r"|adobestock|unsplash|pexels|pixabay|jpe?g|png|webp|gif|v\d+|x\d+|\d+x\d+)\b"
)
_JOINTS = re.compile(r"[\s_.+~()\[\]-]+")
# A description needs so many letters that are words.
LETTERS = 4


def suggest(context: str, *, language: str) -> Variation:
    """The context itself, where there is one."""
    known = " ".join(context.split())
    why = None if known else WhyNot.NOTHING_KNOWN
    return Variation(known or None, MadeBy.DETERMINISTIC, why)


def from_file_name(name: str) -> str:
    """The words of a file's name, "" when a machine gave it: "taza-azul.jpg" → "Taza azul"."""
    stem = re.sub(r"\.\w{2,5}\Z", "", name.replace("\\", "/").rpartition("/")[2])
    words = [word for word in _JOINTS.split(stem) if _is_word(word)]
    told = [word for word in words if not _MACHINE.fullmatch(word.casefold())]
    if sum(map(len, told)) < LETTERS:
        return ""
    while words[-1] != told[-1]:
        words.pop()
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _is_word(word: str) -> bool:
    """Letters with a vowel among them: neither a number nor a key of hexadecimal digits."""
    return word.isalpha() and bool(re.search(r"[aeiouyáéíóúüàèòäöâêô]", word.casefold()))
