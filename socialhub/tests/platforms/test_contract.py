"""Every registered adapter keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from socialhub.platforms.base import PlatformAdapter
from socialhub.platforms.registry import ADAPTERS, UnknownPlatform, get_adapter
from socialhub.tests.platforms.contract import AdapterContract
from socialhub.tests.platforms.network_contract import (
    NetworkContract,
    Seat,
    jpeg,
    picture_at,
    take_seat,
)
from socialhub.tests.support import grumpy as moody


class TestEveryAdapter(AdapterContract):
    @pytest.fixture(params=sorted(ADAPTERS))
    def adapter(self, request: pytest.FixtureRequest) -> PlatformAdapter:
        return ADAPTERS[request.param]


class TestEveryNetwork(NetworkContract):
    @pytest.fixture(scope="class")
    def _grumpy(self) -> Iterator[moody.Grumpy]:
        with moody.running() as server:
            yield server

    @pytest.fixture
    def grumpy(self, _grumpy: moody.Grumpy) -> moody.Grumpy:
        _grumpy.reset()
        return _grumpy

    @pytest.fixture(scope="class")
    def pictures(self) -> Iterator[moody.Grumpy]:
        with moody.running() as server:
            server.says(200, jpeg(), "image/jpeg")
            yield server

    @pytest.fixture(params=sorted(ADAPTERS))
    def seat(self, request: pytest.FixtureRequest, pictures: moody.Grumpy) -> Seat:
        adapter = ADAPTERS[request.param]
        server = stand_in(request, adapter.slug)
        return take_seat(adapter, server, picture_at(f"{pictures.base_url}/teal.jpg"))


def stand_in(request: pytest.FixtureRequest, slug: str) -> Any:
    """The network of this machine that speaks the protocol; Bluesky's is not of our making."""
    if slug == "bluesky":
        return None
    if slug in ("sandbox", "mastodon"):
        return request.getfixturevalue(slug)
    return request.getfixturevalue("standins")(slug)


def test_adapters_are_found_by_slug() -> None:
    assert {slug: get_adapter(slug).slug for slug in ADAPTERS} == {slug: slug for slug in ADAPTERS}


def test_an_unknown_platform_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownPlatform):
        get_adapter("myspace")
