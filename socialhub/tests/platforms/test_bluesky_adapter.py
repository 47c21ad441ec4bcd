"""The adapter against answers captured from a PDS and an AppView (payloads/bluesky_answers.json),
and against answers that a real network cannot be made to give. Real sockets, own process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from socialhub import http
from socialhub.platforms.base import GONE, Audience, Connection, Draft, Metrics, Payload
from socialhub.platforms.bluesky import BlueskyAdapter, reading
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.tests.support import bluesky_stub, faulty_proxy
from socialhub.tests.support.bluesky_stub import BlueskyStub
from socialhub.tests.support.faulty_proxy import FaultyProxy

CAPTURED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "payloads" / "bluesky_answers.json").read_text()
)["answers"]
DID = CAPTURED["createSession"]["body"]["did"]
HANDLE = CAPTURED["createSession"]["body"]["handle"]
URI = CAPTURED["putRecord"]["body"]["uri"]
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRETS = {"access": "secret-access", "refresh": "secret-refresh"}
SERVER, REPO = "com.atproto.server", "com.atproto.repo"
# Written from the XRPC specification (https://atproto.com/specs/xrpc) and the facts measured
# on PDS 0.5, which counts 30 logins in 300 seconds.
EXPIRED = {"status": 400, "body": {"error": "ExpiredToken", "message": "Token has expired"}}
LIMITED = {
    "status": 429,
    "headers": {"RateLimit-Limit": "30", "RateLimit-Reset": "1795516200"},
    "body": {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
}
adapter = BlueskyAdapter()


@pytest.fixture(scope="module")
def process() -> Iterator[BlueskyStub]:
    with bluesky_stub.running() as stub:
        yield stub


@pytest.fixture
def stub(process: BlueskyStub) -> BlueskyStub:
    process.reset()
    return process


@pytest.fixture
def proxy(stub: BlueskyStub) -> Iterator[FaultyProxy]:
    with faulty_proxy.running(stub.base_url) as proxy:
        yield proxy


def connection(url: str) -> Connection:
    return Connection("bluesky", url, DID, HANDLE, SECRETS)


def payload() -> Payload:
    record = CAPTURED["getRecord"]["body"]["value"]
    body = {
        "repo": DID,
        "collection": "app.bsky.feed.post",
        "rkey": URI.rpartition("/")[2],
        "record": record,
    }
    return Payload("key", record["text"], body)


def look(url: str) -> Any:
    return adapter.look(connection(url), payload(), since_id="", since=AT, taken=())


# -- account ------------------------------------------------------------------


def test_connecting_keeps_the_session_and_the_address_of_the_pds(stub: BlueskyStub) -> None:
    stub.answers(f"{SERVER}.describeServer", CAPTURED["describeServer"])
    stub.answers(f"{SERVER}.createSession", CAPTURED["createSession"])

    profile = adapter.connect(stub.base_url, f"\u2066@{HANDLE}\u2069", "app-password")

    assert (profile.remote_id, profile.handle) == (DID, HANDLE)
    assert dict(profile.options) == {"pds": stub.base_url}
    assert sorted(profile.secrets) == ["access", "refresh"]
    assert "app-password" not in [*profile.secrets.values()]


@pytest.mark.parametrize(
    ("told", "error"),
    [(CAPTURED["createSession wrong password"], AuthRevoked), (LIMITED, RateLimited)],
)
def test_a_refused_login(stub: BlueskyStub, told: Any, error: type[PlatformError]) -> None:
    stub.answers(f"{SERVER}.describeServer", CAPTURED["describeServer"])
    stub.answers(f"{SERVER}.createSession", told)

    with pytest.raises(error):
        adapter.connect(stub.base_url, HANDLE, "wrong")


@pytest.mark.parametrize(
    "told",
    [{"body": "<html>"}, {"body": {"did": "x"}}, {"body": []}, {"status": 404, "body": "no"}],
)
def test_no_password_goes_to_a_server_that_is_no_pds(stub: BlueskyStub, told: Any) -> None:
    stub.answers(f"{SERVER}.describeServer", told)

    with pytest.raises(NotFound):
        adapter.connect(stub.base_url, HANDLE, "secret")

    assert stub.requests(f"{SERVER}.createSession") == []


def test_refreshing_gives_both_tokens(stub: BlueskyStub) -> None:
    stub.answers(f"{SERVER}.refreshSession", CAPTURED["refreshSession"])

    assert adapter.refresh(connection(stub.base_url)) == {
        "access": "accessJwt-removed",
        "refresh": "refreshJwt-removed",
    }


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (EXPIRED, AuthRevoked),
        (CAPTURED["refreshSession bad token"], AuthRevoked),
        ({"status": 502, "body": ""}, Unavailable),
        ({"body": {"accessJwt": "a", "refreshJwt": ""}}, Unavailable),
        (LIMITED, RateLimited),
    ],
)
def test_a_refused_refresh(stub: BlueskyStub, told: Any, error: type[PlatformError]) -> None:
    stub.answers(f"{SERVER}.refreshSession", told)

    with pytest.raises(error):
        adapter.refresh(connection(stub.base_url))


def test_the_doctor_names_what_works(stub: BlueskyStub) -> None:
    stub.answers(f"{SERVER}.describeServer", CAPTURED["describeServer"])
    stub.answers(f"{SERVER}.getSession", CAPTURED["getSession"])
    stub.answers(f"{REPO}.deleteRecord", CAPTURED["deleteRecord missing"])

    checks = adapter.doctor(connection(stub.base_url))

    assert [(check.code, check.ok) for check in checks] == [
        ("reachable", True),
        ("token", True),
        ("limits", True),
        ("rights", True),
    ]


def test_the_doctor_stops_at_a_bad_token(stub: BlueskyStub) -> None:
    stub.answers(f"{SERVER}.describeServer", CAPTURED["describeServer"])
    stub.answers(f"{SERVER}.getSession", CAPTURED["getSession bad token"])

    checks = adapter.doctor(connection(stub.base_url))

    assert [(check.code, check.ok) for check in checks] == [("reachable", True), ("token", False)]


# -- publishing ---------------------------------------------------------------


def test_a_sent_post_gives_a_receipt(stub: BlueskyStub) -> None:
    stub.answers(f"{REPO}.putRecord", CAPTURED["putRecord"])

    receipt = adapter.commit(connection(stub.base_url), payload())

    own = {"uri": URI, "cid": CAPTURED["putRecord"]["body"]["cid"]}
    assert receipt.remote_id == URI
    assert receipt.permalink == f"https://bsky.app/profile/{HANDLE}/post/{URI[-13:]}"
    assert dict(receipt.data) == {**own, "root": own}


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (EXPIRED, AuthExpired),
        (CAPTURED["getSession bad token"], AuthRevoked),
        (CAPTURED["getSession no token"], AuthRevoked),
        (CAPTURED["putRecord too long"], InvalidContent),
        (CAPTURED["putRecord too many bytes"], InvalidContent),
        (CAPTURED["putRecord bad key"], InvalidContent),
        ({"status": 413, "body": ""}, InvalidContent),
        ({"status": 400, "body": "no JSON"}, InvalidContent),
        (LIMITED, RateLimited),
        ({"status": 500, "body": {"error": "InternalServerError"}}, OutcomeUnknown),
        ({"status": 408, "body": ""}, OutcomeUnknown),
        ({"status": 302, "body": ""}, OutcomeUnknown),
        ({"status": 200, "body": "<html>"}, OutcomeUnknown),
        ({"status": 200, "body": []}, OutcomeUnknown),
        ({"status": 200, "body": {"uri": None}}, OutcomeUnknown),
    ],
)
def test_a_send_that_is_not_accepted(
    stub: BlueskyStub, told: Any, error: type[PlatformError]
) -> None:
    stub.answers(f"{REPO}.putRecord", told)

    with pytest.raises(error) as caught:
        adapter.commit(connection(stub.base_url), payload())

    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


def test_a_rate_limit_says_until_when(stub: BlueskyStub) -> None:
    stub.answers(f"{REPO}.putRecord", LIMITED)

    with pytest.raises(RateLimited) as caught:
        adapter.commit(connection(stub.base_url), payload())

    assert caught.value.retry_at == datetime.fromtimestamp(1795516200, UTC)


def test_a_stopped_worker_sends_nothing(stub: BlueskyStub) -> None:
    stub.answers(f"{REPO}.putRecord", CAPTURED["putRecord"])

    def stop() -> None:
        raise http.RequestNotSent("taken over by another worker")

    with pytest.raises(Unavailable):
        adapter.commit(connection(stub.base_url), payload(), guard=stop)

    assert stub.requests(f"{REPO}.putRecord") == []


@pytest.mark.parametrize(
    ("told", "verdict"),
    [(CAPTURED["getRecord"], "found"), (CAPTURED["getRecord missing"], "not_found")],
)
def test_a_look_is_certain(stub: BlueskyStub, told: Any, verdict: str) -> None:
    stub.answers(f"{REPO}.getRecord", told)

    seen = look(stub.base_url)

    assert seen.verdict == verdict
    assert (seen.receipt.remote_id if seen.receipt else "") == (URI if verdict == "found" else "")


@pytest.mark.parametrize(
    "told",
    [
        {"status": 404, "body": "<html>"},
        {"status": 400, "body": {"error": "InvalidRequest", "message": "no such repo"}},
        {"status": 502, "body": ""},
        {"status": 200, "body": "<html>"},
        {"status": 200, "body": {}},
    ],
)
def test_only_the_pds_s_own_words_mean_that_a_post_is_missing(stub: BlueskyStub, told: Any) -> None:
    stub.answers(f"{REPO}.getRecord", told)

    with pytest.raises(Unavailable):
        look(stub.base_url)


def test_the_newest_own_post(stub: BlueskyStub) -> None:
    stub.answers(f"{REPO}.listRecords", CAPTURED["listRecords"], {"body": {"records": []}})

    assert adapter.newest_own_id(connection(stub.base_url)) == URI
    assert adapter.newest_own_id(connection(stub.base_url)) == ""


def test_a_mention_that_cannot_be_resolved_stays_text(stub: BlueskyStub) -> None:
    stub.answers("com.atproto.identity.resolveHandle", CAPTURED["resolveHandle unknown"])

    made = adapter.prepare(connection(stub.base_url), Draft("hi @nobody.test", "key", AT))

    assert made.body["record"] == {
        "$type": "app.bsky.feed.post",
        "text": "hi @nobody.test",
        "createdAt": "2026-11-24T09:30:00.000Z",
    }


@pytest.mark.parametrize("text", ["x" * 301, "👨‍👩‍👧‍👦" * 160, " "])
def test_what_does_not_fit_is_refused_before_any_request(stub: BlueskyStub, text: str) -> None:
    with pytest.raises(InvalidContent):
        adapter.prepare(connection(stub.base_url), Draft(text, "key", AT))


# -- reading ------------------------------------------------------------------


def test_counters_are_read_and_missing_ones_stay_missing(stub: BlueskyStub) -> None:
    post = CAPTURED["getPosts"]["body"]["posts"][0]
    short = {"uri": f"{URI}x", "likeCount": 3}
    stub.answers("app.bsky.feed.getPosts", {"body": {"posts": [post, short]}})

    found = adapter.metrics(connection(stub.base_url), [URI, f"{URI}x"])

    assert found == {
        URI: Metrics(likes=1, comments=1, shares=2, saves=0, replies=1, quotes=1),
        f"{URI}x": Metrics(likes=3),
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (CAPTURED["getRecord missing"], {URI: GONE}),
        (CAPTURED["getRecord"], {}),
        ({"status": 502, "body": ""}, {}),
        ({"status": 404, "body": ""}, {}),
    ],
)
def test_a_post_is_gone_only_when_the_pds_says_so(
    stub: BlueskyStub, told: Any, expected: Any
) -> None:
    stub.answers("app.bsky.feed.getPosts", {"body": {"posts": []}})
    stub.answers(f"{REPO}.getRecord", told)

    assert adapter.metrics(connection(stub.base_url), [URI]) == expected


def test_counters_are_asked_for_25_at_a_time(stub: BlueskyStub) -> None:
    stub.answers("app.bsky.feed.getPosts", {"body": {"posts": []}})
    stub.answers(f"{REPO}.getRecord", {"status": 502, "body": ""})

    adapter.metrics(connection(stub.base_url), [f"{URI}{n}" for n in range(60)])

    asked = stub.requests("app.bsky.feed.getPosts")
    assert [len(query["uris"]) for query in asked] == [25, 25, 10]


PROFILE = CAPTURED["getProfile"]["body"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (PROFILE, Audience(followers=1, following=0, posts=2)),
        # Every number is optional.
        ({"did": PROFILE["did"], "followersCount": 7}, Audience(followers=7)),
        ({"did": PROFILE["did"], "followersCount": "7"}, Audience()),
    ],
)
def test_the_audience_of_the_account(stub: BlueskyStub, told: Any, expected: Audience) -> None:
    stub.answers("app.bsky.actor.getProfile", {"body": told})
    account = replace(connection(stub.base_url), remote_id=PROFILE["did"])

    assert adapter.audience(account) == expected
    assert stub.requests("app.bsky.actor.getProfile") == [{"actor": [PROFILE["did"]]}]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        # A new account, or one the AppView has not heard of yet.
        (CAPTURED["getProfile missing"], Unavailable),
        ({"body": {**PROFILE, "did": "did:plc:somebodyelse"}}, Unavailable),
        ({"body": []}, Unavailable),
        ({"status": 502, "body": ""}, Unavailable),
        (EXPIRED, AuthExpired),
        (CAPTURED["getSession bad token"], AuthRevoked),
        (LIMITED, RateLimited),
    ],
)
def test_an_audience_that_cannot_be_read(
    stub: BlueskyStub, told: Any, error: type[PlatformError]
) -> None:
    stub.answers("app.bsky.actor.getProfile", told)

    with pytest.raises(error) as caught:
        adapter.audience(replace(connection(stub.base_url), remote_id=PROFILE["did"]))

    assert type(caught.value) is error


def test_replies_quotes_and_mentions_become_interactions(stub: BlueskyStub) -> None:
    stub.answers("app.bsky.notification.listNotifications", CAPTURED["listNotifications"])

    page = adapter.interactions(connection(stub.base_url), "")

    root = {"uri": URI, "cid": CAPTURED["putRecord"]["body"]["cid"]}
    told = CAPTURED["listNotifications"]["body"]["notifications"]
    by_kind = {item.kind: item for item in page.items}
    assert len(page.items) == 3
    assert by_kind["comment"].text == "Nice!"
    assert (by_kind["comment"].parent_id, by_kind["comment"].root_id) == (URI, URI)
    assert by_kind["comment"].data["root"] == root
    assert (by_kind["quote"].parent_id, by_kind["quote"].root_id) == (URI, "")
    assert by_kind["mention"].parent_id == ""
    assert page.cursor == max(notice["indexedAt"] for notice in told)


def notice(number: int, at: str) -> dict[str, Any]:
    """One notice shaped like the captured ones."""
    pattern = CAPTURED["listNotifications"]["body"]["notifications"][0]
    return {
        **pattern,
        "uri": f"at://did:plc:reader/app.bsky.feed.post/{number}",
        "indexedAt": at,
    }


def test_what_is_older_than_the_cursor_is_not_read_again(stub: BlueskyStub) -> None:
    times = ["2026-11-24T10:00:00.000Z", "2026-11-23T11:00:00.000Z", "2026-11-22T09:00:00.000Z"]
    notices = [notice(n, at) for n, at in enumerate(times)]
    stub.answers(
        "app.bsky.notification.listNotifications",
        {"body": {"notifications": notices, "cursor": "more"}},
    )

    page = adapter.interactions(connection(stub.base_url), "2026-11-24T09:00:00.000Z")

    # The second is older than the cursor by less than a day: its author's clock may be wrong.
    assert [item.remote_id[-1] for item in page.items] == ["0", "1"]
    assert page.cursor == times[0]
    assert len(stub.requests("app.bsky.notification.listNotifications")) == 1


def test_a_backlog_is_read_to_its_end_over_several_calls(stub: BlueskyStub) -> None:
    pages = reading.PAGES_MAX + 3
    answers = [
        {
            "body": {
                "notifications": [notice(n, f"2026-11-24T{20 - n:02}:00:00.000Z")],
                **({"cursor": f"c{n}"} if n < pages - 1 else {}),
            }
        }
        for n in range(pages)
    ]
    stub.answers("app.bsky.notification.listNotifications", *answers)

    first = adapter.interactions(connection(stub.base_url), "")
    second = adapter.interactions(connection(stub.base_url), first.cursor)

    assert len(first.cursor) < 300
    assert [len(first.items), len(second.items)] == [reading.PAGES_MAX, 3]
    assert second.cursor == "2026-11-24T20:00:00.000Z"
    asked = stub.requests("app.bsky.notification.listNotifications")
    assert [query.get("cursor") for query in asked] == [None, *([f"c{n}"] for n in range(12))]


def test_notices_nobody_understands_are_left_out(stub: BlueskyStub) -> None:
    good = notice(1, "2026-11-24T10:00:00.000Z")
    odd = [
        {},
        {**good, "uri": 5},
        {**good, "uri": "https://example.com"},
        {**good, "record": None},
        {**good, "author": {"did": DID, "handle": HANDLE}},
        {**good, "reason": "like"},
    ]
    stub.answers(
        "app.bsky.notification.listNotifications", {"body": {"notifications": [*odd, good]}}
    )

    page = adapter.interactions(connection(stub.base_url), "")

    assert [item.remote_id for item in page.items] == [good["uri"]]


@pytest.mark.parametrize(
    "told", [{"body": "<html>"}, {"body": []}, {"body": {}}, {"status": 502, "body": ""}]
)
def test_unreadable_answers_mean_later(stub: BlueskyStub, told: Any) -> None:
    stub.answers("app.bsky.feed.getPosts", told)
    stub.answers("app.bsky.notification.listNotifications", told)
    stub.answers(f"{REPO}.listRecords", told)

    for call in (
        lambda: adapter.metrics(connection(stub.base_url), [URI]),
        lambda: adapter.interactions(connection(stub.base_url), ""),
        lambda: adapter.newest_own_id(connection(stub.base_url)),
    ):
        with pytest.raises(Unavailable):
            call()


# -- behind a faulty proxy ------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error", "carried_out"),
    [
        ("reset_before", OutcomeUnknown, 0),
        ("rate_limited", RateLimited, 0),
        ("reset_after_accept", OutcomeUnknown, 1),
        ("502_after_accept", OutcomeUnknown, 1),
        ("500_after_accept", OutcomeUnknown, 1),
        ("408_after_accept", OutcomeUnknown, 1),
        ("unreadable_200", OutcomeUnknown, 1),
    ],
)
def test_the_proxy_s_faults(
    stub: BlueskyStub,
    proxy: FaultyProxy,
    fault: str,
    error: type[PlatformError],
    carried_out: int,
) -> None:
    stub.answers(f"{REPO}.putRecord", CAPTURED["putRecord"])
    proxy.fault("repo.putRecord", fault, retry_after=900)

    with pytest.raises(error):
        adapter.commit(connection(proxy.base_url), payload())

    assert len(stub.requests(f"{REPO}.putRecord")) == carried_out
    assert proxy.armed() == []
    assert adapter.commit(connection(proxy.base_url), payload()).remote_id == URI
    assert proxy.count("putRecord") == 2


def test_an_answer_that_never_comes(
    stub: BlueskyStub, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 1.0)
    stub.answers(f"{REPO}.putRecord", CAPTURED["putRecord"])
    proxy.fault("putRecord", "timeout_after_accept")

    with pytest.raises(OutcomeUnknown):
        adapter.commit(connection(proxy.base_url), payload())

    assert len(stub.requests(f"{REPO}.putRecord")) == 1


def test_a_client_stays_behind_the_proxy(stub: BlueskyStub, proxy: FaultyProxy) -> None:
    stub.answers(f"{SERVER}.describeServer", CAPTURED["describeServer"])
    stub.answers(f"{SERVER}.createSession", CAPTURED["createSession"])

    profile = adapter.connect(proxy.base_url, HANDLE, "secret")

    assert dict(profile.options) == {"pds": proxy.base_url}


def test_a_cleared_fault_does_not_strike(stub: BlueskyStub, proxy: FaultyProxy) -> None:
    stub.answers(f"{REPO}.putRecord", CAPTURED["putRecord"])
    proxy.fault("*", "502_after_accept", times=5)
    proxy.clear()

    assert adapter.commit(connection(proxy.base_url), payload()).remote_id == URI
