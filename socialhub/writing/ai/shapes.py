"""The form of the answers, checked by pydantic."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from socialhub.writing.ai.errors import AIError

Model = TypeVar("Model", bound=BaseModel)


class SeriesAnswer(BaseModel):
    # No limits on lengths here: not every endpoint takes them in a schema. checks.py has them.
    model_config = ConfigDict(extra="forbid", strict=True)

    parts: list[str]


class TextAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: str


def read(shape: type[Model], text: str) -> Model:
    """The answer as pydantic takes it. Raises AIError "unreadable" saying what is wrong."""
    try:
        return shape.model_validate_json(json_of(text))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise AIError("unreadable", f"{where}: {first['msg']}" if where else first["msg"]) from None


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
