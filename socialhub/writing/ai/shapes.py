"""The form of the answers, checked by pydantic."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from socialhub.writing.ai.errors import AIError


class SeriesAnswer(BaseModel):
    # No limits on lengths here: not every endpoint takes them in a schema. checks.py has them.
    model_config = ConfigDict(extra="forbid", strict=True)

    parts: list[str]


class TextAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: str


def json_of(text: str) -> str:
    """The object in an answer: without a fence, an introduction, or thoughts before it."""
    text = text.rpartition("</think>")[2]
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise AIError("unreadable", "no JSON in the answer")
    return text[start : end + 1]


def parts_so_far(text: str) -> list[str]:
    """The parts of a half-written series that are already complete."""
    from pydantic_core import from_json

    text = text.rpartition("</think>")[2]
    start = text.find("{")
    if start < 0:
        return []
    try:
        found = from_json(text[start:], allow_partial=True)
    except ValueError:
        return []
    parts = found.get("parts") if isinstance(found, dict) else None
    return [part for part in parts if isinstance(part, str)] if isinstance(parts, list) else []
