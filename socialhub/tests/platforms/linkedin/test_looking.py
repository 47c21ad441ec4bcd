"""Which own post or comment a payload became, when nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from socialhub.platforms.base import Connection
from socialhub.tests.platforms.linkedin.conftest import ADAPTER, connection, draft, looked
from socialhub.tests.platforms.linkedin.test_publishing import TEXT, publish, ref
from socialhub.tests.support.standin.client import Server


def test_a_look_finds_a_post_whose_links_were_shortened(linkedin: Server, page: Connection) -> None:
    linkedin.mode(link_shortener=True)
    payload = ADAPTER.prepare(page, draft(TEXT))
    receipt = ADAPTER.commit(page, payload)

    look = looked(page, payload)

    assert look.receipt is not None
    assert look.receipt.remote_id == receipt.remote_id
    assert look.receipt.published_at is not None


def test_a_look_leaves_out_older_and_taken_posts(linkedin: Server, page: Connection) -> None:
    linkedin.mode(clock_offset=-3_600)
    old = publish(page, "Igual")
    linkedin.mode(clock_offset=0)
    publish(page, "Otra")
    payload = ADAPTER.prepare(page, draft("Igual"))
    # An edit makes it the last modified.
    linkedin.post("touch", id=old.remote_id)
    since_id = ADAPTER.newest_own_id(page)

    assert looked(page, payload, since_id).verdict == "not_found"
    receipt = ADAPTER.commit(page, payload)
    assert looked(page, payload, since_id).verdict == "found"
    assert looked(page, payload, since_id, {receipt.remote_id}).verdict == "not_found"


def test_a_post_made_just_before_is_not_this_one(linkedin: Server, page: Connection) -> None:
    before = publish(page, "Igual")
    payload = ADAPTER.prepare(page, draft("Igual"))

    assert ADAPTER.newest_own_id(page) == before.remote_id
    assert looked(page, payload, before.remote_id).verdict == "not_found"


def test_a_look_with_another_clock(linkedin: Server, page: Connection) -> None:
    linkedin.mode(clock_offset=-7_200)
    payload = ADAPTER.prepare(page, draft())
    ADAPTER.commit(page, payload)

    assert looked(page, payload).verdict == "found"


def test_a_look_reads_page_after_page(linkedin: Server, page: Connection) -> None:
    payload = ADAPTER.prepare(page, draft("Primera"))
    ADAPTER.commit(page, payload)
    for number in range(12):
        publish(page, f"Otra {number}")

    assert looked(page, payload).verdict == "found"


def test_two_that_fit_are_for_a_person(linkedin: Server, page: Connection) -> None:
    first = publish(page, "Uno")
    payload = ADAPTER.prepare(page, draft("Dos", parent=ref(first)))
    ADAPTER.commit(page, payload)
    ADAPTER.commit(page, payload)

    assert looked(page, payload).verdict == "ambiguous"


def test_a_look_leaves_out_comments_of_others_and_older_ones(
    linkedin: Server, page: Connection
) -> None:
    first = publish(page, "Uno")
    linkedin.post("comments", parent=first.remote_id, text="Dos")
    payload = ADAPTER.prepare(page, draft("Dos", parent=ref(first)))
    assert looked(page, payload).verdict == "not_found"
    ADAPTER.commit(page, payload)

    late = ADAPTER.look(
        page,
        payload,
        since_id="",
        since=datetime.now(UTC) + timedelta(minutes=10),
        taken=(),
    )
    assert late.verdict == "not_found"


def test_two_pages_of_one_member_do_not_see_each_other(linkedin: Server) -> None:
    linkedin.post("roles", account="ana", pages={"sur": "ADMINISTRATOR", "norte": "ADMINISTRATOR"})
    south, north = (ADAPTER.connect(linkedin.base_url, n, "token-ana") for n in ("sur", "norte"))
    here = Connection("linkedin", linkedin.base_url, south.remote_id, secrets=south.secrets)
    there = Connection("linkedin", linkedin.base_url, north.remote_id, secrets=north.secrets)
    payload = ADAPTER.prepare(there, draft())
    publish(here)

    assert ADAPTER.newest_own_id(there) == ""
    assert looked(there, payload).verdict == "not_found"
    assert connection(linkedin).remote_id not in (here.remote_id, there.remote_id)
