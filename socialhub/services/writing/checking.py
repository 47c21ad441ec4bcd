"""Does the customer's key work? Asked of the real endpoint, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from socialhub.services.writing import calls, sentences
from socialhub.writing.ai import AIError, Endpoint, Usage
from socialhub.writing.ai.asking import Asker, Task
from socialhub.writing.ai.client import Client

SECONDS = 60.0
MOST_TOKENS = 2_000
# Nothing works without these; an endpoint that cannot stream only shows all parts at once.
NEEDED = ("configured", "reachable", "key_accepted", "model_known", "structured_output")
# Which line an error belongs to; what is not here belongs to the request that was made.
_LINES = {
    "address_refused": "reachable",
    "unreachable": "reachable",
    "redirected": "reachable",
    "key_refused": "key_accepted",
    "not_permitted": "key_accepted",
    "model_unknown": "model_known",
}


class _Counting(calls.Calls):
    """Also adds up the tokens of this check."""

    tokens: int | None = None

    def close(self, call: int, *, usage: Usage | None = None, **ended: Any) -> None:
        if usage is not None:
            told = (usage.input_tokens or 0) + (usage.output_tokens or 0)
            self.tokens = (self.tokens or 0) + told
        super().close(call, usage=usage, **ended)


def check() -> dict[str, Any]:
    """{"ok", "base_url", "model", "checks", "tokens", "seconds"}; "tokens" None if unreported."""
    started, endpoint = time.monotonic(), calls.endpoint()
    found = _Lines()
    ledger = _Counting(None, settings.AI_MODEL)
    if endpoint is None:
        found.bad("configured", _("There is no key."), _("Set AI_API_KEY, AI_BASE_URL, AI_MODEL."))
    else:
        found.good("configured", _("There is a key."))
        _examine(endpoint, ledger, found)
    return {
        "ok": all(found.lines.get(code, {}).get("ok") for code in NEEDED),
        "base_url": Endpoint(settings.AI_BASE_URL, "", "").shown_url,
        "model": settings.AI_MODEL,
        "checks": list(found.lines.values()),
        "tokens": ledger.tokens,
        "seconds": round(time.monotonic() - started, 1),
    }


def _examine(endpoint: Endpoint, ledger: _Counting, found: _Lines) -> None:
    try:
        offered = Client(endpoint, time.monotonic() + SECONDS).models()
    except AIError as exc:
        # Not every endpoint has a list of models; the first text shows the rest.
        if found.failed(exc, only=("reachable", "key_accepted")):
            return
        offered = []
    if offered:
        found.good("reachable", _("It answers."))
        found.good("key_accepted", _("It accepts the key."))
    try:
        _ask(endpoint, ledger)
    except AIError as exc:
        if found.failed(exc):
            return
        if exc.code in ("not_as_asked", "unreadable", "refused", "cut_short"):
            found.knows_all()
        found.bad("structured_output", sentences.failure(exc), _("Try another AI_MODEL."))
        return
    found.knows_all()
    form = Client(endpoint, 0).habits.format
    found.good("structured_output", _("It answers as asked (%(form)s).") % {"form": form})
    _check_streaming(endpoint, ledger, found)


def _check_streaming(endpoint: Endpoint, ledger: _Counting, found: _Lines) -> None:
    pieces: list[str] = []
    remedy = _("Series will appear all at once instead of part by part.")
    try:
        _ask(endpoint, ledger, pieces.append)
    except AIError as exc:
        found.bad("streaming", sentences.failure(exc), remedy)
        return
    if pieces and Client(endpoint, 0).habits.streams:
        found.good("streaming", _("The text comes piece by piece."))
    else:
        found.bad("streaming", _("It does not stream."), remedy)


def _ask(
    endpoint: Endpoint, ledger: _Counting, on_text: Callable[[str], None] | None = None
) -> str:
    from socialhub.writing.ai import prompts, shapes

    return Asker(endpoint, ledger, seconds=SECONDS).ask(
        Task(
            purpose="check",
            prompt=prompts.load("check"),
            values={},
            schema=shapes.TextAnswer.model_json_schema(),
            read=lambda text: shapes.read(shapes.TextAnswer, text).text,
            faults=lambda text: [] if text.strip() else ["it is empty"],
            max_tokens=MOST_TOKENS,
            on_text=on_text,
        )
    )


class _Lines:
    """The lines of the check by code, in the order they were found."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[str, Any]] = {}

    def good(self, code: str, message: str) -> None:
        self.lines[code] = {"code": code, "ok": True, "message": message, "remedy": ""}

    def bad(self, code: str, message: str, remedy: str) -> None:
        self.lines[code] = {"code": code, "ok": False, "message": message, "remedy": remedy}

    def knows_all(self) -> None:
        """The model itself answered."""
        self.good("reachable", _("It answers."))
        self.good("key_accepted", _("It accepts the key."))
        self.good("model_known", _("It knows the model."))

    def failed(self, exc: AIError, only: tuple[str, ...] = NEEDED) -> bool:
        """Note the error on the line it belongs to; False when there is none."""
        line = _LINES.get(exc.code, "")
        if line not in only:
            return False
        order = NEEDED.index(line)
        if order > 1:
            self.good("reachable", _("It answers."))
        if order > 2:
            self.good("key_accepted", _("It accepts the key."))
        what, _stop, remedy = sentences.failure(exc).partition(". ")
        self.bad(line, f"{what.rstrip('.')}.", remedy)
        return True
