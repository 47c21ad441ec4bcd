"""The sandbox adapter against the sandbox network: two processes, real sockets."""

from __future__ import annotations

import dataclasses
import socket
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from socialhub import http
from socialhub.platforms import errors
from socialhub.platforms.base import (
    Audience,
    Connection,
    Draft,
    LinkCard,
    MediaFile,
    Metrics,
    RemoteRef,
)
from socialhub.platforms.sandbox import SandboxAdapter

ADAPTER = SandboxAdapter()
NOW = datetime.now(UTC)
# Bytes of any content: the network checks type and size only.
PICTURE = b"\x89PNG not really"


@pytest.fixture
def shop(sandbox) -> Connection:
    profile = ADAPTER.connect(sandbox.base_url, "@Shop", "a secret")
    return Connection(
        "sandbox", sandbox.base_url, profile.remote_id, profile.handle, profile.secrets
    )


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Give up waiting for the network after half a second instead of two minutes."""
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.5)


def draft(text: str = "Hello", **fields) -> Draft:
    return Draft(text, str(uuid.uuid4()), datetime.now(UTC), **fields)


def publish(shop: Connection, text: str = "Hello", **fields):
    return ADAPTER.commit(shop, ADAPTER.prepare(shop, draft(text, **fields)))


def picture(alt_text: str = "A cup") -> MediaFile:
    return MediaFile("0" * 64, "image/png", 1, 1, len(PICTURE), alt_text, lambda: PICTURE)


def look(shop: Connection, payload, since_id: str = "", since: datetime = NOW, taken=()):
    return ADAPTER.look(shop, payload, since_id=since_id, since=since, taken=taken)


# -- account --------------------------------------------------------------------


def test_connect_tells_who_it_is(sandbox):
    profile = ADAPTER.connect(sandbox.base_url, "@Shop", "a secret")

    assert (profile.handle, profile.display_name, profile.secrets) == (
        "shop",
        "Shop",
        {"token": "a secret"},
    )
    assert profile.remote_id


def test_connect_with_another_secret_is_refused(sandbox, shop):
    with pytest.raises(errors.AuthRevoked):
        ADAPTER.connect(sandbox.base_url, "shop", "a guess")


def test_connect_to_another_kind_of_server_finds_no_network(mastodon):
    with pytest.raises(errors.NotFound):
        ADAPTER.connect(mastodon.base_url, "shop", "a secret")


def test_connect_to_a_closed_port_is_unavailable(closed_port):
    with pytest.raises(errors.Unavailable):
        ADAPTER.connect(f"http://127.0.0.1:{closed_port}", "shop", "a secret")


def test_two_handles_with_the_same_secret_are_two_accounts(sandbox, shop):
    profile = ADAPTER.connect(sandbox.base_url, "branch", "a secret")
    branch = dataclasses.replace(shop, handle="branch", remote_id=profile.remote_id)

    publish(branch, "from the branch")

    assert sandbox.texts("branch") == ["from the branch"]
    assert sandbox.texts("shop") == []


def test_doctor_names_what_fails(sandbox, shop):
    assert [(c.code, c.ok) for c in ADAPTER.doctor(shop)] == [("reachable", True), ("token", True)]

    sandbox.revoke("shop")

    assert [(c.code, c.ok) for c in ADAPTER.doctor(shop)] == [("reachable", True), ("token", False)]


def test_reconnecting_after_a_lost_token_helps(sandbox, shop):
    sandbox.revoke("shop")
    with pytest.raises(errors.AuthRevoked):
        publish(shop)

    ADAPTER.connect(sandbox.base_url, "shop", "a secret")

    assert publish(shop).remote_id


# -- publishing -----------------------------------------------------------------


def test_a_post_with_image_and_card_is_out_as_written(sandbox, shop):
    text = "New: “café” 👩‍👩‍👧 https://example.org/?a=1&b=2"
    card = LinkCard("https://example.org/?a=1&b=2", "Shop")

    receipt = publish(shop, text, media=(picture("Eine Tasse"),), card=card, language="es")

    [post] = sandbox.posts("shop")
    assert (post["id"], post["text"], post["url"]) == (receipt.remote_id, text, receipt.permalink)
    assert [m["alt_text"] for m in post["media"]] == ["Eine Tasse"]
    assert datetime.fromisoformat(post["created_at"]) == receipt.published_at
    assert http.request("GET", f"{sandbox.base_url}/media/{post['media'][0]['id']}").content == (
        PICTURE
    )
    assert "Shop</b><span>example.org" in http.request("GET", receipt.permalink).text


def test_preparing_publishes_nothing(sandbox, shop):
    ADAPTER.prepare(shop, draft(media=(picture(),)))

    assert sandbox.posts() == []


def test_a_thread_hangs_together(sandbox, shop):
    first = publish(shop, "1/2")

    publish(shop, "2/2", parent=RemoteRef(first.remote_id))

    assert [post["parent_id"] for post in sandbox.posts("shop")] == [None, first.remote_id]


def test_a_draft_too_long_never_leaves(sandbox, shop):
    with pytest.raises(errors.InvalidContent):
        ADAPTER.prepare(shop, draft("x" * 501))

    assert sandbox.requests("publish")["count"] == 0


def test_the_network_refuses_501_characters_and_takes_500_families(sandbox, shop):
    payload = ADAPTER.prepare(shop, draft("👨‍👩‍👧" * 500))
    ADAPTER.commit(shop, payload)

    longer = dataclasses.replace(payload, body=payload.body | {"text": "👨‍👩‍👧" * 501})
    with pytest.raises(errors.InvalidContent):
        ADAPTER.commit(shop, longer)


def test_an_answer_to_a_deleted_post_is_not_found(sandbox, shop):
    first = publish(shop, "1/2")
    sandbox.act("DELETE", f"/api/posts/{first.remote_id}", "shop")

    with pytest.raises(errors.NotFound):
        publish(shop, "2/2", parent=RemoteRef(first.remote_id))

    assert sandbox.texts() == []


@pytest.mark.parametrize(
    ("fault", "error", "out"),
    [
        ("timeout_after_accept", errors.OutcomeUnknown, 1),
        ("reset_after_accept", errors.OutcomeUnknown, 1),
        ("500_after_accept", errors.OutcomeUnknown, 1),
        ("502_after_accept", errors.OutcomeUnknown, 1),
        ("408_after_accept", errors.OutcomeUnknown, 1),
        ("unreadable_200", errors.OutcomeUnknown, 1),
        ("slow", errors.OutcomeUnknown, 1),
        # Nobody on our side can tell these two from the ones above.
        ("reset_before", errors.OutcomeUnknown, 0),
        ("500_before", errors.OutcomeUnknown, 0),
        ("rate_limited", errors.RateLimited, 0),
        ("reject", errors.InvalidContent, 0),
    ],
)
def test_each_fault_becomes_the_right_error_and_a_look_tells_the_truth(
    sandbox, shop, impatient, fault, error, out
):
    payload = ADAPTER.prepare(shop, draft())
    sandbox.fault("publish", fault)

    with pytest.raises(error):
        ADAPTER.commit(shop, payload)

    truth = [post["id"] for post in sandbox.posts("shop")]
    found = look(shop, payload)
    assert len(truth) == out
    assert found.verdict == ("found" if out else "not_found")
    assert [found.receipt.remote_id] * out == truth if found.receipt else truth == []


def test_a_slow_answer_within_the_limit_is_a_success(sandbox, shop):
    sandbox.fault("publish", "slow", seconds=0.2)

    receipt = publish(shop)

    assert [post["id"] for post in sandbox.posts()] == [receipt.remote_id]


def test_a_closed_port_is_certainly_not_out(shop, closed_port):
    payload = ADAPTER.prepare(shop, draft())
    elsewhere = dataclasses.replace(shop, server_url=f"http://127.0.0.1:{closed_port}")

    with pytest.raises(errors.Unavailable):
        ADAPTER.commit(elsewhere, payload)


def test_a_guard_that_objects_keeps_the_request_here(sandbox, shop):
    def guard() -> None:
        raise http.RequestNotSent("the lease has run out")

    payload = ADAPTER.prepare(shop, draft())
    with pytest.raises(errors.Unavailable):
        ADAPTER.commit(shop, payload, guard)

    assert sandbox.requests("publish")["count"] == 0


@pytest.mark.parametrize("as_date", [False, True])
def test_a_rate_limit_says_when_to_come_back(sandbox, shop, as_date):
    until = (datetime.now(UTC) + timedelta(seconds=90)).replace(microsecond=0)
    retry_after = format_datetime(until, usegmt=True) if as_date else 90
    payload = ADAPTER.prepare(shop, draft())
    sandbox.fault("publish", "rate_limited", retry_after=retry_after)

    with pytest.raises(errors.RateLimited) as caught:
        ADAPTER.commit(shop, payload)

    assert abs(caught.value.retry_at - until) <= timedelta(seconds=2)


def test_committing_twice_makes_two_posts(sandbox, shop):
    payload = ADAPTER.prepare(shop, draft())

    ADAPTER.commit(shop, payload)
    ADAPTER.commit(shop, payload)

    assert [post["key"] for post in sandbox.posts()] == [payload.key] * 2


# -- looking --------------------------------------------------------------------


def test_a_look_is_not_fooled_by_the_same_text_under_another_key(sandbox, shop):
    publish(shop, "Good morning")

    assert look(shop, ADAPTER.prepare(shop, draft("Good morning"))).verdict == "not_found"


@pytest.mark.parametrize(
    ("copies", "taken", "verdict"),
    [
        (0, 0, "not_found"),
        (1, 0, "found"),
        (2, 0, "ambiguous"),
        (2, 1, "found"),
        (1, 1, "not_found"),
    ],
)
def test_a_look_without_keys_compares_text_and_parent(sandbox, shop, copies, taken, verdict):
    parent = publish(shop, "parent").remote_id
    payload = ADAPTER.prepare(shop, draft("Thanks!", parent=RemoteRef(parent)))
    # The same words elsewhere in the feed are another post.
    sandbox.act("POST", "/api/posts", "shop", text="Thanks!")
    ids = [
        sandbox.act("POST", "/api/posts", "shop", text="Thanks! ", parent_id=parent)["id"]
        for _ in range(copies)
    ]

    assert look(shop, payload, since_id=parent, taken=ids[:taken]).verdict == verdict


def test_a_look_leaves_out_what_is_older(sandbox, shop):
    old = NOW - timedelta(hours=1)
    sandbox.seed({"handle": "shop", "text": "Good morning", "created_at": old.isoformat()})
    payload = ADAPTER.prepare(shop, draft("Good morning"))

    assert look(shop, payload).verdict == "not_found"
    assert look(shop, payload, since=old).verdict == "found"
    assert look(shop, payload, since_id=ADAPTER.newest_own_id(shop), since=old).verdict == (
        "not_found"
    )


def test_a_look_turns_pages(sandbox, shop):
    payload = ADAPTER.prepare(shop, draft("the first"))
    receipt = ADAPTER.commit(shop, payload)
    sandbox.seed(
        *(
            {"handle": "shop", "text": str(n), "created_at": datetime.now(UTC).isoformat()}
            for n in range(120)
        )
    )

    assert look(shop, payload).receipt == receipt


def test_newest_own_id(sandbox, shop):
    assert ADAPTER.newest_own_id(shop) == ""

    publish(shop, "older")
    newest = publish(shop, "newer").remote_id

    assert ADAPTER.newest_own_id(shop) == newest


@pytest.mark.parametrize("fault", ["502_after_accept", "reset_before", "unreadable_200"])
def test_reads_that_fail_are_unavailable(sandbox, shop, fault):
    payload = ADAPTER.prepare(shop, draft())
    sandbox.fault("*", fault, times=4)

    with pytest.raises(errors.Unavailable):
        look(shop, payload)
    with pytest.raises(errors.Unavailable):
        ADAPTER.metrics(shop, ["x"])
    with pytest.raises(errors.Unavailable):
        ADAPTER.interactions(shop, "")
    with pytest.raises(errors.Unavailable):
        ADAPTER.prepare(shop, draft(media=(picture(),)))


# -- reading --------------------------------------------------------------------


def test_metrics_keep_missing_apart_from_zero_and_gone(sandbox, shop):
    plain, linked, deleted = (
        publish(shop, text).remote_id for text in ("plain", "https://example.org/", "deleted")
    )
    sandbox.set_metrics(linked, likes=3, clicks=2, impressions=None)
    sandbox.act("DELETE", f"/api/posts/{deleted}", "shop")

    assert ADAPTER.metrics(shop, [plain, linked, deleted]) == {
        plain: Metrics(likes=0, comments=0, shares=0, impressions=0, clicks=None),
        linked: Metrics(likes=3, comments=0, shares=0, impressions=None, clicks=2),
        deleted: "gone",
    }


def test_metrics_of_more_posts_than_a_batch(sandbox, shop):
    made = sandbox.seed(
        *({"handle": "shop", "text": str(n), "created_at": NOW.isoformat()} for n in range(51))
    )

    found = ADAPTER.metrics(shop, [post["id"] for post in made])

    assert len(found) == 51
    assert sandbox.requests("metrics")["count"] == 2


def test_the_audience_of_the_account_keeps_missing_apart_from_zero(sandbox, shop):
    publish(shop)
    sandbox.set_audience("shop", followers=12, following=None)
    sandbox.act("GET", "/api/session", "other")

    assert ADAPTER.audience(shop) == Audience(followers=12, following=None, posts=1)
    other = dataclasses.replace(shop, handle="other", secrets={"token": "sandbox-other"})
    assert ADAPTER.audience(other) == Audience(followers=0, following=0, posts=0)


def test_interactions_come_once_and_can_be_answered(sandbox, shop):
    post = publish(shop, "We are open").remote_id
    comment = sandbox.comment(post, "Ana López", "How much?")
    sandbox.act("POST", "/api/posts", "neighbour", text="Go to @shop!")
    sandbox.act("POST", "/api/posts", "neighbour", text="Not @shopping")

    page = ADAPTER.interactions(shop, "")

    assert [(i.kind, i.author_name, i.text, i.parent_id) for i in page.items] == [
        ("comment", "Ana López", "How much?", post),
        ("mention", "Neighbour", "Go to @shop!", ""),
    ]
    assert ADAPTER.interactions(shop, page.cursor).items == ()
    publish(shop, "Ten.", parent=RemoteRef(comment, page.items[0].data))
    assert sandbox.posts("shop")[-1]["parent_id"] == comment
    assert ADAPTER.interactions(shop, page.cursor).items == ()


def test_no_error_shows_the_token(sandbox, shop):
    sandbox.revoke("shop")

    with pytest.raises(errors.AuthRevoked) as caught:
        ADAPTER.newest_own_id(shop)

    assert "a secret" not in str(caught.value) + repr(shop)


@pytest.fixture
def closed_port():
    """A port nobody listens on; bound without listening, so nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
