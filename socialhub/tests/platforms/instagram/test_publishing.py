"""Posts on Instagram: pictures that it fetches, containers, and looking after a lost answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from socialhub.platforms.base import Connection
from socialhub.platforms.errors import (
    AuthExpired,
    InvalidContent,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.meta import containers
from socialhub.tests.platforms.fetching import SIGNATURE, Pictures, draft, looked, out
from socialhub.tests.platforms.instagram.conftest import ADAPTER
from socialhub.tests.support.standin.client import Server

LOST = ["timeout_after_accept", "reset_after_accept", "500_after_accept", "unreadable_200"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialhub.http.DEADLINE_SECONDS", 1.0)
    monkeypatch.setattr(containers, "FIRST_PAUSE", 0.01)


def test_a_picture_with_its_text(instagram: Server, office: Connection, pictures: Pictures) -> None:
    receipt = out(ADAPTER, office, draft("Hola ñ 👋", media=(pictures.file(),)))

    (post,) = instagram.posts("office")
    assert (post["id"], post["text"], post["parent_id"]) == (receipt.remote_id, "Hola ñ 👋", "")
    assert post["media"] == [
        {"mime": "image/jpeg", "width": 640, "height": 640, "alt_text": "Una mesa"}
    ]
    assert receipt.permalink == f"https://www.instagram.com/p/{receipt.remote_id}/"
    assert receipt.published_at is not None
    assert ADAPTER.newest_own_id(office) == receipt.remote_id


def test_a_carousel(instagram: Server, office: Connection, pictures: Pictures) -> None:
    files = tuple(pictures.file(f"Foto {n}") for n in range(10))

    out(ADAPTER, office, draft("Diez", media=files))

    (post,) = instagram.posts()
    assert [one["alt_text"] for one in post["media"]] == [f"Foto {n}" for n in range(10)]
    assert instagram.requests("upload") == 11


def test_a_post_without_an_address_to_read_is_out_all_the_same(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    instagram.fault("metrics", "500_before")

    receipt = out(ADAPTER, office, draft(media=(pictures.file(),)))

    assert receipt.permalink == ""
    assert receipt.remote_id == instagram.posts()[0]["id"]


# -- pictures ----------------------------------------------------------------------------


def test_a_picture_that_nobody_can_fetch(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    pictures.server.says(404)

    with pytest.raises(InvalidContent, match="PUBLIC_MEDIA_URL") as caught:
        ADAPTER.prepare(office, draft(media=(pictures.file(),)))

    assert SIGNATURE not in f"{caught.value!r} {caught.value.__context__!r}"


def test_a_picture_that_turns_out_to_be_unreachable_later(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    instagram.mode(late=True)
    pictures.server.says(404)

    with pytest.raises(InvalidContent, match="PUBLIC_MEDIA_URL"):
        ADAPTER.prepare(office, draft(media=(pictures.file(),)))


@pytest.mark.parametrize(
    "address", [None, lambda: "http://10.0.0.8/media/1/", lambda: "file:///etc/passwd"]
)
def test_a_media_address_that_is_not_public_is_not_sent(
    instagram: Server, office: Connection, pictures: Pictures, address: object
) -> None:
    with pytest.raises(InvalidContent, match="PUBLIC_MEDIA_URL"):
        ADAPTER.prepare(office, draft(media=(pictures.file(public_url=address),)))

    assert instagram.requests("upload") == 0


@pytest.mark.parametrize(
    ("size", "kind", "words"),
    [((640, 640), "PNG", "format"), ((200, 640), "JPEG", "aspect ratio")],
)
def test_what_instagram_does_not_take_is_said(
    office: Connection, pictures: Pictures, size: tuple[int, int], kind: str, words: str
) -> None:
    pictures.offer(size, kind)

    with pytest.raises(InvalidContent, match=words):
        ADAPTER.prepare(office, draft(media=(pictures.file(),)))


# -- what never leaves ---------------------------------------------------------------------


def test_what_does_not_fit_never_leaves(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    one = (pictures.file(),)
    wide = (pictures.file(width=2_000, height=1_000),)
    cases = {
        "media_required": draft("Hola"),
        "text_too_long": draft("a" * 2_201, media=one),
        "too_many_hashtags": draft("#a " * 31, media=one),
        "too_many_mentions": draft("@a " * 21, media=one),
        "too_many_images": draft("x", media=one * 11),
        "image_ratio": draft("x", media=wide),
        "alt_text_missing": draft("x", media=(pictures.file(""),)),
    }

    for code, made in cases.items():
        with pytest.raises(InvalidContent, match=f"^{code}$"):
            ADAPTER.prepare(office, made)

    assert instagram.requests("upload") == 0


def test_the_most_that_fits(instagram: Server, office: Connection, pictures: Pictures) -> None:
    text = "#a " * 30 + "@b " * 20 + "x" * (2_200 - 150)

    out(ADAPTER, office, draft(text, media=(pictures.file(),)))

    assert instagram.posts()[0]["text"] == text


# -- limits ----------------------------------------------------------------------------------


def test_the_posts_of_a_day_are_used_up(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    instagram.mode(quota_used=100)

    with pytest.raises(RateLimited) as caught:
        ADAPTER.prepare(office, draft(media=(pictures.file(),)))

    assert caught.value.retry_at is not None
    wait = caught.value.retry_at - datetime.now(UTC)
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)
    assert instagram.requests("upload") == 0


def test_the_posts_of_a_day_are_used_up_by_somebody_else_meanwhile(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft(media=(pictures.file(),)))
    instagram.mode(quota_used=100)

    with pytest.raises(RateLimited):
        ADAPTER.commit(office, payload)

    assert looked(ADAPTER, office, payload).verdict == "not_found"


def test_usage_near_the_limit_slows_reading_down(instagram: Server, office: Connection) -> None:
    ADAPTER.newest_own_id(office)
    calm = office.findings.slow_until
    instagram.mode(usage=85)
    ADAPTER.newest_own_id(office)

    assert calm is None
    assert office.findings.slow_until is not None


# -- containers --------------------------------------------------------------------------------


def test_a_container_that_is_never_finished(
    instagram: Server, office: Connection, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "READY_SECONDS", 0.2)
    instagram.mode(status="IN_PROGRESS")

    with pytest.raises(Unavailable, match="still processing"):
        ADAPTER.prepare(office, draft(media=(pictures.file(),)))


def test_a_container_that_fails(instagram: Server, office: Connection, pictures: Pictures) -> None:
    instagram.mode(status="ERROR")

    with pytest.raises(InvalidContent, match="ERROR"):
        ADAPTER.prepare(office, draft(media=(pictures.file(),)))


def test_a_container_that_has_expired_is_not_out_and_another_one_is(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    made = draft(media=(pictures.file(),))
    payload = ADAPTER.prepare(office, made)
    instagram.mode(clock_offset=25 * 3600)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)
    assert looked(ADAPTER, office, payload).verdict == "not_found"
    out(ADAPTER, office, made)

    assert len(instagram.posts()) == 1


def test_a_container_that_is_published_before_it_is_ready(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft(media=(pictures.file(),)))
    instagram.mode(status="IN_PROGRESS")

    with pytest.raises(Unavailable):
        ADAPTER.commit(office, payload)
    with pytest.raises(Unavailable):
        looked(ADAPTER, office, payload)

    assert instagram.posts() == []


# -- lost answers --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_is_found(
    instagram: Server, office: Connection, pictures: Pictures, fault: str
) -> None:
    earlier = out(ADAPTER, office, draft("Hola", media=(pictures.file(),)))
    payload = ADAPTER.prepare(office, draft("Hola", media=(pictures.file(),)))
    instagram.fault("publish", fault)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)
    look = looked(ADAPTER, office, payload, since_id=earlier.remote_id)

    assert look.receipt is not None
    assert (look.verdict, look.receipt.remote_id) == ("found", instagram.posts()[1]["id"])
    assert look.receipt.permalink


@pytest.mark.parametrize("fault", ["reset_before", "500_before"])
def test_what_did_not_arrive_may_be_sent_again(
    instagram: Server, office: Connection, pictures: Pictures, fault: str
) -> None:
    payload = ADAPTER.prepare(office, draft(media=(pictures.file(),)))
    instagram.fault("publish", fault)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)
    assert looked(ADAPTER, office, payload).verdict == "not_found"
    ADAPTER.commit(office, payload)

    assert len(instagram.posts()) == 1


def test_a_container_becomes_one_post_however_often_it_is_sent(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft(media=(pictures.file(),)))
    ADAPTER.commit(office, payload)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)

    assert len(instagram.posts()) == 1
    assert looked(ADAPTER, office, payload).verdict == "found"


def test_a_post_with_the_same_text_made_by_hand_is_not_ours(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft("Hola", media=(pictures.file(),)))
    instagram.post("mine", account="office", text="Hola")

    assert looked(ADAPTER, office, payload).verdict == "not_found"


def test_two_posts_that_fit_are_for_a_person(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft("Hola", media=(pictures.file(),)))
    mine = ADAPTER.commit(office, payload)
    other = instagram.post("mine", account="office", text="Hola")["id"]

    assert looked(ADAPTER, office, payload).verdict == "ambiguous"
    found = looked(ADAPTER, office, payload, taken={other})
    assert found.receipt is not None
    assert found.receipt.remote_id == mine.remote_id


def test_a_post_that_is_out_and_not_listed_yet_is_looked_for_again(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft("Hola", media=(pictures.file(),)))
    receipt = ADAPTER.commit(office, payload)
    instagram.post("delete", id=receipt.remote_id)

    # "not found" would send it again.
    with pytest.raises(Unavailable):
        looked(ADAPTER, office, payload)


def test_a_token_that_ends_between_the_steps(
    instagram: Server, office: Connection, pictures: Pictures
) -> None:
    payload = ADAPTER.prepare(office, draft(media=(pictures.file(),)))
    instagram.mode(clock_offset=61 * 86_400)

    with pytest.raises(AuthExpired):
        ADAPTER.commit(office, payload)
