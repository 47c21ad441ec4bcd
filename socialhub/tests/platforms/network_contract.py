"""What every adapter must keep towards its network, shown on a real socket.

A payload is made at the network's stand-in, then the network changes its mood: every answer is an
error, is lost, or cannot be read. What an adapter makes of it decides whether a post is sent again.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from socialhub import http
from socialhub.platforms import errors, wire
from socialhub.platforms.base import (
    COUNTERS,
    Connection,
    Draft,
    MediaFile,
    Metrics,
    Payload,
    PlatformAdapter,
)
from socialhub.services.accounts.apps import options_of
from socialhub.tests.stack.networks import HANDLES
from socialhub.tests.support.grumpy import Grumpy

# Status of every answer → what an adapter may make of it, whatever the body says.
REFUSALS: dict[int, tuple[type[errors.PlatformError], ...]] = {
    400: (errors.InvalidContent, errors.AuthRevoked),
    401: (errors.AuthExpired, errors.AuthRevoked),
    403: (errors.PermissionDenied, errors.AuthRevoked),
    404: (errors.NotFound,),
    413: (errors.InvalidContent,),
    429: (errors.RateLimited,),
}
# Answers that say nothing about what happened to the request.
SILENT = (500, 502, 503, 408, 302)
LOST = ("timeout_after_accept", "reset_after_accept", "unreadable_200", "reset_before")
NAME = "office"
# Where a stand-in calls an operation otherwise.
OPERATIONS = {
    ("sandbox", "interactions"): "notifications",
    ("mastodon", "interactions"): "notifications",
}


def somebody_comments(server: Any, slug: str, post_id: str) -> None:
    """Where comments are asked for only below posts that have some."""
    if slug in ("instagram", "linkedin"):
        server.post("comments", parent=post_id, text="How much?", author="ana")


def set_counters(server: Any, slug: str, post_id: str) -> None:
    """Where a network reports some counters only after something happened."""
    if slug == "sandbox":
        server.set_metrics(post_id, clicks=1)


@dataclass
class Seat:
    """An account on a network in a good mood, and a request that is ready to go."""

    adapter: PlatformAdapter
    here: Connection
    # The stand-in; None where the network has none.
    server: Any = None
    picture: MediaFile | None = None

    @property
    def secrets(self) -> list[str]:
        """What must never be shown."""
        tokens = [value for name, value in self.here.secrets.items() if not name.endswith("_at")]
        return [value for value in tokens if len(value) >= 8]

    def draft(self, text: str = "Hello from the contract") -> Draft:
        needed = self.picture if self.adapter.capabilities.requires_media else None
        media = (needed,) if needed else ()
        return Draft(text, str(uuid.uuid4()), datetime.now(UTC), media=media)

    def payload(self, text: str = "Hello from the contract") -> Payload:
        if self.server is None:
            record = {"$type": "app.bsky.feed.post", "text": text}
            body = {"repo": self.here.remote_id, "collection": "app.bsky.feed.post"}
            return Payload("key", text, {**body, "rkey": "k", "record": record}, created_at=NOW)
        return self.adapter.prepare(self.here, self.draft(text))

    def at(self, address: str) -> Connection:
        return replace(self.here, server_url=address)

    def reads(self, here: Connection, payload: Payload) -> dict[str, Callable[[], object]]:
        """Every call that may be repeated, as far as this network has it."""
        caps = self.adapter.capabilities
        found: dict[str, Callable[[], object]] = {}
        if not caps.live_metrics:
            found["metrics"] = lambda: self.adapter.metrics(here, ["1"])
        if caps.repeat != "blind":
            found["look"] = lambda: self.adapter.look(
                here, payload, since_id="", since=NOW, taken=frozenset()
            )
        if caps.can_list_own:
            found["newest"] = lambda: self.adapter.newest_own_id(here)
        if caps.interactions:
            found["interactions"] = lambda: self.adapter.interactions(here, "")
        if caps.reports_audience:
            found["audience"] = lambda: self.adapter.audience(here)
        return found


NOW = datetime.now(UTC)


def take_seat(adapter: PlatformAdapter, server: Any, picture: MediaFile) -> Seat:
    """Connect as a person would, with a token that the stand-in knows."""
    if server is None:
        secrets = dict.fromkeys(("access", "refresh"), "do-not-show-this")
        return Seat(adapter, Connection(adapter.slug, "", "did:plc:x", "me", secrets))
    typed = HANDLES.get(adapter.slug, NAME if adapter.slug == "sandbox" else "").format(name=NAME)
    secret = server.token(NAME)
    profile = adapter.connect(server.base_url, typed, secret)
    here = Connection(
        adapter.slug,
        server.base_url,
        profile.remote_id,
        profile.handle,
        profile.secrets,
        {**options_of(adapter), **profile.options},
    )
    return Seat(adapter, here, server, picture)


class NetworkContract:
    """Subclass with a parametrised fixture `seat`, and `grumpy`."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.4)
        monkeypatch.setitem(wire.read.__kwdefaults__, "timeout", 0.4)

    @pytest.fixture(autouse=True)
    def _nothing_shows(self, seat: Seat, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
        """No log record of any library holds a secret, at any level."""
        caplog.set_level("DEBUG")
        yield
        logged = "\n".join(
            f"{record.getMessage()} {record.args!r}"
            for phase in ("setup", "call")
            for record in caplog.get_records(phase)
        )
        for secret in seat.secrets:
            assert secret not in logged

    # -- the one request that matters -----------------------------------------------
    @pytest.mark.parametrize("status", REFUSALS)
    def test_a_refused_commit_is_certain(self, seat: Seat, grumpy: Grumpy, status: int) -> None:
        payload = seat.payload()
        grumpy.says(status)

        caught = raised(seat, lambda: seat.adapter.commit(seat.at(grumpy.base_url), payload))

        assert isinstance(caught, REFUSALS[status])
        assert caught.certainly_not_out
        assert grumpy.asked == 1

    @pytest.mark.parametrize("how", [*SILENT, *LOST])
    def test_a_commit_without_a_usable_answer_is_unknown(
        self, seat: Seat, grumpy: Grumpy, how: int | str
    ) -> None:
        payload = seat.payload()
        mood(grumpy, how)

        caught = raised(seat, lambda: seat.adapter.commit(seat.at(grumpy.base_url), payload))

        assert type(caught) is errors.OutcomeUnknown
        assert grumpy.asked == 1

    def test_a_guard_that_refuses_lets_no_byte_out(self, seat: Seat, grumpy: Grumpy) -> None:
        payload = seat.payload()

        def guard() -> None:
            raise http.RequestNotSent("not any more")

        caught = raised(seat, lambda: seat.adapter.commit(seat.at(grumpy.base_url), payload, guard))

        assert type(caught) is errors.Unavailable
        assert grumpy.asked == 0

    # -- reading --------------------------------------------------------------------
    @pytest.mark.parametrize("status", [401, 403, 429])
    def test_a_refused_read_says_why(self, seat: Seat, grumpy: Grumpy, status: int) -> None:
        payload = seat.payload()
        grumpy.says(status)

        for name, call in seat.reads(seat.at(grumpy.base_url), payload).items():
            assert isinstance(raised(seat, call), REFUSALS[status]), name

    @pytest.mark.parametrize("how", [*SILENT, *LOST])
    def test_a_read_without_a_usable_answer_is_tried_later(
        self, seat: Seat, grumpy: Grumpy, how: int | str
    ) -> None:
        payload = seat.payload()
        mood(grumpy, how)

        for name, call in seat.reads(seat.at(grumpy.base_url), payload).items():
            assert type(raised(seat, call)) is errors.Unavailable, name

    # -- limits ---------------------------------------------------------------------
    @pytest.mark.parametrize("operation", ["publish", "look", "metrics", "interactions"])
    def test_a_limit_names_its_end(self, seat: Seat, grumpy: Grumpy, operation: str) -> None:
        payload = seat.payload()
        here = seat.here
        if seat.server is None:
            reset = int((datetime.now(UTC) + timedelta(seconds=90)).timestamp())
            grumpy.says(429, RateLimit_Reset=str(reset))
            here = seat.at(grumpy.base_url)
        calls = {
            **seat.reads(here, payload),
            "publish": lambda: seat.adapter.commit(here, payload),
        }
        if operation not in calls:
            # Declared as such: `capabilities` decide what `reads` holds.
            return
        if seat.server is not None:
            earlier = seat.adapter.commit(here, seat.payload("An earlier one"))
            somebody_comments(seat.server, seat.adapter.slug, earlier.remote_id)
            name = OPERATIONS.get((seat.adapter.slug, operation), operation)
            seat.server.fault(name, "rate_limited", retry_after=90, times=5)

        caught = raised(seat, calls[operation])

        assert isinstance(caught, errors.RateLimited)
        assert caught.retry_at is not None
        assert caught.retry_at > datetime.now(UTC) + timedelta(seconds=60)

    # -- what is declared --------------------------------------------------------------
    def test_a_text_too_long_never_leaves(self, seat: Seat, grumpy: Grumpy) -> None:
        caps = seat.adapter.capabilities_for(seat.here.options)
        draft = seat.draft("a" * (caps.text_limit + 1))

        caught = raised(seat, lambda: seat.adapter.prepare(seat.at(grumpy.base_url), draft))

        assert type(caught) is errors.InvalidContent
        assert grumpy.asked == 0

    def test_the_longest_text_arrives_whole(self, seat: Seat) -> None:
        if seat.server is None:
            return
        caps = seat.adapter.capabilities_for(seat.here.options)
        text = "a" * caps.text_limit

        seat.adapter.commit(seat.here, seat.payload(text))

        (post,) = seat.server.posts(truth_of(seat))
        assert post["text"] == text

    def test_counters_are_those_that_are_declared(self, seat: Seat) -> None:
        if seat.server is None or seat.adapter.capabilities.live_metrics:
            return
        caps = seat.adapter.capabilities_for(seat.here.options)
        receipt = seat.adapter.commit(seat.here, seat.payload())

        set_counters(seat.server, seat.adapter.slug, receipt.remote_id)
        found = seat.adapter.metrics(seat.here, [receipt.remote_id])[receipt.remote_id]

        assert isinstance(found, Metrics)
        told = {name for name in COUNTERS if getattr(found, name) is not None}
        assert told == caps.metrics, sorted(told ^ caps.metrics)


def truth_of(seat: Seat) -> str:
    """What the stand-in's control calls the account."""
    if seat.adapter.slug in ("sandbox", "mastodon"):
        return seat.here.handle.split("@")[0]
    return seat.here.remote_id


def mood(grumpy: Grumpy, how: int | str) -> None:
    if isinstance(how, int):
        grumpy.says(how, Location="http://127.0.0.1:9/") if how == 302 else grumpy.says(how)
    else:
        grumpy.treats(how)


def raised(seat: Seat, call: Callable[[], object]) -> errors.PlatformError:
    """The error of a call; it and its causes hold no secret."""
    with pytest.raises(errors.PlatformError) as caught:
        call()
    error: BaseException | None = caught.value
    while error is not None:
        for secret in seat.secrets:
            assert secret not in f"{error!r} {error} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    return caught.value


def picture_at(address: str) -> MediaFile:
    """A square picture that anybody can fetch at an address."""
    content = jpeg()
    return MediaFile(
        "0" * 64, "image/jpeg", 640, 640, len(content), "Teal", lambda: content, lambda: address
    )


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 640), "teal").save(out, "JPEG")
    return out.getvalue()
