"""The networks and workers of the core's stack tests."""

from socialhub.tests.stack.conftest import (  # noqa: F401
    _faulty_bluesky_process,
    crew,
    faulty_bluesky,
)
