"""What the adapter makes of documented answers. No server is involved."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from socialhub.http import Answer
from socialhub.platforms.base import Draft, Metrics, RemoteRef
from socialhub.platforms.errors import AuthRevoked, InvalidContent, NotFound, PermissionDenied
from socialhub.platforms.mastodon import MastodonAdapter, limits, markup, notifications, statuses
from socialhub.platforms.mastodon.client import checked

ADAPTER = MastodonAdapter()
PAYLOADS = Path(__file__).parent / "payloads"
SPANISH = (
    "Gracias @ana@otro.example & todos\n\n"
    "Más en https://www.example.com/ofertas/muebles-de-oficina?utm_source=mastodon&utm_medium=social"
    "\nHasta pronto #Oficina"
)


def payload(file: str, name: str) -> dict[str, Any]:
    """Written from documentation; each file says so."""
    return json.loads((PAYLOADS / f"mastodon_{file}.json").read_text())[name]


def draft(text: str, parent: RemoteRef | None = None) -> Draft:
    return Draft(text=text, key="k", created_at=datetime(2026, 11, 2, tzinfo=UTC), parent=parent)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("hello", 5),
        ("👨‍👩‍👧‍👦", 1),
        ("1️⃣🇩🇪🏴󠁧󠁢󠁥󠁮󠁧󠁿", 3),
        ("cafe\u0301", 4),
        ("https://example.com/very/long/path?x=1", 23),
        ("see https://a.example. Bye", 4 + 23 + 5),
        ("hi @ana@otro.example!", 8),
        ("hi @ana_m@sub.otro.example", 9),
        ("mail a@b.com", 12),
        ("https://a.example/@ana@otro.example", 23),
    ],
)
def test_length_is_what_the_server_counts(text: str, count: int) -> None:
    assert ADAPTER.count(text).count == count


def test_a_server_may_count_links_differently() -> None:
    options = limits.options_of(payload("instances", "v1_other_software"))

    counted = ADAPTER.count("https://example.com/very/long/path", options)

    assert (counted.count, counted.limit) == (25, 5000)


def test_capabilities_follow_the_server() -> None:
    caps = ADAPTER.capabilities_for(limits.options_of(payload("instances", "v2")))

    assert (caps.text_limit, caps.link_length, caps.max_images) == (500, 23, 4)
    assert caps.image_max_bytes == 16_777_216
    # HEIC is something the server takes and we cannot make.
    assert caps.image_mimes == {"image/jpeg", "image/png", "image/gif", "image/webp"}
    assert "quotes" in caps.metrics


def test_an_older_server_reports_no_quotes() -> None:
    options = limits.options_of(payload("instances", "v1_other_software"))

    caps = ADAPTER.capabilities_for(options)

    assert options["domain"] == "social.example"
    assert caps.max_images == 6
    assert caps.image_mimes == {"image/jpeg", "image/png"}
    assert caps.metrics == {"likes", "comments", "shares", "replies"}


def test_what_a_person_set_wins_over_the_server() -> None:
    options = limits.options_of(payload("instances", "v2"))

    caps = ADAPTER.capabilities_for({**options, "text_limit": 300, "replies": False})

    assert (caps.text_limit, caps.replies) == (300, False)


def test_shortened_links_and_mentions_do_not_hide_our_text() -> None:
    assert markup.same_status(SPANISH, payload("statuses", "mastodon")["content"])


@pytest.mark.parametrize(
    "other",
    [
        SPANISH.replace("mastodon&", "bluesky&"),
        SPANISH.replace("@ana@otro.example", "@eva@otro.example"),
        SPANISH + " y más",
        "",
    ],
)
def test_another_text_is_another_status(other: str) -> None:
    assert not markup.same_status(other, payload("statuses", "mastodon")["content"])


def test_a_server_that_links_bare_hosts_shows_the_same_text() -> None:
    shown = '<p>Visit <a href="https://example.com" rel="nofollow">example.com</a> today</p>'

    assert markup.same_status("Visit example.com today", shown)


def test_plain_text_keeps_links_lines_and_signs() -> None:
    text = markup.plain(payload("statuses", "mastodon")["content"])

    assert text == SPANISH.replace("@ana@otro.example", "@ana")


@pytest.mark.parametrize(
    ("text", "acct", "found"),
    [
        ("@ana thanks", "ana", True),
        ("thanks @Ana.", "ana", True),
        ("@ana@own.example thanks", "ana", True),
        ("@ana@otro.example thanks", "ana", False),
        ("@ana thanks", "ana@otro.example", False),
        ("@anabel thanks", "ana", False),
        ("https://own.example/@ana", "ana", False),
    ],
)
def test_mentions_are_found_by_whom_they_mean(text: str, acct: str, found: bool) -> None:
    assert markup.mentions(text, acct, "own.example") is found


def test_the_name_put_in_front_counts() -> None:
    answer = draft("x" * 498, RemoteRef("1", {"acct": "ana@otro.example"}))

    problems = ADAPTER.validate(answer, {})

    assert [(p.code, p.params["count"]) for p in problems] == [("text_too_long", 503)]


def test_receipt_of_a_created_status() -> None:
    receipt = statuses.receipt(payload("statuses", "mastodon"), "115400000000000001")

    assert receipt.remote_id == "115500000000000001"
    assert receipt.permalink == "https://mastodon.example/@office/115500000000000001"
    assert receipt.published_at == datetime(2026, 11, 2, 9, 30, 0, 123_000, tzinfo=UTC)
    assert receipt.data == {"id": "115500000000000001", "visibility": "public"}


def test_counters() -> None:
    assert statuses.counters(payload("statuses", "mastodon")) == Metrics(
        likes=7, comments=3, shares=7, replies=3, quotes=2
    )


def test_a_counter_the_server_does_not_have_stays_missing() -> None:
    assert statuses.counters(payload("statuses", "before_quotes")) == Metrics(
        likes=0, comments=0, shares=1, replies=0, quotes=None
    )


def test_a_private_mention() -> None:
    item = notifications.interaction(payload("notifications", "direct_mention"))

    assert item is not None
    assert (item.kind, item.parent_id, item.text) == ("mention", "", "@office hola <3")
    assert (item.author_handle, item.author_name) == ("zsc@otro.example", "Zoe")
    assert item.data["visibility"] == "direct"


def test_a_quote_without_the_line_the_server_adds() -> None:
    item = notifications.interaction(payload("notifications", "quote"))

    assert item is not None
    assert (item.kind, item.parent_id) == ("quote", "115500000000000001")
    assert item.text == "Miren esto"
    # No display name: the user name stands in.
    assert item.author_name == "zsc"


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        # Takahe answers a wrong token like this.
        (400, "Invalid Bearer token", AuthRevoked, "Invalid Bearer token"),
        (401, '{"error": "The access token was revoked"}', AuthRevoked, "was revoked"),
        (400, '{"error": "status too long"}', InvalidContent, "status too long"),
        (
            422,
            '{"error": "The post you are trying to reply to does not appear to exist."}',
            NotFound,
            "reply",
        ),
        (404, '{"error": "Record not found"}', NotFound, "Record not found"),
        (403, "<html>Forbidden by proxy</html>", PermissionDenied, "HTTP 403"),
        (422, '["odd"]', InvalidContent, "422"),
        (418, "", PermissionDenied, "HTTP 418"),
    ],
)
def test_refusals_of_servers(status: int, body: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        checked(Answer(status, {}, body.encode()))

    assert "<" not in str(caught.value)


def test_the_newest_id_is_not_the_last_in_the_alphabet() -> None:
    assert notifications.newest_id(["99", "100", ""]) == "100"
    assert notifications.newest_id(["01JC5", "01JD1"]) == "01JD1"
