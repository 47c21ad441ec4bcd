"""Pictures are drawn by the built-in renderer; its child process ends with the tests."""

from __future__ import annotations

import pytest

from socialhub.tests.api.conftest import (  # noqa: F401
    _nobody_asked_before,
    analyst,
    as_role,
    marketer,
)
from threads import rendering


@pytest.fixture(autouse=True)
def _built_in(settings):
    settings.RENDERER = "takumi"


@pytest.fixture(autouse=True, scope="session")
def _no_renderer_is_left():
    yield
    rendering.close_all()
