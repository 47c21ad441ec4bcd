"""What an endpoint understands, learned from its refusals. Kept per process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socialhub.writing.ai.client import Ask
    from socialhub.writing.ai.endpoint import Endpoint

# How it is told the form of the answer, the strictest first. The prompts ask for JSON anyway.
FORMATS = ("json_schema", "json_object", "text")
_ABOUT_FORMAT = ("response_format", "json_schema", "json_object", "structured output", "guided_")


@dataclass(slots=True)
class Habits:
    """Starts with what OpenAI documents; each thing is given up once, when it is refused."""

    format: str = FORMATS[0]
    limit: str = "max_completion_tokens"
    streams: bool = True
    reports_usage: bool = True
    given_up: set[str] = field(default_factory=set)

    def request(self, model: str, ask: Ask) -> dict[str, Any]:
        """The arguments for the SDK."""
        request: dict[str, Any] = {"model": model, "messages": list(ask.messages)}
        if self.limit:
            request[self.limit] = ask.max_tokens
        if self.format == "json_schema":
            form = {"name": ask.schema["title"], "strict": True, "schema": ask.schema}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self.format == "json_object":
            request["response_format"] = {"type": "json_object"}
        if ask.on_text is not None and self.streams:
            request["stream"] = True
            if self.reports_usage:
                request["stream_options"] = {"include_usage": True}
        return request

    def learn(self, refusal: str) -> bool:
        """Give up what the refusal names; False when it names nothing of ours."""
        said = refusal.casefold()
        if "stream_options" in said and self.reports_usage:
            self.reports_usage = False
        elif self.limit and self.limit in said:
            self.given_up.add(self.limit)
            others = ("max_completion_tokens", "max_tokens")
            self.limit = next((name for name in others if name not in self.given_up), "")
        elif self.format != FORMATS[-1] and any(word in said for word in _ABOUT_FORMAT):
            self.format = FORMATS[FORMATS.index(self.format) + 1]
        elif "stream" in said and self.streams:
            self.streams = False
        else:
            return False
        return True


_known: dict[tuple[str, str], Habits] = {}


def habits_of(endpoint: Endpoint) -> Habits:
    """What is known of this model at this address."""
    return _known.setdefault((endpoint.base_url, endpoint.model), Habits())
