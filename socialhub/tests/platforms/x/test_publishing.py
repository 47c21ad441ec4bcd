"""Publishing on X, and finding out what became of a post."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialhub import http
from socialhub.platforms.base import Connection, Payload, RemoteRef
from socialhub.platforms.errors import (
    Duplicate,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    OutOfCredit,
    PermissionDenied,
    PlatformError,
    RateLimited,
)
from socialhub.platforms.x.refusals import retry_at
from socialhub.tests.platforms.x.conftest import ADAPTER, draft, fresh, picture, publish
from socialhub.tests.support.standin.client import Server


def prepared(here: Connection, text: str, **more: Any) -> Payload:
    return ADAPTER.prepare(here, draft(text, **more))


def refused(here: Connection, text: str, **more: Any) -> PlatformError:
    payload = prepared(here, text, **more)
    with pytest.raises(PlatformError) as caught:
        ADAPTER.commit(here, payload)
    assert caught.value.certainly_not_out
    return caught.value


def test_a_post_is_out_as_it_was_written(here: Connection, server: Server) -> None:
    payload = prepared(here, "Fish & chips <3\r\nexample.com")
    receipt = ADAPTER.commit(here, payload)

    (post,) = server.posts(here.remote_id)
    assert post["text"] == "Fish & chips <3\nexample.com"
    assert post["id"] == receipt.remote_id
    assert receipt.permalink == f"https://x.com/office/status/{receipt.remote_id}"
    assert receipt.published_at is not None
    assert abs(receipt.published_at - datetime.now(UTC)) < timedelta(seconds=10)


def test_four_pictures_go_with_their_descriptions(here: Connection, server: Server) -> None:
    files = tuple(picture(kind, alt_text=f"A {kind}") for kind in ("PNG", "JPEG", "WEBP", "GIF"))
    publish(here, "Four", media=files)

    (post,) = server.posts("office")
    uploaded = server.get("media")
    assert [uploaded[one]["alt_text"] for one in post["media"]] == [
        "A PNG",
        "A JPEG",
        "A WEBP",
        "A GIF",
    ]
    assert {uploaded[one]["category"] for one in post["media"]} == {"tweet_image"}
    assert server.get("charged")["media_metadata"] == 4


def test_an_animated_gif_goes_alone(here: Connection, server: Server) -> None:
    moving = picture("GIF", frames=3)

    publish(here, "It moves", media=(moving,))
    with pytest.raises(InvalidContent, match="only picture"):
        prepared(here, "Two", media=(moving, picture()))

    (uploaded,) = server.get("media").values()
    assert uploaded["category"] == "tweet_gif"


def test_a_picture_needs_no_text(here: Connection, server: Server) -> None:
    publish(here, "", media=(picture(),))

    (post,) = server.posts("office")
    assert (post["text"], len(post["media"])) == ("", 1)


# -- answers -----------------------------------------------------------------------


def test_somebody_who_mentions_us_can_be_answered(here: Connection, server: Server) -> None:
    asked = server.post("comments", text="@office how much?", author="ana")
    mention = ADAPTER.interactions(here, "").items[0]

    publish(here, "Ten euros", parent=RemoteRef(mention.remote_id, mention.data))

    assert server.posts("office")[0]["parent_id"] == asked["id"]
    assert server.get("charged")["reply"] == 1


def test_an_answer_to_an_own_post_is_refused_and_says_why(here: Connection, server: Server) -> None:
    first = publish(here, "Part one")

    error = refused(fresh(here, threads=True), "Part two", parent=RemoteRef(first))

    assert isinstance(error, PermissionDenied)
    assert "only when the author of the post answered has mentioned" in error.message
    assert [post["text"] for post in server.posts("office")] == ["Part one"]


def test_an_app_that_is_exempt_may_publish_a_chain(here: Connection, server: Server) -> None:
    server.mode(replies_restricted=False)
    parts = [publish(here, "Part one")]

    for text in ("Part two", "Part three"):
        parts.append(publish(here, text, parent=RemoteRef(parts[-1])))

    assert [post["parent_id"] for post in server.posts("office")] == ["", *parts[:2]]


def test_an_answer_to_a_deleted_post_finds_nothing(here: Connection, server: Server) -> None:
    asked = server.post("comments", text="@office how much?", author="ana")
    server.post("delete", id=asked["id"])

    assert isinstance(refused(here, "Ten euros", parent=RemoteRef(asked["id"])), NotFound)


# -- refusals ----------------------------------------------------------------------


def test_the_same_text_twice_is_a_duplicate(here: Connection, server: Server) -> None:
    publish(here, "Once")

    assert isinstance(refused(here, "Once"), Duplicate)
    assert len(server.posts("office")) == 1


@pytest.mark.parametrize(
    ("mode", "error", "said"),
    [
        ({"credit": 0}, OutOfCredit, "credits"),
        ({"capped": True}, OutOfCredit, "next month"),
        ({"suspended": True}, PermissionDenied, "suspended"),
        ({"limits": {"publish": 0}}, RateLimited, "Too Many Requests"),
        ({"text_limit": 5}, InvalidContent, "at most 5"),
    ],
)
def test_a_refusal_says_what_is_wrong(
    here: Connection, server: Server, mode: dict[str, Any], error: type[PlatformError], said: str
) -> None:
    server.mode(**mode)

    found = refused(here, "Not now, please")

    assert type(found) is error
    assert said in found.message
    assert server.posts("office") == []


def test_a_limit_ends_when_x_says(here: Connection, server: Server) -> None:
    server.mode(limits={"publish": 0})

    found = refused(here, "Later")

    assert isinstance(found, RateLimited)
    assert found.retry_at is not None
    assert timedelta(0) < found.retry_at - datetime.now(UTC) <= timedelta(minutes=15)


def test_the_window_that_is_used_up_decides_when_to_go_on() -> None:
    headers = {
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "40",
        "x-rate-limit-reset": "1795600000",
        "x-user-limit-24hour-limit": "10000",
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": "1795680000",
    }

    assert retry_at(headers) == datetime.fromtimestamp(1_795_680_000, UTC)


def test_two_cashtags_never_leave(here: Connection, server: Server) -> None:
    with pytest.raises(InvalidContent, match="too_many_cashtags"):
        prepared(here, "$ACME or $INIT")
    assert server.requests("publish") == 0


# -- looking -----------------------------------------------------------------------

LOST = ["reset_after_accept", "500_after_accept", "408_after_accept", "unreadable_200"]
TEXTS = {
    "plain": "Lost and found",
    "links": "See example.com and https://www.example.org/a?b=1&copy=2 & more",
    "signs": "Fish &amp; chips <b>, “quoted” cafe\u0301",
    "lines": "One\n\nTwo  three\r\nfour",
    "names": "@ana look at #this and $ACME",
}


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_post_whose_answer_was_lost_is_found(
    here: Connection, server: Server, fault: str, text: str
) -> None:
    publish(here, "Before")
    payload = prepared(here, text)
    since_id = ADAPTER.newest_own_id(here)
    server.fault("publish", fault)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(here, payload)
    look = ADAPTER.look(here, payload, since_id=since_id, since=NOW, taken=frozenset())

    assert look.verdict == "found"
    assert look.receipt is not None
    assert look.receipt.remote_id == server.posts("office")[-1]["id"]
    again = ADAPTER.look(
        here, payload, since_id=since_id, since=NOW, taken={look.receipt.remote_id}
    )
    assert again.verdict == "not_found"


NOW = datetime.now(UTC)


def test_a_post_that_never_arrived_is_not_found(here: Connection, server: Server) -> None:
    payload = prepared(here, "Never")
    since_id = ADAPTER.newest_own_id(here)
    server.fault("publish", "reset_before")

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(here, payload)

    look = ADAPTER.look(here, payload, since_id=since_id, since=NOW, taken=frozenset())
    assert (since_id, look.verdict) == ("", "not_found")


def test_a_picture_is_proof_and_text_alone_may_be_ambiguous(
    here: Connection, server: Server
) -> None:
    server.mode(duplicates_refused=False)
    with_picture = prepared(here, "Twice", media=(picture(),))
    plain = prepared(here, "Twice")
    ids = [ADAPTER.commit(here, one).remote_id for one in (plain, with_picture, plain)]

    found = ADAPTER.look(here, with_picture, since_id="", since=NOW, taken=frozenset())
    unsure = ADAPTER.look(here, plain, since_id="", since=NOW, taken={ids[1]})

    assert found.receipt is not None
    assert found.receipt.remote_id == ids[1]
    assert unsure.verdict == "ambiguous"


def test_an_answer_is_not_taken_for_a_post_of_the_same_text(
    here: Connection, server: Server
) -> None:
    asked = server.post("comments", text="@office thanks!", author="ana")
    answer = prepared(here, "You are welcome", parent=RemoteRef(asked["id"]))
    ADAPTER.commit(here, answer)
    post = prepared(here, "You are welcome")

    assert ADAPTER.look(here, post, since_id="", since=NOW, taken=()).verdict == "not_found"
    assert ADAPTER.look(here, answer, since_id="", since=NOW, taken=()).verdict == "found"


def test_a_long_post_of_a_premium_account_is_found_whole(here: Connection, server: Server) -> None:
    server.mode(text_limit=25_000)
    there = fresh(here, text_limit=25_000)
    long = " ".join(f"word{n}" for n in range(200)) + " https://example.com/a"
    payload = prepared(there, long)
    other = prepared(there, long + " and another end")
    ADAPTER.commit(there, payload)

    assert ADAPTER.look(there, payload, since_id="", since=NOW, taken=()).verdict == "found"
    assert ADAPTER.look(there, other, since_id="", since=NOW, taken=()).verdict == "not_found"


def test_a_look_pays_only_for_what_is_newer(here: Connection, server: Server) -> None:
    for number in range(12):
        publish(here, f"Old {number}")
    since_id = ADAPTER.newest_own_id(here)
    payload = prepared(here, "New")
    ADAPTER.commit(here, payload)
    there = fresh(here)

    ADAPTER.look(there, payload, since_id=since_id, since=NOW, taken=())

    assert there.findings.charged == {"post_read": 1}


def test_a_look_turns_pages(here: Connection, server: Server) -> None:
    payload = prepared(here, "The first of many")
    ADAPTER.commit(here, payload)
    for number in range(30):
        server.post("write", account="office", text=f"Later {number}")

    assert ADAPTER.look(here, payload, since_id="", since=NOW, taken=()).verdict == "found"
    assert server.requests("look") == 2


def test_a_worker_that_may_not_send_any_more_sends_nothing(
    here: Connection, server: Server
) -> None:
    def guard() -> None:
        raise http.RequestNotSent("another worker has it")

    payload = prepared(here, "Nothing")
    with pytest.raises(PlatformError) as caught:
        ADAPTER.commit(here, payload, guard)

    assert caught.value.certainly_not_out
    assert server.requests("publish") == 0
