from __future__ import annotations

import pytest

from threads.rendering.takumi import TakumiRenderer


@pytest.fixture(scope="session")
def takumi():
    """The built-in renderer, kept for all tests that leave it as it is."""
    renderer = TakumiRenderer()
    yield renderer
    renderer.close()


@pytest.fixture
def own_takumi():
    """own_takumi(limits) → a renderer with a process of its own."""
    made = []

    def make(limits=None):
        made.append(TakumiRenderer(limits))
        return made[-1]

    yield make
    for renderer in made:
        renderer.close()
