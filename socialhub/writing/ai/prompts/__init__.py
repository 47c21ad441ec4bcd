"""Prompts as files. A changed prompt is a new file with the next number: name.v2.md.

Each has a part "# System" and a part "# User" with $names that are filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent
_FILE = re.compile(r"(?P<name>\w+)\.v(?P<version>\d+)\.md")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a prompt."""

    name: str
    version: int
    system: str
    user: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def filled(self, values: dict[str, str]) -> tuple[str, str]:
        """System and user part; a value's own $ signs stay as they are."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)


@cache
def load(name: str) -> Prompt:
    """The newest version of a prompt."""
    found = [match for path in _FOLDER.iterdir() if (match := _FILE.fullmatch(path.name))]
    version = max(int(match["version"]) for match in found if match["name"] == name)
    text = (_FOLDER / f"{name}.v{version}.md").read_text()
    system, user = text.split("# User\n")
    return Prompt(name, version, system.split("# System\n")[1].strip(), user.strip())
