"""Where to ask, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible address with its key. The key stays out of repr."""

    base_url: str
    model: str
    key: str = field(repr=False)

    @property
    def shown_url(self) -> str:
        """The address without login, query or fragment."""
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


@dataclass(frozen=True, slots=True)
class Prices:
    """Per million tokens; None = not known."""

    input: Decimal | None = None
    output: Decimal | None = None

    @property
    def known(self) -> bool:
        return self.input is not None and self.output is not None

    def of(self, input_tokens: int | None, output_tokens: int | None) -> Decimal | None:
        """What so many tokens cost; None without prices or without the numbers."""
        if self.input is None or self.output is None:
            return None
        if input_tokens is None or output_tokens is None:
            return None
        return (self.input * input_tokens + self.output * output_tokens) / MILLION
