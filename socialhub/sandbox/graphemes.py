"""Counting what a reader sees as one character (UAX #29), with the standard library alone."""

from __future__ import annotations

import unicodedata

ZWJ = "\u200d"
REGIONAL = range(0x1F1E6, 0x1F200)
SKIN_TONES = range(0x1F3FB, 0x1F400)
TAGS = range(0xE0020, 0xE0080)
LEADING, VOWELS, TRAILING = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)
SYLLABLES = range(0xAC00, 0xD7A4)


def graphemes(text: str) -> int:
    """Number of grapheme clusters; conjuncts of Indic scripts count per consonant."""
    count = 0
    previous = ""
    # Length of the run of regional indicators so far; two make one flag.
    flags = 0
    # The cluster is a pictograph with its extensions, so ZWJ may go on.
    pictograph = False
    for char in text:
        is_flag = ord(char) in REGIONAL
        joined = (
            _extends(previous, char)
            or (pictograph and previous == ZWJ and _is_pictograph(char))
            or (is_flag and flags % 2 == 1)
            or _same_syllable(previous, char)
        )
        count += not joined
        flags = flags + 1 if is_flag else 0
        pictograph = _is_pictograph(char) or (joined and pictograph)
        previous = char
    return count


def _extends(previous: str, char: str) -> bool:
    if not previous or _is_control(previous):
        return previous == "\r" and char == "\n"
    code = ord(char)
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in (ZWJ, "\u200c", "\uff9e", "\uff9f")
        or code in SKIN_TONES
        or code in TAGS
    )


def _is_control(char: str) -> bool:
    if char in (ZWJ, "\u200c") or ord(char) in TAGS:
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")


def _is_pictograph(char: str) -> bool:
    code = ord(char)
    if code in REGIONAL or code in SKIN_TONES:
        return False
    return char in "©®‼⁉" or (code >= 0x2100 and unicodedata.category(char) in ("So", "Sm", "Cn"))


def _same_syllable(previous: str, char: str) -> bool:
    """Hangul: leading consonants, vowels and trailing consonants make one syllable."""
    if not previous:
        return False
    before, code = ord(previous), ord(char)
    open_syllable = before in SYLLABLES and (before - 0xAC00) % 28 == 0
    if before in LEADING:
        return code in LEADING or code in VOWELS or code in SYLLABLES
    if before in VOWELS or open_syllable:
        return code in VOWELS or code in TRAILING
    return (before in TRAILING or before in SYLLABLES) and code in TRAILING
