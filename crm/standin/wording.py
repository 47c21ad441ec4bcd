"""What Odoo says, by version: the texts of answers/*.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "answers"
# Of the classes below; every other exception is code 1.
CODES = {
    "odoo.exceptions.UserError": 2,
    "odoo.exceptions.ValidationError": 2,
    "odoo.exceptions.MissingError": 2,
    "odoo.exceptions.AccessDenied": 3,
    "odoo.exceptions.AccessError": 4,
}
# Every other exception is HTTP 500 over JSON-2.
STATUSES = {
    "odoo.exceptions.UserError": 422,
    "odoo.exceptions.ValidationError": 422,
    "odoo.exceptions.MissingError": 404,
    "odoo.exceptions.AccessDenied": 403,
    "odoo.exceptions.AccessError": 403,
    "werkzeug.exceptions.Unauthorized": 401,
    "werkzeug.exceptions.NotFound": 404,
    "werkzeug.exceptions.UnprocessableEntity": 422,
}


class OdooFault(Exception):
    """A refusal as the server raises it: full class name and message."""

    def __init__(self, key: str, name: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.key, self.name, self.message, self.values = key, name, message, values

    @property
    def code(self) -> int:
        return CODES.get(self.name, 1)

    @property
    def status(self) -> int:
        return STATUSES.get(self.name, 500)

    def traceback(self) -> str:
        """The text of fault code 1 and of JSON-2's `debug`."""
        shown = self.name.removeprefix("builtins.")
        return (
            "Traceback (most recent call last):\n"
            '  File "/usr/lib/python3/dist-packages/odoo/service/model.py", line 163, in retrying\n'
            "    result = func()\n"
            f"{shown}: {self.message}"
        )


@cache
def entries(page: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / f"{page}.toml").read_text("utf-8"))


def text(page: str, key: str, version: int, **values: Any) -> str:
    entry = entries(page)[key]
    # The oldest table that still covers this version; without one, today's text.
    limits = sorted(int(name) for name in entry if name.isdigit() and int(name) >= version)
    template: str = entry[str(limits[0])]["text"] if limits else entry["text"]
    return template.format(**values)


def fault(key: str, version: int, **values: Any) -> OdooFault:
    said = text("faults", key, version, **values)
    about = {name: value for name, value in values.items() if name in ("field", "label")}
    return OdooFault(key, entries("faults")[key]["name"], said, **about)
