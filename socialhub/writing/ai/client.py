"""One request to the endpoint through the SDK, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from socialhub.writing.ai.endpoint import Endpoint
from socialhub.writing.ai.errors import AIError
from socialhub.writing.ai.habits import Habits, habits_of
from socialhub.writing.ai.ledger import Usage

if TYPE_CHECKING:
    import openai

    from socialhub.writing.ai.door import Door

Message = Mapping[str, Any]
JSON = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """What to send. `on_text` gets all text so far whenever more has come (streaming)."""

    messages: Sequence[Message]
    schema: JSON
    max_tokens: int
    on_text: Callable[[str], None] | None = None


@dataclass(slots=True)
class Answer:
    """What came. `finish` is the endpoint's word for why it ended, "" for none."""

    text: str = field(default="", repr=False)
    usage: Usage | None = None
    finish: str = ""
    refused: bool = False

    @property
    def is_whole(self) -> bool:
        """Some endpoints name no reason at the end of a stream; the JSON must end then."""
        return bool(self.finish) or self.text.rstrip().endswith("}")


class Client:
    """Asks until `deadline` (of time.monotonic()). Raises AIError only."""

    def __init__(self, endpoint: Endpoint, deadline: float) -> None:
        self.endpoint = endpoint
        self.deadline = deadline
        self.habits: Habits = habits_of(endpoint)

    def complete(self, ask: Ask) -> Answer:
        """One answer. AIError "unsupported" means: the habits changed, ask again."""
        request = self.habits.request(self.endpoint.model, ask)
        if not request.get("stream"):
            return self._with_sdk(lambda sdk: _whole(sdk.chat.completions.create(**request)))
        answer = self._with_sdk(lambda sdk: _streamed(sdk.chat.completions.create(**request), ask))
        if answer is not None and answer.is_whole:
            return answer
        if time.monotonic() >= self.deadline:
            raise AIError("too_slow", "cut in the middle of the stream")
        if answer is None:
            # It may have answered in one piece, as some do whatever they are asked.
            self.habits.streams = False
            raise AIError("unsupported", "no event in the stream")
        raise AIError("cut_short", "the stream broke off", retry=True)

    def models(self) -> list[str]:
        """Names of the models the endpoint offers."""
        return self._with_sdk(lambda sdk: [model.id for model in sdk.models.list().data])

    def _with_sdk(self, call: Callable[[openai.OpenAI], T]) -> T:
        import httpx2
        import openai

        from socialhub.writing.ai.door import Door

        if time.monotonic() >= self.deadline:
            raise AIError("too_slow", "no time left", may_have_worked=False)
        if not self.endpoint.base_url.startswith(("http://", "https://")):
            raise AIError("address_refused", "no http address", may_have_worked=False)
        door = Door(self.deadline)
        try:
            with _sdk(self.endpoint, door) as sdk:
                return call(sdk)
        except AIError as exc:
            failure = exc
        except openai.APIStatusError as exc:
            failure = self._of_status(exc)
        except openai.APIError as exc:
            failure = door.failure or _in_stream(exc)
        except (httpx2.HTTPError, httpx2.StreamError, ValueError, TypeError, AttributeError) as exc:
            # The SDK does not validate: odd answers fail where they are read.
            failure = door.failure or AIError("unreadable", type(exc).__name__, retry=True)
        # Raised out here it holds no trace of what it was made of: that may quote the key.
        failure.__context__ = None
        raise failure

    def _of_status(self, exc: openai.APIStatusError) -> AIError:
        status, code = exc.status_code, str(exc.code or exc.type or "")
        if status in (400, 422):
            if "content" in code and ("filter" in code or "policy" in code):
                return AIError("refused", code_of(code), may_have_worked=False)
            if self.habits.learn(f"{exc.message} {exc.param or ''} {exc.body}"):
                return AIError("unsupported", "", may_have_worked=False)
        if status == 429 and code != "insufficient_quota":
            wait = _seconds(exc.response.headers)
            return AIError("rate_limited", "", may_have_worked=False, retry=True, retry_after=wait)
        if status == 429:
            return AIError("out_of_credit", f"status {status}", may_have_worked=False)
        if status in (408, 409) or status >= 500:
            wait = _seconds(exc.response.headers)
            return AIError("server_error", f"status {status}", retry=True, retry_after=wait)
        named = {401: "key_refused", 402: "out_of_credit", 403: "not_permitted"}
        named[404] = "model_unknown"
        return AIError(
            named.get(status, "request_refused"), f"status {status}", may_have_worked=False
        )


@contextmanager
def _sdk(endpoint: Endpoint, door: Door) -> Iterator[openai.OpenAI]:
    import httpx2
    import openai

    plain = {"Accept-Encoding": "identity"}
    with (
        httpx2.Client(
            transport=door, trust_env=False, follow_redirects=False, headers=plain
        ) as client,
        # Who waits how long before asking again is decided in asking.py.
        openai.OpenAI(
            api_key=endpoint.key, base_url=endpoint.base_url, http_client=client, max_retries=0
        ) as sdk,
    ):
        yield sdk


def code_of(said: str) -> str:
    """A code of the endpoint, only when it looks like one."""
    return said if said.replace("_", "").isalnum() and len(said) <= 40 else ""


def _in_stream(exc: openai.APIError) -> AIError:
    """An error the endpoint reported in the middle of a stream."""
    return AIError("server_error", code_of(str(exc.code or "")), retry=True)


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After, as seconds or as a date."""
    from email.utils import parsedate_to_datetime

    said = headers.get("retry-after", "").strip()
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _usage(reported: Any) -> Usage | None:
    """Tokens as reported; None unless both are there."""
    counts = [getattr(reported, name, None) for name in ("prompt_tokens", "completion_tokens")]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        return None
    return Usage(counts[0], counts[1])


def _whole(completion: Any) -> Answer:
    choices = getattr(completion, "choices", None)
    if not choices:
        raise AIError("unreadable", "no choice in the answer", retry=True)
    message, usage = choices[0].message, _usage(completion.usage)
    finish = str(choices[0].finish_reason or "")
    refused = bool(getattr(message, "refusal", None)) or finish == "content_filter"
    return Answer(str(message.content or ""), usage, finish, refused)


def _streamed(stream: Any, ask: Ask) -> Answer | None:
    """What came, complete or not; None when there was not one event."""
    answer, chunk = Answer(), None
    with stream:
        for chunk in stream:
            answer.usage = _usage(getattr(chunk, "usage", None)) or answer.usage
            for choice in (chunk.choices or [])[:1]:
                answer.finish = str(choice.finish_reason or answer.finish)
                answer.refused |= bool(getattr(choice.delta, "refusal", None))
                if choice.delta.content:
                    answer.text += choice.delta.content
                    if ask.on_text is not None:
                        ask.on_text(answer.text)
    answer.refused |= answer.finish == "content_filter"
    return answer if chunk is not None else None
