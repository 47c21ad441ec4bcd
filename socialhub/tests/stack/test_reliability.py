"""Every fault × every network, and the page that shows it."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from socialhub.platforms.registry import ADAPTERS
from socialhub.services import media
from socialhub.tests.factories import UserFactory
from socialhub.tests.stack.cells import BAD, Cell, needed_a_person, was_unknown
from socialhub.tests.stack.course import Course
from socialhub.tests.stack.networks import (
    MastodonNetwork,
    Network,
    SandboxNetwork,
    StandInNetwork,
)
from socialhub.tests.stack.page import page
from socialhub.tests.support.workers import Crew

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reliability.md"
# These have no stand-in made from the kit.
OTHERS = {"sandbox", "mastodon", "bluesky"}
# Set by ./run.sh reliability.
WRITE = "SOCIALHUB_RELIABILITY_PAGE"


@pytest.fixture
def networks(sandbox: Any, mastodon: Any, mastodon_plain: Any, standins: Any) -> list[Network]:
    found: list[Network] = [
        SandboxNetwork(sandbox),
        MastodonNetwork(mastodon),
        MastodonNetwork(mastodon_plain, "mastodon_plain"),
    ]
    for slug in sorted(set(ADAPTERS) - OTHERS):
        found.append(StandInNetwork(standins(slug), slug))
    return found


@pytest.fixture
def picture(crew: Crew, settings: Any) -> Any:
    """A square JPEG where the workers look for it."""
    settings.MEDIA_ROOT = str(crew.var / "media")
    content = io.BytesIO()
    Image.new("RGB", (640, 640), "teal").save(content, "JPEG")
    file = SimpleUploadedFile("teal.jpg", content.getvalue(), "image/jpeg")
    return media.upload(UserFactory(is_superuser=True), file, alt_text="A teal square")


@pytest.mark.parametrize("network", ["all"])
def test_no_fault_on_any_network_doubles_or_loses_a_post(
    network: str, crew: Crew, networks: list[Network], picture: Any, live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_MEDIA_URL = live_server.url
    course = Course(crew, networks, picture)
    course.env = {"PUBLIC_MEDIA_URL": live_server.url, **addresses(networks)}

    course.run()

    made = page(course.cells)
    assert BAD not in made, made
    for one in networks:
        assert settled_alone(one, course.cells) >= least_settled(one), one.name
    if os.environ.get(WRITE):
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def settled_alone(network: Network, cells: list[Cell]) -> float:
    """The share of unknown outcomes that no person was asked about."""
    hit = [c.hit for c in cells if c.network is network and was_unknown(c.hit)]
    assert hit
    return sum(not needed_a_person(row) for row in hit) / len(hit)


def least_settled(network: Network) -> float:
    """A network that cannot be asked leaves every question to a person."""
    slug = network.name.removesuffix("_plain")
    return 0.0 if ADAPTERS[slug].capabilities.repeat == "blind" else 0.9


def addresses(networks: list[Network]) -> dict[str, str]:
    """Where workers find the networks whose address is a setting."""
    return {
        f"{network.name.upper()}_API_BASE": network.server.base_url
        for network in networks
        if isinstance(network, StandInNetwork)
    }
