"""Counters and what others wrote, against the stand-in server."""

from __future__ import annotations

import pytest

from socialhub.platforms.base import Audience, Connection, Metrics
from socialhub.platforms.errors import AuthRevoked, RateLimited, Unavailable
from socialhub.platforms.mastodon import MastodonAdapter
from socialhub.tests.platforms.test_mastodon_account import connection
from socialhub.tests.support.mastodon import MastodonServer

ADAPTER = MastodonAdapter()
NOTHING = Metrics(likes=0, comments=0, shares=0, replies=0, quotes=0)


@pytest.fixture
def account(mastodon: MastodonServer) -> Connection:
    return connection(mastodon)


def posted(server: MastodonServer, text: str = "Hola") -> str:
    return str(server.act("POST", "/api/v1/statuses", "office", status=text)["id"])


# -- counters ----------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [True, False])
def test_counters_of_a_post(mastodon: MastodonServer, account: Connection, bulk: bool) -> None:
    mastodon.mode(bulk=bulk)
    post, quiet = posted(mastodon), posted(mastodon, "quiet")
    mastodon.act("POST", f"/api/v1/statuses/{post}/favourite", "ana")
    mastodon.act("POST", f"/api/v1/statuses/{post}/favourite", "eva")
    mastodon.act("POST", f"/api/v1/statuses/{post}/reblog", "ana")
    mastodon.comment(post, "ana", "¿Precio?")
    mastodon.comment(post, "eva", "Miren", kind="quote")

    assert ADAPTER.metrics(account, [post, quiet]) == {
        post: Metrics(likes=2, comments=1, shares=2, replies=1, quotes=1),
        quiet: NOTHING,
    }


def test_what_the_server_does_not_count_is_missing(
    mastodon: MastodonServer, account: Connection
) -> None:
    mastodon.mode(quotes=False)
    post = posted(mastodon)

    found = ADAPTER.metrics(account, [post])[post]

    assert found == Metrics(likes=0, comments=0, shares=0, replies=0, quotes=None)
    assert isinstance(found, Metrics)
    assert (found.impressions, found.reach, found.clicks, found.saves) == (None,) * 4


@pytest.mark.parametrize("bulk", [True, False])
def test_a_deleted_post_is_gone(mastodon: MastodonServer, account: Connection, bulk: bool) -> None:
    mastodon.mode(bulk=bulk)
    post, kept = posted(mastodon), posted(mastodon, "kept")
    mastodon.act("DELETE", f"/api/v1/statuses/{post}", "office")

    assert ADAPTER.metrics(account, [post, kept]) == {post: "gone", kept: NOTHING}


@pytest.mark.parametrize("bulk", [True, False])
def test_more_posts_than_one_request_takes(
    mastodon: MastodonServer, account: Connection, bulk: bool
) -> None:
    mastodon.mode(bulk=bulk)
    posts = [posted(mastodon, f"post {n}") for n in range(45)]

    assert ADAPTER.metrics(account, posts) == dict.fromkeys(posts, NOTHING)
    # In bulk by 20; without, the list is asked for once and then each post.
    assert mastodon.requests("metrics") == (3 if bulk else 46)


def test_nothing_asked_nothing_sent(account: Connection, mastodon: MastodonServer) -> None:
    before = mastodon.requests()

    assert ADAPTER.metrics(account, []) == {}
    assert mastodon.requests() == before


def test_a_limit_in_the_middle_keeps_what_was_read(
    mastodon: MastodonServer, account: Connection
) -> None:
    first, second = posted(mastodon, "one"), posted(mastodon, "two")
    # Gone from the bulk answer, so that it is asked for alone, and then the limit is reached.
    mastodon.act("DELETE", f"/api/v1/statuses/{second}", "office")
    mastodon.fault("metrics", "rate_limited", skip=1)

    assert ADAPTER.metrics(account, [first, second]) == {first: NOTHING}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_limited", RateLimited),
        ("502_after_accept", Unavailable),
        ("unreadable_200", Unavailable),
        ("reset_before", Unavailable),
    ],
)
def test_counters_that_cannot_be_read(
    mastodon: MastodonServer, account: Connection, fault: str, error: type[Exception]
) -> None:
    post = posted(mastodon)
    mastodon.fault("metrics", fault)

    with pytest.raises(error):
        ADAPTER.metrics(account, [post])


def test_a_revoked_token_is_not_a_deleted_post(
    mastodon: MastodonServer, account: Connection
) -> None:
    post = posted(mastodon)
    mastodon.revoke("office")

    with pytest.raises(AuthRevoked):
        ADAPTER.metrics(account, [post])


# -- the account -------------------------------------------------------------------


def test_the_audience_of_the_account(mastodon: MastodonServer, account: Connection) -> None:
    posted(mastodon)
    mastodon.counts("office", followers_count=12, following_count=3)

    assert ADAPTER.audience(account) == Audience(followers=12, following=3, posts=1)


# glitch-soc says -1 for a number that its owner hides; another server may leave it out.
@pytest.mark.parametrize("said", [-1, None])
def test_a_hidden_number_is_missing_not_zero(
    mastodon: MastodonServer, account: Connection, said: int | None
) -> None:
    mastodon.counts("office", followers_count=said)

    assert ADAPTER.audience(account) == Audience(followers=None, following=0, posts=0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_limited", RateLimited),
        ("502_after_accept", Unavailable),
        ("unreadable_200", Unavailable),
        ("reset_before", Unavailable),
    ],
)
def test_an_audience_that_cannot_be_read(
    mastodon: MastodonServer, account: Connection, fault: str, error: type[Exception]
) -> None:
    mastodon.fault("session", fault)

    with pytest.raises(error):
        ADAPTER.audience(account)


def test_a_revoked_token_has_no_audience(mastodon: MastodonServer, account: Connection) -> None:
    mastodon.revoke("office")

    with pytest.raises(AuthRevoked):
        ADAPTER.audience(account)


# -- what others wrote ---------------------------------------------------------------


def test_comments_mentions_and_quotes(mastodon: MastodonServer, account: Connection) -> None:
    post = posted(mastodon)
    comment = mastodon.comment(post, "ana@otro.example", "¿Precio? https://example.com/a-b")
    mention = mastodon.mention("office", "eva", "hola", visibility="direct")
    quote = mastodon.comment(post, "eva", "Miren esto", kind="quote")

    items = ADAPTER.interactions(account, "").items

    assert [(i.remote_id, i.kind, i.parent_id, i.author_handle) for i in items] == [
        (comment, "comment", post, "ana@otro.example"),
        (mention, "mention", "", "eva"),
        (quote, "quote", post, "eva"),
    ]
    assert items[0].text == "@office ¿Precio? https://example.com/a-b"
    assert items[0].data == {"id": comment, "acct": "ana@otro.example", "visibility": "public"}
    assert items[1].data["visibility"] == "direct"


def test_a_cursor_brings_only_what_is_new(mastodon: MastodonServer, account: Connection) -> None:
    mastodon.mention("office", "ana", "one")
    first = ADAPTER.interactions(account, "")
    again = ADAPTER.interactions(account, first.cursor)
    later = mastodon.mention("office", "ana", "two")

    second = ADAPTER.interactions(account, first.cursor)

    assert (again.items, again.cursor) == ((), first.cursor)
    assert [i.remote_id for i in second.items] == [later]
    assert second.cursor != first.cursor


def test_a_long_absence_is_caught_up_in_order(
    mastodon: MastodonServer, account: Connection
) -> None:
    mastodon.mention("office", "ana", "start")
    cursor = ADAPTER.interactions(account, "").cursor
    wanted = [mastodon.mention("office", "ana", f"n {n}") for n in range(250)]

    first = ADAPTER.interactions(account, cursor)
    second = ADAPTER.interactions(account, first.cursor)

    # Five pages of 40 per call, the rest next time, nothing twice and nothing lost.
    assert [i.remote_id for i in first.items] == wanted[:200]
    assert [i.remote_id for i in second.items] == wanted[200:]


def test_a_new_account_starts_with_the_newest(
    mastodon: MastodonServer, account: Connection
) -> None:
    wanted = [mastodon.mention("office", "ana", f"n {n}") for n in range(210)]

    page = ADAPTER.interactions(account, "")

    assert [i.remote_id for i in page.items] == wanted[10:]
    assert ADAPTER.interactions(account, page.cursor).items == ()


def test_notifications_that_cannot_be_read(mastodon: MastodonServer, account: Connection) -> None:
    mastodon.fault("notifications", "502_after_accept")

    with pytest.raises(Unavailable):
        ADAPTER.interactions(account, "")
