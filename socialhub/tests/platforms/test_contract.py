"""Every registered adapter keeps the contract."""

from __future__ import annotations

import pytest

from socialhub.platforms.base import PlatformAdapter
from socialhub.platforms.registry import ADAPTERS, UnknownPlatform, get_adapter
from socialhub.tests.platforms.contract import AdapterContract


class TestEveryAdapter(AdapterContract):
    @pytest.fixture(params=sorted(ADAPTERS))
    def adapter(self, request: pytest.FixtureRequest) -> PlatformAdapter:
        return ADAPTERS[request.param]


def test_adapters_are_found_by_slug() -> None:
    assert {slug: get_adapter(slug).slug for slug in ADAPTERS} == {slug: slug for slug in ADAPTERS}


def test_an_unknown_platform_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownPlatform):
        get_adapter("myspace")
