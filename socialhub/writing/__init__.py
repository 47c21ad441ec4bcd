"""Writing help: one interface, and the writer that needs no AI. No ORM, no Celery, no settings."""

from socialhub.writing.deterministic import DeterministicWriter
from socialhub.writing.writer import (
    MAX_PARTS,
    Explain,
    Fits,
    MadeBy,
    Rewording,
    Source,
    SourceKind,
    Variation,
    WhyNot,
    Writer,
    Written,
)

__all__ = [
    "MAX_PARTS",
    "DeterministicWriter",
    "Explain",
    "Fits",
    "MadeBy",
    "Rewording",
    "Source",
    "SourceKind",
    "Variation",
    "WhyNot",
    "Writer",
    "Written",
    "vary",
]

_writer: Writer = DeterministicWriter()

vary = _writer.vary
