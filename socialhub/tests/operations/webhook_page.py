"""The payloads that docs/webhooks.md promises."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


def documented(event: str) -> dict[str, Any]:
    """The example of an event."""
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    found = {block["type"]: block for block in map(json.loads, blocks)}
    return found[event]


def shape(value: Any) -> Any:
    """The names in a message, and which kind of value each has."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return type(value).__name__
