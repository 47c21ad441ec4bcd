"""What a writer can be asked for, whoever writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

# Whether a text may go out as it is: every chosen network, with number and closing reserved.
Fits = Callable[[str], bool]
# By how much it does not, in words; "" when it fits.
Explain = Callable[[str], str]

MAX_PARTS = 25


class MadeBy(StrEnum):
    """Who wrote a text; shown beside it."""

    AI = "ai"
    DETERMINISTIC = "deterministic"


class WhyNot(StrEnum):
    """Why there is no text."""

    EMPTY = "empty"
    LANGUAGE = "language"
    NO_ROOM = "no_room"
    TOO_ALIKE = "too_alike"
    # More than MAX_PARTS parts, or more than were asked for.
    TOO_LONG = "too_long"
    # Fewer sentences or words than parts were asked for.
    TOO_SHORT = "too_short"
    # It fits as it is.
    FITS = "fits"
    # Nothing to write from: a topic alone, a picture nobody described.
    NOTHING_KNOWN = "nothing_known"


class SourceKind(StrEnum):
    """What a series is written from."""

    TOPIC = "topic"
    TEXT = "text"
    URL = "url"
    PRODUCT = "product"
    SERVICE = "service"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Source:
    """What is known about the subject. `price` is written as people of `language` write it."""

    kind: SourceKind
    title: str = ""
    text: str = ""
    facts: tuple[str, ...] = ()
    price: str = ""
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a series, () where there is none: `why_not` says why and `note` in words."""

    parts: tuple[str, ...]
    made_by: MadeBy
    why_not: WhyNot | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Variation:
    """Another wording of a text. `text` is None where there is none; `why_not` says why.

    `note` is what a person should know of how it was made (that AI was asked and failed).
    """

    text: str | None
    made_by: MadeBy
    why_not: WhyNot | None = None
    note: str = ""


# The same thing under the name that suits rewriting and shortening.
Rewording = Variation


class Writer(Protocol):
    """Writes for a marketer, who reads it before it goes out."""

    made_by: MadeBy

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
        """A series of so many parts, as many as it takes for None; each of them fits.

        `fits_last` is asked for the last part, which carries the closing.
        """
        ...

    def rewrite(
        self,
        text: str,
        *,
        language: str,
        instruction: str,
        fits: Fits,
        explain: Explain | None = None,
    ) -> Rewording:
        """The text anew, as `instruction` says ("friendlier"); "" for just another wording."""
        ...

    def shorten(
        self, text: str, *, language: str, fits: Fits, explain: Explain | None = None
    ) -> Rewording:
        """The text so that it fits, with its links, mentions, numbers and prices."""
        ...

    def vary(
        self,
        text: str,
        *,
        language: str,
        limit_check: Fits,
        seed: int | str,
        unlike: Sequence[str] = (),
    ) -> Variation:
        """Say the same in another wording.

        Links, mentions, hashtags, numbers and prices stay as they are. The result differs from
        `text` and from each of `unlike` (earlier wordings), and `limit_check` accepts it.
        Without AI the same seed gives the same wording.
        """
        ...

    def alt_text(
        self, *, language: str, context: str, image: bytes | None = None, mime: str = ""
    ) -> Variation:
        """What a picture shows, from the picture or from what is known about it (`context`)."""
        ...
