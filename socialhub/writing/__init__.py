"""Writing help: one interface, and the writer that needs no AI. No ORM, no Celery, no settings."""

from socialhub.writing.deterministic import DeterministicWriter
from socialhub.writing.writer import MadeBy, Variation, WhyNot, Writer

__all__ = ["DeterministicWriter", "MadeBy", "Variation", "WhyNot", "Writer", "vary"]

_writer: Writer = DeterministicWriter()

vary = _writer.vary
