#!/usr/bin/env python
"""Collect the texts of the interface and keep the Spanish catalogue complete.

    python contrib/messages.py           update locale/es/LC_MESSAGES/django.po and .mo
    python contrib/messages.py --check   exit 1 unless both are complete and up to date

Needs GNU gettext. The .po also covers texts of libraries that bring no Spanish, or not all of it.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/es/LC_MESSAGES/django.po"
OURS = ("socialhub", "analytics", "crm", "experiments", "threads", "templates")
# Libraries that bring no Spanish, or not all of it.
THEIRS = (
    "unfold",
    "simple_history",
    "axes",
    "django_celery_beat",
    "import_export",
    "rest_framework",
    "django_filters",
    "knox",
)
# Where a library's text may be translated already.
TRANSLATED = (
    "django",
    "django.contrib.admin",
    "django.contrib.auth",
    "import_export",
    "django_celery_beat",
    "rest_framework",
    "django_filters",
)


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


def extract() -> polib.POFile:
    """Every text in code and templates, untranslated."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "locale").mkdir()
        for ours in OURS:
            shutil.copytree(
                ROOT / ours, folder / ours, ignore=shutil.ignore_patterns("tests", "migrations")
            )
        for theirs in THEIRS:
            ignore = shutil.ignore_patterns("locale", "static", "migrations")
            shutil.copytree(package_folder(theirs), folder / theirs, ignore=ignore)
        subprocess.run(
            [
                *(sys.executable, "-m", "django", "makemessages", "-l", "es", "--no-wrap"),
                *("--add-location", "file", "--extension", "html,txt,py"),
            ],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return polib.pofile(str(folder / "locale/es/LC_MESSAGES/django.po"), wrapwidth=0)


def key(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def translated_elsewhere() -> set[tuple[str | None, str]]:
    """Texts that Django and others bring in Spanish."""
    found = set()
    for name in TRANSLATED:
        folder = package_folder(name)
        if name == "django":
            folder = folder / "conf"
        for path in (folder / "locale/es/LC_MESSAGES").glob("django.mo"):
            found |= {key(e) for e in polib.mofile(str(path))}
    return found


def wanted() -> polib.POFile:
    """The catalogue as it should be, with the translations there are."""
    known = {key(e): e for e in polib.pofile(str(CATALOGUE))} if CATALOGUE.exists() else {}
    elsewhere = translated_elsewhere()
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {
        "Language": "es",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for entry in sorted(extract(), key=lambda e: (e.msgid, e.msgctxt or "")):
        only_theirs = all(path.split("/")[0] in THEIRS for path, _line in entry.occurrences)
        if only_theirs and key(entry) in elsewhere:
            continue
        old = known.get(key(entry))
        if old is not None:
            entry.msgstr, entry.msgstr_plural = old.msgstr, old.msgstr_plural or {}
            if entry.msgid_plural and not entry.msgstr_plural:
                entry.msgstr_plural = {0: "", 1: ""}
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        catalogue.append(entry)
    return catalogue


def main() -> int:
    catalogue = wanted()
    missing = [e.msgid for e in catalogue if not e.translated()]
    if "--check" in sys.argv:
        present = polib.pofile(str(CATALOGUE), wrapwidth=0)
        stale = {key(e) for e in catalogue} ^ {key(e) for e in present}
        for _context, text in sorted(stale, key=str):
            print(f"not up to date: {text!r}; run contrib/messages.py")
        for text in missing:
            print(f"no Spanish for: {text!r}")
        return 1 if stale or missing else 0
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    print(f"{len(catalogue)} texts, {len(missing)} without Spanish")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
