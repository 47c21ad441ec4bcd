"""Real workers for the tests of the whole way."""

from socialhub.tests.stack.conftest import crew

__all__ = ["crew"]
