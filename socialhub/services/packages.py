"""Which packages this installation runs on, with version and licence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package; `licence` is "" when its metadata do not say."""

    name: str
    version: str
    licence: str


@lru_cache(maxsize=1)
def installed() -> tuple[Package, ...]:
    """The packages requirements.in asks for, by name."""
    lines = (settings.BASE_DIR / "requirements.in").read_text().splitlines()
    names = {m.group(0).lower() for line in lines if (m := re.match(r"[A-Za-z0-9._-]+", line))}
    return tuple(found for name in sorted(names) if (found := _package(name)))


def _package(name: str) -> Package | None:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    return Package(name, about["Version"], _licence(about))


def _licence(about: metadata.PackageMetadata) -> str:
    if "License-Expression" in about:
        return str(about["License-Expression"])
    for line in about.get_all("Classifier") or []:
        if line.startswith("License :: "):
            return str(line.rsplit(" :: ", 1)[1])
    # Some put the whole text here; its first line names the licence.
    text = str(about["License"] or "") if "License" in about else ""
    return text.strip().splitlines()[0][:60] if text.strip() else ""
