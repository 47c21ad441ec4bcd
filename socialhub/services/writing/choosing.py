"""Who writes: AI where there is a key and the month's limits allow it, else nobody but us.

Nothing is ever written without AI in silence: the result says who wrote it and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from socialhub.models import Organisation
from socialhub.services.writing import calls, sentences
from socialhub.writing import (
    DeterministicWriter,
    Explain,
    Fits,
    MadeBy,
    Rewording,
    Source,
    Variation,
    Writer,
    Written,
)
from socialhub.writing.ai import AIError, AIWriter
from socialhub.writing.ai.checks import House
from socialhub.writing.ai.writer import OnParts

Made = TypeVar("Made", Written, Variation)


def is_configured() -> bool:
    """Is there a key for AI?"""
    return calls.endpoint() is not None


def writer(user: Any = None, *, on_parts: OnParts | None = None) -> Writer:
    """A writer that never raises for a fault of the AI.

    Its calls are on `user`'s account. Only for workers: with AI every method is a request.
    """
    endpoint = calls.endpoint()
    if endpoint is None:
        return DeterministicWriter()
    organisation = Organisation.get()
    ai = AIWriter(
        endpoint,
        calls.Calls(user, endpoint.model),
        house=house_of(organisation),
        seconds=settings.AI_SECONDS,
        on_parts=on_parts,
    )
    return _WithFallback(ai)


def house_of(organisation: Organisation) -> House:
    """The rules of the organisation that every text by AI keeps."""
    words = (line.strip() for line in organisation.forbidden_words.splitlines())
    return House(organisation.brand_voice, tuple(dict.fromkeys(word for word in words if word)))


class _WithFallback:
    """Asks AI first; when that fails for good, writes without and says so in `note`."""

    made_by = MadeBy.AI

    def __init__(self, ai: AIWriter) -> None:
        self._ai, self._plain = ai, DeterministicWriter()

    def series(
        self,
        source: Source,
        *,
        language: str,
        parts: int | None,
        fits: Fits,
        fits_last: Fits | None = None,
        explain: Explain | None = None,
    ) -> Written:
        return self._first(
            lambda writer: writer.series(
                source,
                language=language,
                parts=parts,
                fits=fits,
                fits_last=fits_last,
                explain=_for_the_model(explain),
            )
        )

    def rewrite(
        self,
        text: str,
        *,
        language: str,
        instruction: str,
        fits: Fits,
        explain: Explain | None = None,
    ) -> Rewording:
        return self._first(
            lambda writer: writer.rewrite(
                text,
                language=language,
                instruction=instruction,
                fits=fits,
                explain=_for_the_model(explain),
            )
        )

    def shorten(
        self, text: str, *, language: str, fits: Fits, explain: Explain | None = None
    ) -> Rewording:
        return self._first(
            lambda writer: writer.shorten(
                text, language=language, fits=fits, explain=_for_the_model(explain)
            )
        )

    def vary(
        self,
        text: str,
        *,
        language: str,
        limit_check: Fits,
        seed: int | str,
        unlike: Sequence[str] = (),
    ) -> Variation:
        return self._first(
            lambda writer: writer.vary(
                text, language=language, limit_check=limit_check, seed=seed, unlike=unlike
            )
        )

    def alt_text(
        self, *, language: str, context: str, image: bytes | None = None, mime: str = ""
    ) -> Variation:
        return self._first(
            lambda writer: writer.alt_text(
                language=language, context=context, image=image, mime=mime
            )
        )

    def _first(self, write: Callable[[Writer], Made]) -> Made:
        try:
            return write(self._ai)
        except AIError as exc:
            note = sentences.failure(exc)
        made = write(self._plain)
        if made.why_not is None:
            note = _("%(why)s Made without AI.") % {"why": note}
        return replace(made, note=" ".join(filter(None, (note, made.note))))


def _for_the_model(explain: Explain | None) -> Explain | None:
    """Models are told in English whatever the person reads."""
    if explain is None:
        return None

    def in_english(text: str) -> str:
        with translation.override("en"):
            return explain(text)

    return in_english
