"""The writer that asks a model and believes nothing it says before it was checked."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence

from socialhub.writing.ai import checks, prompts
from socialhub.writing.ai.asking import Asker, Task
from socialhub.writing.ai.checks import House, Limits
from socialhub.writing.ai.endpoint import Endpoint
from socialhub.writing.ai.ledger import Ledger
from socialhub.writing.writer import (
    MAX_PARTS,
    Explain,
    Fits,
    MadeBy,
    Rewording,
    Source,
    Variation,
    WhyNot,
    Written,
)

OnParts = Callable[[list[str]], None]

# Models that think before they answer spend tokens on it: room for that.
LEAST_TOKENS = 4_000
MOST_TOKENS = 16_000
IMAGE_TOKENS = 2_000
# Of a long source; the rest is not sent.
MOST_MATERIAL = 40_000
ALT_TEXT_LENGTH = 500


class AIWriter:
    """See `socialhub.writing.writer.Writer`; its methods raise AIError besides."""

    made_by = MadeBy.AI

    def __init__(
        self,
        endpoint: Endpoint,
        ledger: Ledger,
        *,
        house: House | None = None,
        seconds: float = 120,
        on_parts: OnParts | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.endpoint, self.ledger, self.house = endpoint, ledger, house or House()
        self._seconds, self._on_parts, self._pause = seconds, on_parts, pause

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
        """Streamed: complete parts go to `on_parts` as they come, unchecked."""
        limits = _limits(fits, fits_last, explain)
        if min(checks.room(limits.fits), checks.room(limits.fits_last)) < 1:
            return Written((), self.made_by, WhyNot.NO_ROOM)
        task = self._series_task(source, language, parts, limits)
        return Written(self._asker().ask(task), self.made_by)

    def rewrite(
        self,
        text: str,
        *,
        language: str,
        instruction: str,
        fits: Fits,
        explain: Explain | None = None,
    ) -> Rewording:
        def faults(new: str) -> list[str]:
            return [
                *checks.of_words(new, house=self.house, known=f"{text} {instruction}"),
                *checks.of_keeping(text, new, exactly=False),
            ]

        wish = instruction.strip() or "Say it in other words."
        return self._reworded(
            "rewrite", text, language, _limits(fits, None, explain), faults, instruction=wish
        )

    def shorten(
        self, text: str, *, language: str, fits: Fits, explain: Explain | None = None
    ) -> Rewording:
        def faults(new: str) -> list[str]:
            return [
                *checks.of_words(new, house=self.house, known=text),
                *checks.of_keeping(text, new, exactly=False),
            ]

        if text.strip() and fits(text):
            return Variation(None, self.made_by, WhyNot.FITS)
        return self._reworded("shorten", text, language, _limits(fits, None, explain), faults)

    def vary(
        self,
        text: str,
        *,
        language: str,
        limit_check: Fits,
        seed: int | str,
        unlike: Sequence[str] = (),
    ) -> Variation:
        def faults(new: str) -> list[str]:
            return [
                *checks.of_words(new, house=self.house, known=text),
                *checks.of_keeping(text, new, exactly=True),
                *checks.of_likeness(new, [text, *unlike]),
            ]

        return self._reworded(
            "vary",
            text,
            language,
            _limits(limit_check, None, None),
            faults,
            seed=str(seed),
            unlike="\n\n".join(unlike)[:MOST_MATERIAL] or "-",
        )

    def alt_text(
        self, *, language: str, context: str, image: bytes | None = None, mime: str = ""
    ) -> Variation:
        if image is None and not context.strip():
            return Variation(None, self.made_by, WhyNot.NOTHING_KNOWN)
        limits = _limits(lambda text: len(text) <= ALT_TEXT_LENGTH, None, None)
        shown = f"data:{mime};base64,{base64.b64encode(image).decode()}" if image else ""
        task = self._text_task(
            "alt_text",
            language,
            limits,
            lambda new: checks.of_words(new, house=self.house, known=f"{context} {new}"),
            image=shown,
            material=context.strip() or "-",
        )
        found = self._asker().ask(task)
        return Variation(found or None, self.made_by, None if found else WhyNot.NOTHING_KNOWN)

    def _series_task(
        self, source: Source, language: str, parts: int | None, limits: Limits
    ) -> Task[tuple[str, ...]]:
        from socialhub.writing.ai import shapes

        room, material = checks.room(limits.fits), _material(source)

        def read(text: str) -> tuple[str, ...]:
            found = [checks.tidy(part) for part in shapes.read(shapes.SeriesAnswer, text).parts]
            return tuple(checks.without_number(p, n, len(found)) for n, p in enumerate(found, 1))

        def faults(found: tuple[str, ...]) -> list[str]:
            return checks.of_series(
                found,
                wanted=parts,
                limits=limits,
                house=self.house,
                language=language,
                known=material,
            )

        return Task(
            purpose="thread",
            prompt=prompts.load("series"),
            values=self._values(
                language,
                room,
                room_last=str(checks.room(limits.fits_last)),
                kind=source.kind.value,
                material=material,
                count=_count(parts),
            ),
            schema=shapes.SeriesAnswer.model_json_schema(),
            read=read,
            faults=faults,
            max_tokens=_tokens(room * (parts or MAX_PARTS)),
            on_text=self._streaming(),
        )

    # -- what the tasks share ------------------------------------------------------

    def _reworded(
        self,
        name: str,
        text: str,
        language: str,
        limits: Limits,
        faults: Callable[[str], list[str]],
        **values: str,
    ) -> Variation:
        if not text.strip():
            return Variation(None, self.made_by, WhyNot.EMPTY)

        def all_faults(new: str) -> list[str]:
            if not new or new == text:
                return ["empty" if not new else "the same as before"]
            return faults(new)

        task = self._text_task(name, language, limits, all_faults, material=text, **values)
        return Variation(self._asker().ask(task), self.made_by)

    def _text_task(
        self,
        name: str,
        language: str,
        limits: Limits,
        faults: Callable[[str], list[str]],
        image: str = "",
        **values: str,
    ) -> Task[str]:
        from socialhub.writing.ai import shapes

        room = checks.room(limits.fits)

        def all_faults(text: str) -> list[str]:
            too_long = limits.fault(text)
            found = [f"it is {too_long}"] if too_long else []
            return (
                found
                + [f"it is {each}" for each in faults(text)]
                + checks.of_language(text, language)
            )

        return Task(
            purpose=name,
            prompt=prompts.load(name),
            values=self._values(language, room, **values),
            schema=shapes.TextAnswer.model_json_schema(),
            read=lambda text: checks.tidy(shapes.read(shapes.TextAnswer, text).text),
            faults=all_faults,
            max_tokens=_tokens(room),
            image=image,
            image_tokens=IMAGE_TOKENS if image else 0,
        )

    def _values(self, language: str, room: int, **more: str) -> dict[str, str]:
        """The values every prompt may name."""
        voice, words = self.house.voice.strip(), ", ".join(self.house.forbidden)
        return {
            "language": checks.LANGUAGES.get(language.casefold()[:2], f'language "{language}"'),
            "room": str(room),
            "voice": f"- How the company sounds: {voice}\n" if voice else "",
            "forbidden": f"- Never use these words: {words}\n" if words else "",
            **more,
        }

    def _asker(self) -> Asker:
        return Asker(self.endpoint, self.ledger, seconds=self._seconds, pause=self._pause)

    def _streaming(self) -> Callable[[str], None] | None:
        """Tells `on_parts` whenever one more part is complete."""
        from socialhub.writing.ai import shapes

        tell, told, seen = self._on_parts, list[str](), 0
        if tell is None:
            return None

        def on_text(text: str) -> None:
            nonlocal told, seen
            new, seen = text[seen:], len(text)
            # A part ends with a quotation mark; reading all of it anew each time would be slow.
            parts = shapes.parts_so_far(text) if '"' in new else told
            if parts != told:
                told = parts
                tell(parts)

        return on_text


def _limits(fits: Fits, fits_last: Fits | None, explain: Explain | None) -> Limits:
    return Limits(fits, fits_last or fits, explain or (lambda text: ""))


def _count(parts: int | None) -> str:
    """How many parts, as the prompt says it."""
    if parts:
        return f"Exactly {parts} posts."
    return f"As many posts as the material needs, usually 3 to 8, never more than {MAX_PARTS}."


def _tokens(characters: int) -> int:
    return min(max(LEAST_TOKENS, characters), MOST_TOKENS)


def _material(source: Source) -> str:
    """All that is known of the subject, as one text."""
    lines = [source.title, source.text[:MOST_MATERIAL], *(f"- {fact}" for fact in source.facts)]
    lines += [f"Price: {source.price}"] if source.price else []
    lines += [f"Address: {source.url}"] if source.url else []
    return "\n\n".join(line for line in lines if line.strip())
