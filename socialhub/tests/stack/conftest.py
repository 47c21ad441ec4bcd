"""Networks of the fault matrix, and a crew of real worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from socialhub.tests.stack.networks import (
    BlueskyNetwork,
    MastodonNetwork,
    Network,
    SandboxNetwork,
    bluesky_addresses,
)
from socialhub.tests.support import faulty_proxy
from socialhub.tests.support.workers import Crew


@pytest.fixture
def crew(tmp_path: Path, transactional_db: None) -> Iterator[Crew]:
    crew = Crew(tmp_path)
    yield crew
    crew.stop()


@pytest.fixture(scope="session")
def _faulty_bluesky_process() -> Iterator[Any]:
    pds, _control = bluesky_addresses()
    with faulty_proxy.running(pds) as proxy:
        yield proxy


@pytest.fixture
def faulty_bluesky(_faulty_bluesky_process: Any) -> Any:
    """The real PDS behind a proxy that loses answers."""
    _faulty_bluesky_process.clear()
    return _faulty_bluesky_process


@pytest.fixture(params=["sandbox", pytest.param("bluesky", marks=pytest.mark.realnet)])
def network(request: Any) -> Network:
    """One after the other; test_reliability.py has the faults on all others. `mastodon_plain`
    ignores the Idempotency-Key."""
    if request.param == "sandbox":
        return SandboxNetwork(request.getfixturevalue("sandbox"))
    if request.param == "bluesky":
        pds, control = bluesky_addresses()
        return BlueskyNetwork(request.getfixturevalue("faulty_bluesky"), pds, control)
    return MastodonNetwork(request.getfixturevalue(request.param), request.param)
