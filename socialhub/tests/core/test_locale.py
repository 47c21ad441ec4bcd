"""The Spanish catalogue is complete, and what is committed compiled is what is committed."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "locale/es/LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


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


def test_placeholders_survive_translation(catalogue):
    def used(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    wrong = [e.msgid for e in catalogue if e.msgstr and used(e.msgid) != used(e.msgstr)]
    assert wrong == []
