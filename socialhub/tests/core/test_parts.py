"""Parts of a series in the engine: order, pace, and what happens at a gap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import FollowsAs, Notice, Publication, PublicationStatus
from socialhub.services import publishing
from socialhub.tests.factories import AccountFactory, PublicationFactory
from socialhub.tests.stack.networks import MastodonNetwork

pytestmark = pytest.mark.django_db
S = PublicationStatus


@pytest.fixture
def account(sandbox):
    return AccountFactory(server_url=sandbox.base_url)


def chain(account, parts=3, **fields):
    """Parts that wait for one another, due now."""
    rows: list[Publication] = []
    for _ in range(parts):
        more = {"parent": rows[-1], "root": rows[0]} if rows else {}
        rows.append(
            PublicationFactory(account=account, due_at=timezone.now(), **{**fields, **more})
        )
    return rows


def send(*rows):
    """Publish each as soon as it may go; what became of it."""
    said = []
    for row in rows:
        waiting = Publication.objects.filter(pk=row.pk, parent__status=S.PUBLISHED)
        waiting.update(not_before=timezone.now())
        said.append(publishing.publish(row.pk))
    return said


def states(rows):
    return [Publication.objects.values_list("status", flat=True).get(pk=r.pk) for r in rows]


def parents(sandbox, account):
    """text → text of the post it answers, as the network shows it."""
    posts = sandbox.posts(account.handle)
    texts = {post["id"]: post["text"] for post in posts}
    return {post["text"]: texts.get(post["parent_id"]) for post in posts}


@pytest.mark.parametrize(
    ("follows_as", "above"),
    [
        (FollowsAs.REPLY, [None, 0, 1]),
        (FollowsAs.COMMENT, [None, 0, 0]),
        (FollowsAs.ALONE, [None, None, None]),
    ],
)
def test_each_part_hangs_where_it_should(sandbox, account, follows_as, above):
    rows = chain(account, follows_as=follows_as)

    assert send(*rows) == ["published"] * 3

    texts = [row.post.text for row in rows]
    expected = {text: None if n is None else texts[n] for text, n in zip(texts, above, strict=True)}
    assert parents(sandbox, account) == expected


def test_the_next_part_is_due_after_the_pace(account):
    first, second, third = chain(account)
    Publication.objects.filter(pk=second.pk).update(pace_seconds=90)
    chosen = timezone.now() + timedelta(hours=3)

    send(first)
    second.refresh_from_db()
    first.refresh_from_db()
    assert second.not_before - first.published_at >= timedelta(seconds=89)
    assert second.due_at == second.not_before
    # A time that a person chose for a part is not brought forward.
    Publication.objects.filter(pk=third.pk).update(not_before=chosen, due_at=chosen)
    send(second)
    third.refresh_from_db()
    assert (third.not_before, third.due_at) == (chosen, chosen)


def test_a_failed_part_holds_the_later_ones_and_a_retry_goes_on(sandbox, account):
    rows = chain(account, 4)
    sandbox.fault("publish", "reject", contains=rows[2].post.text)

    assert send(*rows) == ["published", "published", "failed", "not_ours"]
    assert states(rows) == [S.PUBLISHED, S.PUBLISHED, S.FAILED, S.SCHEDULED]
    assert Publication.objects.get(pk=rows[3].pk).waiting_for == rows[2].pk

    publishing.retry(Publication.objects.get(pk=rows[2].pk), None)
    assert send(rows[2], rows[3]) == ["published", "published"]
    texts = [row.post.text for row in rows]
    assert parents(sandbox, account) == dict(zip(texts, [None, *texts], strict=False))


def test_a_part_deleted_on_the_network_stops_the_chain(sandbox, account):
    rows = chain(account)
    send(rows[0], rows[1])
    rows[1].refresh_from_db()
    sandbox.act("DELETE", f"/api/posts/{rows[1].remote_id}", account.handle)

    assert send(rows[2]) == ["failed"]

    rows[2].refresh_from_db()
    assert rows[2].error_code == "not_found"
    assert publishing.explain(rows[2]).startswith("The post it answers is not there any more")
    assert list(parents(sandbox, account)) == [rows[0].post.text]


def test_a_network_that_loses_the_parent_stops_the_next_part(mastodon):
    rows = chain(MastodonNetwork(mastodon).account())
    send(rows[0])
    Publication.objects.filter(pk=rows[0].pk).update(remote_id="12345")
    mastodon.mode(drop_missing_parent=True)

    assert send(rows[1], rows[2]) == ["published", "not_ours"]

    assert states(rows) == [S.PUBLISHED, S.PUBLISHED, S.FAILED]
    rows[2].refresh_from_db()
    assert rows[2].error_code == "parent_lost"
    assert publishing.explain(rows[2]).startswith("The part before is out, but")
    assert Notice.objects.filter(publication=rows[2], kind="failed").count() == 1
    publishing.retry(rows[2], None)
    assert send(rows[2]) == ["published"]


def test_cancelling_a_part_cancels_the_later_ones(account):
    rows = chain(account, 4)
    send(rows[0])

    publishing.cancel(Publication.objects.get(pk=rows[1].pk), None)

    assert states(rows) == [S.PUBLISHED, S.CANCELLED, S.CANCELLED, S.CANCELLED]
    assert [line.code for line in publishing.timeline(rows[3])] == ["cancelled_with_part"]
