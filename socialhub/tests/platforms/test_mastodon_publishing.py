"""Preparing, sending and looking, against the stand-in server; the truth is in its own list."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from socialhub import http
from socialhub.platforms.base import Connection, Draft, MediaFile, Payload, RemoteRef
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.mastodon import MastodonAdapter
from socialhub.tests.platforms.test_mastodon_account import connection
from socialhub.tests.support.mastodon import MastodonServer

ADAPTER = MastodonAdapter()
LINK = "https://www.example.com/ofertas/muebles-de-oficina?utm_source=mastodon&utm_medium=social"
TEXT = f"Novedades de @ana@otro.example & Cía:\n\n{LINK}\n#Oficina"


@pytest.fixture
def account(mastodon: MastodonServer) -> Connection:
    return connection(mastodon)


@pytest.fixture
def plain_account(mastodon_plain: MastodonServer) -> Connection:
    return connection(mastodon_plain)


@pytest.fixture
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 1.0)


def draft(text: str = TEXT, key: str = "key-1", **more: Any) -> Draft:
    return Draft(text=text, key=key, created_at=datetime.now(UTC), **more)


def picture(size: tuple[int, int] = (64, 48), alt: str = "Una mesa") -> MediaFile:
    out = io.BytesIO()
    # Noise, so that the file has a size worth shrinking.
    Image.effect_noise(size, 90).convert("RGB").save(out, "PNG")
    content = out.getvalue()
    return MediaFile("ab" * 32, "image/png", *size, len(content), alt, lambda: content)


def looked(account: Connection, payload: Payload, since_id: str = "", taken: Any = ()) -> Any:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return ADAPTER.look(account, payload, since_id=since_id, since=since, taken=taken)


# -- prepare and commit ------------------------------------------------------------


def test_a_post_is_out_as_written(mastodon: MastodonServer, account: Connection) -> None:
    receipt = ADAPTER.commit(account, ADAPTER.prepare(account, draft(language="es")))

    [post] = mastodon.posts()
    assert (post["id"], post["text"], post["language"]) == (receipt.remote_id, TEXT, "es")
    assert receipt.permalink == f"{mastodon.base_url}/@office/{post['id']}"
    assert receipt.published_at is not None
    assert abs(receipt.published_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_preparing_publishes_nothing(mastodon: MastodonServer, account: Connection) -> None:
    payload = ADAPTER.prepare(account, draft(media=(picture(),)))

    assert mastodon.posts() == []
    assert payload.key == "key-1"
    assert payload.body["media_ids"] == [mastodon.media()[0]["id"]]


def test_a_series_hangs_together(mastodon: MastodonServer, account: Connection) -> None:
    first = ADAPTER.commit(account, ADAPTER.prepare(account, draft("one", "k1")))
    parent = RemoteRef(first.remote_id, first.data)
    second = ADAPTER.commit(
        account, ADAPTER.prepare(account, draft("two", "k2", parent=parent, root=parent))
    )

    assert [(p["text"], p["parent_id"]) for p in mastodon.posts()] == [
        ("one", None),
        ("two", first.remote_id),
    ]
    assert "parent_lost" not in second.data


def test_images_are_processed_before_the_post_goes_out(
    mastodon: MastodonServer, account: Connection
) -> None:
    pictures = (picture(alt="Uno"), picture(alt="Dos"))

    ADAPTER.commit(account, ADAPTER.prepare(account, draft(media=pictures)))

    [post] = mastodon.posts()
    kept = {m["id"]: m for m in mastodon.media()}
    assert [kept[i]["description"] for i in post["media"]] == ["Uno", "Dos"]
    assert [kept[i]["mime"] for i in post["media"]] == ["image/png", "image/png"]


def test_images_are_made_to_fit_the_server(mastodon: MastodonServer) -> None:
    mastodon.mode(image_size_limit=20_000)
    large = picture((600, 400))
    assert large.size > 20_000

    ADAPTER.prepare(connection(mastodon), draft(media=(large,)))

    [kept] = mastodon.media()
    assert kept["size"] <= 20_000


def test_an_image_the_server_does_not_finish(
    account: Connection, mastodon: MastodonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialhub.platforms.mastodon.adapter.MEDIA_SECONDS", 0.05)

    with pytest.raises(Unavailable, match="processing"):
        ADAPTER.prepare(account, draft(media=(picture(),)))

    assert mastodon.posts() == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": "x" * 501}, "text_too_long"),
        ({"text": " "}, "empty"),
        ({"media": (picture(),) * 5}, "too_many_images"),
    ],
)
def test_what_cannot_fit_is_refused_before_anything_is_sent(
    mastodon: MastodonServer, account: Connection, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidContent, match=code):
        ADAPTER.prepare(account, draft(**wrong))

    assert mastodon.media() == []


def test_exactly_the_limit_is_accepted(mastodon: MastodonServer, account: Connection) -> None:
    text = f"{LINK} @ana@otro.example " + "👨‍👩‍👧‍👦" * (500 - 23 - 6)
    assert ADAPTER.count(text).count == 500

    ADAPTER.commit(account, ADAPTER.prepare(account, draft(text)))

    assert mastodon.texts() == [text]


# -- answers -------------------------------------------------------------------------


def test_an_answer_names_the_person(mastodon: MastodonServer, account: Connection) -> None:
    post = ADAPTER.commit(account, ADAPTER.prepare(account, draft("Hola")))
    comment = mastodon.comment(post.remote_id, "ana", "¿Precio?", visibility="direct")
    [item] = ADAPTER.interactions(account, "").items
    parent = RemoteRef(item.remote_id, item.data)

    ADAPTER.commit(account, ADAPTER.prepare(account, draft("20 €", "k2", parent=parent)))

    answer = mastodon.posts()[-1]
    # A private question gets a private answer.
    assert (answer["text"], answer["parent_id"], answer["visibility"]) == (
        "@ana 20 €",
        comment,
        "direct",
    )
    told = mastodon.act("GET", "/api/v1/notifications", "ana")
    assert [n["status"]["id"] for n in told] == [answer["id"]]


def test_a_name_that_is_there_is_not_repeated(
    mastodon: MastodonServer, account: Connection
) -> None:
    comment = mastodon.mention("office", "ana", "hola")
    parent = RemoteRef(comment, {"acct": "ana"})

    payload = ADAPTER.prepare(account, draft("Gracias, @Ana.", parent=parent))

    assert payload.text == payload.body["status"] == "Gracias, @Ana."


def test_a_parent_that_is_gone(mastodon: MastodonServer, account: Connection) -> None:
    payload = ADAPTER.prepare(account, draft(parent=RemoteRef("12345")))

    with pytest.raises(NotFound):
        ADAPTER.commit(account, payload)

    assert mastodon.posts() == []


def test_a_server_that_drops_the_parent_is_found_out(
    mastodon: MastodonServer, account: Connection
) -> None:
    mastodon.mode(drop_missing_parent=True)
    payload = ADAPTER.prepare(account, draft(parent=RemoteRef("12345")))

    receipt = ADAPTER.commit(account, payload)

    [post] = mastodon.posts()
    assert (receipt.remote_id, receipt.data["parent_lost"]) == (post["id"], True)
    # A look after a lost answer must not take it for "not out".
    look = looked(account, payload)
    assert (look.verdict, look.receipt.data["parent_lost"]) == ("found", True)


# -- what can go wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        "timeout_after_accept",
        "reset_after_accept",
        "500_after_accept",
        "502_after_accept",
        "408_after_accept",
        "unreadable_200",
    ],
)
def test_a_lost_answer_is_unknown_and_a_look_finds_the_post(
    mastodon: MastodonServer, account: Connection, short_deadline: None, fault: str
) -> None:
    payload = ADAPTER.prepare(account, draft())
    newest = ADAPTER.newest_own_id(account)
    mastodon.fault("publish", fault)

    with pytest.raises(OutcomeUnknown) as caught:
        ADAPTER.commit(account, payload)

    [post] = mastodon.posts()
    look = looked(account, payload, newest)
    assert caught.value.certainly_not_out is False
    assert (look.verdict, look.receipt.remote_id) == ("found", post["id"])


def test_a_slow_answer_is_waited_for(mastodon: MastodonServer, account: Connection) -> None:
    payload = ADAPTER.prepare(account, draft())
    mastodon.fault("publish", "slow", seconds=0.5)

    receipt = ADAPTER.commit(account, payload)

    assert [p["id"] for p in mastodon.posts()] == [receipt.remote_id]


def test_a_reset_before_anything_was_done(mastodon: MastodonServer, account: Connection) -> None:
    payload = ADAPTER.prepare(account, draft())
    mastodon.fault("publish", "reset_before")

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(account, payload)

    assert (mastodon.posts(), looked(account, payload).verdict) == ([], "not_found")


def test_a_server_that_is_down_got_nothing() -> None:
    account = Connection("mastodon", "http://127.0.0.1:9", secrets={"access_token": "x"})

    with pytest.raises(Unavailable) as caught:
        ADAPTER.commit(account, Payload("k", "hello", {"status": "hello"}))

    assert caught.value.certainly_not_out is True


def test_the_rate_limit_says_when(mastodon: MastodonServer, account: Connection) -> None:
    payload = ADAPTER.prepare(account, draft())
    mastodon.fault("publish", "rate_limited", retry_after=90)

    with pytest.raises(RateLimited) as caught:
        ADAPTER.commit(account, payload)

    assert caught.value.retry_at is not None
    wait = caught.value.retry_at - datetime.now(UTC)
    assert timedelta(seconds=80) < wait <= timedelta(seconds=90)
    assert mastodon.posts() == []


def test_a_refusal_by_the_server(mastodon: MastodonServer, account: Connection) -> None:
    # The server's limit went down after we learned it.
    mastodon.mode(max_characters=5)
    payload = ADAPTER.prepare(account, draft("too long now"))

    with pytest.raises(InvalidContent, match="character limit of 5") as caught:
        ADAPTER.commit(account, payload)

    assert caught.value.http_status == 422


def test_a_revoked_token(mastodon: MastodonServer, account: Connection) -> None:
    payload = ADAPTER.prepare(account, draft())
    mastodon.revoke("office")

    with pytest.raises(AuthRevoked) as caught:
        ADAPTER.commit(account, payload)

    assert "token-office" not in repr(caught.value)


def test_a_token_that_may_only_read(mastodon: MastodonServer, account: Connection) -> None:
    reader = mastodon.limited_token("office", "read")

    with pytest.raises(PermissionDenied, match="outside the authorized scopes"):
        ADAPTER.commit(
            replace(account, secrets={"access_token": reader}), ADAPTER.prepare(account, draft())
        )


def test_a_worker_that_lost_its_claim_sends_nothing(
    mastodon: MastodonServer, account: Connection
) -> None:
    def lost() -> None:
        raise http.RequestNotSent("the claim is lost")

    with pytest.raises(Unavailable):
        ADAPTER.commit(account, ADAPTER.prepare(account, draft()), lost)

    assert mastodon.posts() == []


# -- repeats -------------------------------------------------------------------------


def test_a_repeat_with_the_key_is_the_same_post(
    mastodon: MastodonServer, account: Connection
) -> None:
    payload = ADAPTER.prepare(account, draft())

    first, second = ADAPTER.commit(account, payload), ADAPTER.commit(account, payload)

    assert first.remote_id == second.remote_id
    assert len(mastodon.posts()) == 1


def test_where_the_key_is_ignored_a_look_is_what_prevents_a_copy(
    mastodon_plain: MastodonServer, plain_account: Connection
) -> None:
    payload = ADAPTER.prepare(plain_account, draft())
    mastodon_plain.fault("publish", "502_after_accept")
    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(plain_account, payload)

    assert looked(plain_account, payload).verdict == "found"
    # Why no repeat goes out without that look: here it would be a second post.
    ADAPTER.commit(plain_account, payload)
    assert len(mastodon_plain.posts()) == 2
    assert looked(plain_account, payload).verdict == "ambiguous"
    assert ADAPTER.capabilities.repeat == "look"


# -- look ------------------------------------------------------------------------------


def test_only_newer_posts_count(mastodon: MastodonServer, account: Connection) -> None:
    mastodon.act("POST", "/api/v1/statuses", "office", status="Hola")
    newest = ADAPTER.newest_own_id(account)
    payload = ADAPTER.prepare(account, draft("Hola"))

    assert looked(account, payload, newest).verdict == "not_found"


def test_posts_that_belong_to_others_are_ignored(
    mastodon: MastodonServer, account: Connection
) -> None:
    other = mastodon.act("POST", "/api/v1/statuses", "office", status="Hola")["id"]
    payload = ADAPTER.prepare(account, draft("Hola"))

    assert looked(account, payload, taken={other}).verdict == "not_found"
    assert looked(account, payload).verdict == "found"


def test_the_same_text_under_another_parent_is_another_post(
    mastodon: MastodonServer, account: Connection
) -> None:
    root = mastodon.act("POST", "/api/v1/statuses", "office", status="root")["id"]
    other = mastodon.act("POST", "/api/v1/statuses", "office", status="other root")["id"]
    mastodon.act("POST", "/api/v1/statuses", "office", status="Hola", in_reply_to_id=other)
    payload = ADAPTER.prepare(account, draft("Hola", parent=RemoteRef(root)))

    assert looked(account, payload).verdict == "not_found"
    assert looked(account, ADAPTER.prepare(account, draft("Hola"))).verdict == "not_found"


def test_two_posts_with_the_text_are_ambiguous(
    mastodon: MastodonServer, account: Connection
) -> None:
    for _ in range(2):
        mastodon.act("POST", "/api/v1/statuses", "office", status="Hola")

    assert looked(account, ADAPTER.prepare(account, draft("Hola"))).verdict == "ambiguous"


def test_an_attachment_tells_equal_texts_apart(
    mastodon: MastodonServer, account: Connection
) -> None:
    payload = ADAPTER.prepare(account, draft("Hola", media=(picture(),)))
    mine = ADAPTER.commit(account, payload)
    mastodon.act("POST", "/api/v1/statuses", "office", status="Hola")

    look = looked(account, payload)

    assert (look.verdict, look.receipt.remote_id) == ("found", mine.remote_id)


def test_looking_goes_past_the_first_page(mastodon: MastodonServer, account: Connection) -> None:
    first = mastodon.act("POST", "/api/v1/statuses", "office", status="before")["id"]
    payload = ADAPTER.prepare(account, draft())
    ADAPTER.commit(account, payload)
    for number in range(85):
        mastodon.act("POST", "/api/v1/statuses", "office", status=f"later {number}")

    assert looked(account, payload, first).verdict == "found"
    assert looked(account, payload).verdict == "found"


def test_more_posts_than_can_be_looked_through_is_no_verdict(
    mastodon: MastodonServer, account: Connection
) -> None:
    payload = ADAPTER.prepare(account, draft())
    first = mastodon.act("POST", "/api/v1/statuses", "office", status="before")["id"]
    for number in range(205):
        mastodon.act("POST", "/api/v1/statuses", "office", status=f"later {number}")

    with pytest.raises(Unavailable, match="too many"):
        looked(account, payload, first)


@pytest.mark.parametrize("offset", [-3600.0, 3600.0])
def test_a_wrong_clock_on_the_server_hides_nothing(
    mastodon: MastodonServer, account: Connection, offset: float
) -> None:
    mastodon.mode(clock_offset=offset)
    payload = ADAPTER.prepare(account, draft())
    ADAPTER.commit(account, payload)

    assert looked(account, payload).verdict == "found"


def test_an_old_post_is_not_taken_by_time(mastodon: MastodonServer, account: Connection) -> None:
    mastodon.mode(clock_offset=-3600.0)
    mastodon.act("POST", "/api/v1/statuses", "office", status="Hola")
    mastodon.mode(clock_offset=0.0)

    assert looked(account, ADAPTER.prepare(account, draft("Hola"))).verdict == "not_found"


@pytest.mark.parametrize("fault", ["502_after_accept", "unreadable_200", "reset_before"])
def test_a_look_that_fails_is_no_verdict(
    mastodon: MastodonServer, account: Connection, fault: str
) -> None:
    payload = ADAPTER.prepare(account, draft())
    mastodon.fault("look", fault)

    with pytest.raises(Unavailable):
        looked(account, payload)


def test_newest_own_id_of_an_empty_account(account: Connection) -> None:
    assert ADAPTER.newest_own_id(account) == ""
