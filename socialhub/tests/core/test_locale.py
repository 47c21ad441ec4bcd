"""The Spanish catalogue is complete, and what is committed compiled is what is committed."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "locale/es/LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(FOLDER / "django.po"))


def test_every_text_has_its_spanish(catalogue):
    assert [e.msgid for e in catalogue if not e.translated() or e.fuzzy] == []


def test_the_compiled_catalogue_is_the_same(catalogue):
    compiled = polib.mofile(str(FOLDER / "django.mo"))

    def content(entries):
        return {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural or {}) for e in entries}

    assert content(compiled) == content(catalogue)


def pairs(entry):
    """(English, Spanish) of an entry; the plural's forms each with their own English."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [
        (entry.msgid, entry.msgstr_plural[0]),
        (entry.msgid_plural, entry.msgstr_plural[1]),
    ]


def differing(catalogue, kept):
    """English texts of which `kept` finds something else in the Spanish."""
    return [
        english
        for entry in catalogue
        for english, spanish in pairs(entry)
        if kept(english) != kept(spanish)
    ]


def test_placeholders_survive_translation(catalogue):
    assert differing(catalogue, lambda text: sorted(PLACEHOLDER.findall(text))) == []


def test_tags_survive_translation(catalogue):
    assert differing(catalogue, lambda text: sorted(TAG.findall(text))) == []


def test_space_at_the_ends_survives_translation(catalogue):
    def ends(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert differing(catalogue, ends) == []
