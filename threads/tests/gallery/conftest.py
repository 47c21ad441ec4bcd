from __future__ import annotations

from threads.tests.rendering.conftest import takumi  # noqa: F401
