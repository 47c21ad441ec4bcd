"""What goes into the verbs of a series, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from socialhub.models import Account, MediaAsset, Publication


@dataclass(frozen=True, slots=True)
class PartData:
    """One part as a person wrote it, without number and call to action.

    `overrides` is another text by account id. With `id` the part keeps its row wherever it
    stands; when no part has one, rows are kept by place.
    """

    text: str = ""
    link: str = ""
    track_link: bool = False
    media: Sequence[MediaAsset] = ()
    overrides: Mapping[int, str] = field(default_factory=dict)
    picture: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An account, and how the parts hang together there; "" is a chain of replies."""

    account: Account
    mode: str = ""


@dataclass(frozen=True, slots=True)
class SeriesProblem:
    """One reason why a series cannot go out. Without position or account it is all of them."""

    code: str
    sentence: str
    position: int | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class PartPreview:
    """A part as it will look on one account; `text` has number, call to action and link."""

    position: int
    text: str
    count: int
    unit: str
    limit: int
    bytes: int | None
    byte_limit: int | None
    ok: bool
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class AccountPreview:
    """The whole chain on one account; `refused` says why it cannot go out there like this."""

    account: Account
    mode: str
    refused: str
    parts: list[PartPreview]


@dataclass(frozen=True, slots=True)
class Resumed:
    """What `resume` did with a publication: "sent" again, or "looked" for on the network."""

    publication: Publication
    how: str
