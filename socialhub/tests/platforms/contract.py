"""What every adapter must keep, whatever its network. `test_contract.py` runs it for all of them.

An adapter's own tests show that it understands its network; this shows that it keeps the
promises that screens and the publishing engine rest on.
"""

from __future__ import annotations

import re
import socket
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from socialhub import http
from socialhub.platforms.base import (
    COUNTERS,
    Audience,
    Authorization,
    Capabilities,
    Connection,
    Draft,
    MediaFile,
    Payload,
    PlatformAdapter,
    Profile,
    RemoteRef,
)
from socialhub.platforms.errors import PlatformError, Unavailable

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "do-not-show-this"
CONTENT_TYPES = {"text", "image", "carousel", "link", "video", "product", "service", "thread"}
# Every code a screen has a sentence for.
PROBLEM_CODES = {
    "text_too_long",
    "text_too_many_bytes",
    "empty",
    "too_many_images",
    "alt_text_missing",
    "alt_text_too_long",
    "replies_not_allowed",
}
FAMILY = "👨‍👩‍👧‍👦"
# Text → its length in each unit; checked against each other's reference implementations
# (Intl.Segmenter, the official twitter-text).
LENGTHS: dict[str, dict[str, int]] = {
    "hello": {"weighted": 5, "graphemes": 5, "utf16": 5, "bytes": 5},
    FAMILY: {"weighted": 2, "graphemes": 1, "utf16": 11, "bytes": 25, "emoji_bytes": 25},
    "🙋🏽": {"weighted": 2, "graphemes": 1, "utf16": 4, "bytes": 8, "emoji_bytes": 8},
    "1️⃣": {"weighted": 2, "graphemes": 1, "utf16": 3, "bytes": 7, "emoji_bytes": 7},
    "🇩🇪": {"weighted": 2, "graphemes": 1, "utf16": 4, "bytes": 8, "emoji_bytes": 8},
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": {
        "weighted": 2,
        "graphemes": 1,
        "utf16": 14,
        "bytes": 28,
        "emoji_bytes": 28,
    },
    "中文": {"weighted": 4, "graphemes": 2, "utf16": 2, "bytes": 6},
    "cafe\u0301": {"weighted": 4, "graphemes": 4, "utf16": 5, "bytes": 6},
    "—…“”": {"weighted": 5, "graphemes": 4, "utf16": 4, "bytes": 12},
    "https://example.com/very/long/path?x=1": {
        "weighted": 23,
        "graphemes": 38,
        "utf16": 38,
        "bytes": 38,
    },
    "mail a@b.com": {"weighted": 12, "graphemes": 12, "utf16": 12, "bytes": 12},
}


class AdapterContract:
    """Subclass with a parametrised `adapter` fixture."""

    # -- data -----------------------------------------------------------------

    def test_names(self, adapter: PlatformAdapter) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,30}", adapter.slug)
        assert adapter.name
        assert adapter.connect_by
        assert adapter.connect_by <= {"secret", "oauth"}
        assert adapter.secret_label or "secret" not in adapter.connect_by
        assert adapter.default_server == "" or adapter.default_server.startswith("http")

    def test_capabilities_are_consistent(self, adapter: PlatformAdapter) -> None:
        caps = adapter.capabilities_for({})

        assert caps == adapter.capabilities
        assert isinstance(caps, Capabilities)
        assert caps.text_limit > 0
        assert caps.text_unit in {
            "graphemes",
            "characters",
            "utf16",
            "weighted",
            "emoji_bytes",
        }
        assert caps.byte_limit is None or caps.byte_limit >= caps.text_limit
        assert caps.metrics <= set(COUNTERS)
        assert caps.metrics_batch >= 1
        assert caps.read_price_usd is None or caps.read_price_usd > 0
        assert caps.repeat in {"idempotent", "look", "blind"}
        assert caps.repeat != "look" or caps.can_list_own
        assert caps.replies or not caps.threads
        assert all(count > 0 and seconds > 0 for count, seconds in caps.write_budget)

    def test_images_and_content_types_agree(self, adapter: PlatformAdapter) -> None:
        caps = adapter.capabilities

        assert caps.content_types <= CONTENT_TYPES
        assert ("image" in caps.content_types) == (caps.max_images >= 1)
        assert ("carousel" in caps.content_types) == (caps.max_images >= 2)
        assert all(mime.startswith("image/") for mime in caps.image_mimes)
        assert not caps.max_images or "image/jpeg" in caps.image_mimes
        assert not caps.max_images or caps.image_max_bytes >= 100_000

    def test_what_is_not_possible_has_a_reason(self, adapter: PlatformAdapter) -> None:
        caps = adapter.capabilities

        assert not set(caps.unsupported) & caps.content_types
        assert all(str(reason).strip() for reason in caps.unsupported.values())

    @pytest.mark.parametrize("text", LENGTHS, ids=ascii)
    def test_lengths(self, adapter: PlatformAdapter, text: str) -> None:
        caps = adapter.capabilities
        counted = adapter.count(text)

        expected = LENGTHS[text].get(caps.text_unit, len(text))
        if text.startswith("https://") and caps.link_length is not None:
            expected = caps.link_length
        assert (counted.count, counted.unit, counted.limit) == (
            expected,
            caps.text_unit,
            caps.text_limit,
        )
        if caps.byte_limit is not None:
            assert (counted.byte_count, counted.byte_limit) == (
                LENGTHS[text]["bytes"],
                caps.byte_limit,
            )

    # -- validation -------------------------------------------------------------

    @pytest.mark.parametrize(
        ("make", "codes"),
        [
            (lambda caps: fitting(caps, "a" * caps.text_limit), set()),
            (lambda caps: fitting(caps, "a" * (caps.text_limit + 1)), {"text_too_long"}),
            (lambda caps: draft(" \n"), {"empty"}),
            (lambda caps: draft("x", media=(image(""),)), {"alt_text_missing"}),
            (
                lambda caps: draft("x", media=(image("a"),) * (caps.max_images + 1)),
                {"too_many_images"},
            ),
        ],
        ids=["longest", "too long", "empty", "no alt text", "too many images"],
    )
    def test_problems(
        self, adapter: PlatformAdapter, make: Callable[[Capabilities], Draft], codes: set[str]
    ) -> None:
        made = make(adapter.capabilities)

        found = {problem.code for problem in adapter.validate(made)}

        assert found == codes
        assert found <= PROBLEM_CODES

    def test_too_many_bytes(self, adapter: PlatformAdapter) -> None:
        caps = adapter.capabilities
        text = FAMILY * min(caps.text_limit, 160)
        limit = caps.byte_limit

        found = {problem.code for problem in adapter.validate(draft(text))}

        too_many = limit is not None and len(text.encode()) > limit
        assert ("text_too_many_bytes" in found) == too_many

    def test_replies_can_be_switched_off(self, adapter: PlatformAdapter) -> None:
        answer = draft("x", parent=RemoteRef("1"))

        found = {problem.code for problem in adapter.validate(answer, {"replies": False})}

        assert "replies_not_allowed" in found

    def test_every_problem_has_numbers_for_its_sentence(self, adapter: PlatformAdapter) -> None:
        caps = adapter.capabilities
        for problem in adapter.validate(fitting(caps, "a" * (caps.text_limit + 1))):
            assert problem.params["count"] > problem.params["limit"]

    # -- errors and secrets -------------------------------------------------------

    def test_a_server_that_is_down_means_unavailable(self, adapter: PlatformAdapter) -> None:
        here = connection(adapter, closed_port())

        for call in calls(adapter, here):
            with pytest.raises(Unavailable) as caught:
                call()
            assert caught.value.certainly_not_out
            assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"

    def test_a_private_address_is_refused(self, adapter: PlatformAdapter, settings: Any) -> None:
        settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []

        for call in calls(adapter, connection(adapter, closed_port())):
            with pytest.raises(PlatformError) as caught:
                call()
            assert isinstance(caught.value.__cause__, http.AddressRefused)

    def test_an_audience_never_asked_for_is_unknown(self, adapter: PlatformAdapter) -> None:
        if adapter.capabilities.reports_audience:
            assert type(adapter).audience is not PlatformAdapter.audience
        else:
            assert adapter.audience(connection(adapter, closed_port())) == Audience()

    def test_the_doctor_reports_instead_of_raising(self, adapter: PlatformAdapter) -> None:
        checks = adapter.doctor(connection(adapter, closed_port()))

        assert [(check.code, check.ok) for check in checks] == [("reachable", False)]
        assert SECRET not in repr(checks)

    def test_secrets_do_not_show(self, adapter: PlatformAdapter) -> None:
        secrets = {"token": SECRET}

        for shown in (
            Connection(adapter.slug, "https://example.com", secrets=secrets),
            Profile("1", "me", secrets=secrets),
            Authorization("https://example.com", secrets=secrets),
        ):
            assert SECRET not in repr(shown)


def draft(text: str, **more: Any) -> Draft:
    return Draft(text, str(uuid.UUID(int=7)), AT, **more)


def fitting(caps: Capabilities, text: str) -> Draft:
    """A draft with an image where there are no posts without one."""
    return draft(text, media=(image("a"),) if caps.requires_media else ())


def image(alt_text: str) -> MediaFile:
    return MediaFile("0" * 64, "image/png", 1, 1, 1, alt_text, lambda: b"")


def closed_port() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def connection(adapter: PlatformAdapter, server_url: str) -> Connection:
    """With every name an adapter may keep its token under."""
    secrets = dict.fromkeys(("token", "access", "refresh", "access_token"), SECRET)
    return Connection(adapter.slug, server_url, "did:plc:x", "me", secrets)


def calls(adapter: PlatformAdapter, here: Connection) -> list[Callable[[], object]]:
    """The calls that need the network, as far as every network has them."""
    payload = Payload(
        "key",
        "text",
        {"repo": "did:plc:x", "collection": "app.bsky.feed.post", "rkey": "k", "record": {}},
        created_at=AT,
    )
    found: list[Callable[[], object]] = [
        lambda: adapter.connect(here.server_url, "me", SECRET),
        lambda: adapter.commit(here, payload),
    ]
    if not adapter.capabilities.live_metrics:
        found.append(lambda: adapter.metrics(here, ["1"]))
    if adapter.capabilities.repeat != "blind":
        found.append(lambda: adapter.look(here, payload, since_id="", since=AT, taken=frozenset()))
    if adapter.capabilities.can_list_own:
        found.append(lambda: adapter.newest_own_id(here))
    if adapter.capabilities.reports_audience:
        found.append(lambda: adapter.audience(here))
    if adapter.capabilities.interactions:
        found.append(lambda: adapter.interactions(here, ""))
    return found
