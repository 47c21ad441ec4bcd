"""Asking until the answer keeps to the rules, at most three times, and within the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from socialhub.writing.ai import prompts
from socialhub.writing.ai.client import Answer, Ask, Client
from socialhub.writing.ai.endpoint import Endpoint
from socialhub.writing.ai.errors import AIError
from socialhub.writing.ai.ledger import Ledger

# Answers we ask for, in all.
ANSWERS = 3
# Requests for one text whatever happens to them.
REQUESTS = 8
# The same request after a fault of the endpoint or the line.
REPEATS = 2
BACK_OFF_SECONDS = 1.0
# Characters per token, on the careful side.
TOKEN_CHARACTERS = 2.5

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Task(Generic[Shape]):
    """What to ask, how to read the answer, and what may be wrong with it.

    `read` raises AIError "unreadable" with the reason; `faults` are sentences for the model.
    """

    purpose: str
    prompt: prompts.Prompt
    values: Mapping[str, str]
    schema: dict[str, Any]
    read: Callable[[str], Shape]
    faults: Callable[[Shape], Sequence[str]]
    max_tokens: int
    on_text: Callable[[str], None] | None = None
    # Data URL of a picture, "" for none, and the tokens it may take.
    image: str = ""
    image_tokens: int = 0

    def messages(self) -> list[dict[str, Any]]:
        system, user = self.prompt.filled(dict(self.values))
        content: Any = user
        if self.image:
            content = [
                {"type": "text", "text": user},
                {"type": "image_url", "image_url": {"url": self.image}},
            ]
        return [{"role": "system", "content": system}, {"role": "user", "content": content}]

    def judged(self, answer: Answer) -> tuple[Shape | None, list[str]]:
        """What the answer says, None when it cannot be read, and what is wrong with it."""
        if answer.refused:
            return None, ["refused"]
        try:
            value = self.read(answer.text)
        except AIError as exc:
            if answer.finish == "length":
                return None, ["The answer was cut off: write less."]
            return None, [f"It is not the JSON that was asked for ({exc.detail})."]
        return value, list(self.faults(value))


class Asker:
    """Asks one endpoint, for at most `seconds` in all; every request goes through the ledger."""

    def __init__(
        self,
        endpoint: Endpoint,
        ledger: Ledger,
        *,
        seconds: float,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.endpoint, self.ledger, self._pause = endpoint, ledger, pause
        self.deadline = time.monotonic() + seconds
        self.requests = 0

    def ask(self, task: Task[Shape]) -> Shape:
        """The first answer without a fault. Raises AIError."""
        messages, faults = task.messages(), list[str]()
        for _number in range(ANSWERS):
            call, answer, started = self._request(task, messages)
            value, faults = task.judged(answer)
            outcome = "refused" if answer.refused else "invalid" if faults else "accepted"
            reason = "" if outcome == "accepted" else _reason(value, answer)
            self._close(call, started, outcome, reason, answer)
            if answer.refused:
                raise AIError("refused", "the model will not")
            if value is not None and not faults:
                return value
            messages += _complaint(answer, faults)
        raise AIError("not_as_asked", f"{len(faults)} faults after {ANSWERS} answers")

    def _request(
        self, task: Task[Shape], messages: Sequence[Mapping[str, Any]]
    ) -> tuple[int, Answer, float]:
        """One complete answer, through the passing faults of line and endpoint."""
        client, failed = Client(self.endpoint, self.deadline), 0
        ask = Ask(messages, task.schema, task.max_tokens, task.on_text)
        while True:
            self.requests += 1
            call, started = self._open(task, messages), time.monotonic()
            try:
                return call, client.complete(ask), started
            except AIError as exc:
                self._close(call, started, "failed", exc.code, worked=exc.may_have_worked)
                repeat = exc.code == "unsupported"
                if not repeat:
                    failed += 1
                    repeat = exc.retry and failed <= REPEATS and self._wait(exc, failed)
                if not repeat or self.requests >= REQUESTS:
                    raise
            except BaseException:
                # The worker is being stopped: what was asked may still cost.
                self._close(call, started, "failed", "interrupted")
                raise

    def _open(self, task: Task[Shape], messages: Sequence[Mapping[str, Any]]) -> int:
        asked = sum(len(str(message["content"])) for message in messages)
        asked -= len(task.image)
        return self.ledger.open(
            purpose=task.purpose,
            prompt=str(task.prompt),
            attempt=self.requests,
            reserve=int(asked / TOKEN_CHARACTERS) + task.image_tokens + task.max_tokens,
        )

    def _close(
        self,
        call: int,
        started: float,
        outcome: str,
        reason: str,
        answer: Answer | None = None,
        worked: bool = True,
    ) -> None:
        self.ledger.close(
            call,
            outcome=outcome,
            reason=reason,
            usage=answer.usage if answer else None,
            worked=worked,
            milliseconds=int((time.monotonic() - started) * 1000),
        )

    def _wait(self, exc: AIError, failed: int) -> bool:
        """Wait as long as the endpoint asked; False when that is past our own time."""
        seconds = exc.retry_after
        if seconds is None:
            seconds = BACK_OFF_SECONDS * 2 ** (failed - 1)
        if time.monotonic() + seconds >= self.deadline:
            return False
        self._pause(seconds)
        return True


def _reason(value: object, answer: Answer) -> str:
    if answer.refused:
        return "refused"
    return "unreadable" if value is None else "breaks_rules"


def _complaint(answer: Answer, faults: Sequence[str]) -> list[dict[str, Any]]:
    """The answer as it was, and what is wrong with it."""
    _system, user = prompts.load("again").filled({"reasons": "\n".join(f"- {f}" for f in faults)})
    return [
        {"role": "assistant", "content": answer.text or "{}"},
        {"role": "user", "content": user},
    ]
