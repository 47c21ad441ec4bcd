"""Posts, pictures and chains on Threads, and looking after a lost answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from socialhub.platforms.base import Connection, Draft, RemoteRef
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.meta import containers
from socialhub.platforms.meta.graph import Graph
from socialhub.tests.platforms.fetching import SIGNATURE, Pictures, draft, looked, out
from socialhub.tests.platforms.meta_threads.conftest import ADAPTER
from socialhub.tests.support.standin.client import Server

FAMILY = "👨‍👩‍👧‍👦"
LINKS = " ".join(f"https://example.com/{n}" for n in range(6))


def chain(office: Connection, *texts: str) -> list[RemoteRef]:
    made: list[RemoteRef] = []
    for text in texts:
        where = {"parent": made[-1], "root": made[0]} if made else {}
        receipt = out(ADAPTER, office, draft(text, **where))
        made.append(RemoteRef(receipt.remote_id, receipt.data))
    return made


def test_a_text(threads: Server, office: Connection) -> None:
    receipt = out(ADAPTER, office, draft("Hola ñ 👋"))

    (post,) = threads.posts("office")
    assert (post["id"], post["text"], post["media"]) == (receipt.remote_id, "Hola ñ 👋", [])
    assert receipt.permalink == f"https://www.threads.net/@office/post/{receipt.remote_id}"
    assert ADAPTER.newest_own_id(office) == receipt.remote_id


def test_pictures(threads: Server, office: Connection, pictures: Pictures) -> None:
    one, two = pictures.file("Una"), pictures.file("Dos")
    pictures.offer((640, 640), "PNG")

    out(ADAPTER, office, draft("Solo", media=(one,)))
    out(ADAPTER, office, draft("Par", media=(one, two)))

    alts = [[each["alt_text"] for each in post["media"]] for post in threads.posts()]
    assert alts == [["Una"], ["Una", "Dos"]]


def test_a_chain(threads: Server, office: Connection) -> None:
    refs = chain(office, "Uno", "Dos", "Tres")

    assert [(post["text"], post["parent_id"]) for post in threads.posts("office")] == [
        ("Uno", ""),
        ("Dos", refs[0].remote_id),
        ("Tres", refs[1].remote_id),
    ]


# -- what never leaves ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 501, "text_too_long"),
        (FAMILY * 20 + "a", "text_too_long"),
        (LINKS, "too_many_links"),
    ],
)
def test_what_does_not_fit_never_leaves(
    threads: Server, office: Connection, text: str, code: str
) -> None:
    with pytest.raises(InvalidContent, match=f"^{code}$"):
        ADAPTER.prepare(office, draft(text))

    assert threads.requests("upload") == 0


@pytest.mark.parametrize("text", [FAMILY * 20, "🇩🇪" * 62 + "1234", "中" * 500, "é" * 500])
def test_what_fits_by_our_count_fits_by_theirs(
    threads: Server, office: Connection, text: str
) -> None:
    assert ADAPTER.count(text).count == 500

    out(ADAPTER, office, draft(text))

    assert threads.posts()[0]["text"] == text


@pytest.mark.parametrize("text", ["a" * 501, FAMILY * 20 + "a", LINKS])
def test_the_network_would_have_refused_it(office: Connection, text: str) -> None:
    graph = Graph.of(office)

    with pytest.raises(InvalidContent):
        graph.post(f"{office.remote_id}/threads", data={"media_type": "TEXT", "text": text})


def test_a_picture_that_nobody_can_fetch(
    office: Connection, pictures: Pictures, threads: Server
) -> None:
    made = draft(media=(pictures.file(),))
    pictures.server.says(403)

    with pytest.raises(InvalidContent, match="PUBLIC_MEDIA_URL") as at_once:
        ADAPTER.prepare(office, made)
    threads.mode(late=True)
    with pytest.raises(InvalidContent, match="PUBLIC_MEDIA_URL"):
        ADAPTER.prepare(office, made)

    assert SIGNATURE not in f"{at_once.value!r} {at_once.value.__context__!r}"


# -- quotas ----------------------------------------------------------------------------------


def test_posts_and_replies_have_quotas_of_their_own(threads: Server, office: Connection) -> None:
    (root,) = chain(office, "Uno")
    reply = draft("Dos", parent=root, root=root)

    threads.mode(quota_used=250)
    assert refused(office, draft("Otro")) > timedelta(minutes=59)
    out(ADAPTER, office, reply)
    threads.mode(quota_used=0, reply_quota_used=1_000)
    assert refused(office, reply) > timedelta(minutes=59)
    out(ADAPTER, office, draft("Otro"))

    assert [post["text"] for post in threads.posts()] == ["Uno", "Dos", "Otro"]


def refused(office: Connection, made: Draft) -> timedelta:
    with pytest.raises(RateLimited) as caught:
        ADAPTER.prepare(office, made)
    assert caught.value.retry_at is not None
    return caught.value.retry_at - datetime.now(UTC)


# -- containers --------------------------------------------------------------------------------


def test_a_container_that_is_never_finished(
    threads: Server, office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "READY_SECONDS", 0.2)
    threads.mode(status="IN_PROGRESS")

    with pytest.raises(Unavailable, match="still processing"):
        ADAPTER.prepare(office, draft())


def test_a_container_that_has_expired_is_not_out(threads: Server, office: Connection) -> None:
    payload = ADAPTER.prepare(office, draft())
    threads.mode(clock_offset=25 * 3600)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)

    assert looked(ADAPTER, office, payload).verdict == "not_found"


def test_a_parent_that_is_gone(threads: Server, office: Connection) -> None:
    (root,) = chain(office, "Uno")
    threads.post("delete", id=root.remote_id)

    with pytest.raises(NotFound):
        ADAPTER.prepare(office, draft("Dos", parent=root, root=root))


# -- lost answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["timeout_after_accept", "reset_after_accept", "500_after_accept", "unreadable_200"]
)
def test_a_lost_answer_in_a_chain_is_found(threads: Server, office: Connection, fault: str) -> None:
    root, second = chain(office, "Uno", "Dos")
    payload = ADAPTER.prepare(office, draft("Dos", parent=second, root=root))
    threads.fault("publish", fault, contains="Dos")

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)
    look = looked(ADAPTER, office, payload, since_id=root.remote_id)

    # The second part has the same text, and another parent.
    assert look.receipt is not None
    assert (look.verdict, look.receipt.remote_id) == ("found", threads.posts()[2]["id"])


def test_a_lost_first_post_is_found(threads: Server, office: Connection) -> None:
    payload = ADAPTER.prepare(office, draft("Uno"))
    threads.fault("publish", "reset_after_accept")

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)

    assert looked(ADAPTER, office, payload).verdict == "found"


@pytest.mark.parametrize("fault", ["reset_before", "500_before"])
def test_what_did_not_arrive_may_be_sent_again(
    threads: Server, office: Connection, fault: str
) -> None:
    payload = ADAPTER.prepare(office, draft())
    threads.fault("publish", fault)

    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)
    assert looked(ADAPTER, office, payload).verdict == "not_found"
    ADAPTER.commit(office, payload)
    with pytest.raises(OutcomeUnknown):
        ADAPTER.commit(office, payload)

    assert len(threads.posts()) == 1


def test_a_post_that_is_out_and_not_listed_yet_is_looked_for_again(
    threads: Server, office: Connection
) -> None:
    payload = ADAPTER.prepare(office, draft("Uno"))
    threads.post("delete", id=ADAPTER.commit(office, payload).remote_id)

    with pytest.raises(Unavailable):
        looked(ADAPTER, office, payload)
