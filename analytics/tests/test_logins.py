"""Collecting with a login that ran out. Answers are written from the XRPC specification
(https://atproto.com/specs/xrpc)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.services import collecting, tracking
from socialhub.models import AccountStatus, Credential
from socialhub.tests.factories import AccountFactory, PublicationFactory
from socialhub.tests.support import bluesky_stub

pytestmark = pytest.mark.django_db

POSTS = "app.bsky.feed.getPosts"
REFRESH = "com.atproto.server.refreshSession"
EXPIRED = {"status": 400, "body": {"error": "ExpiredToken", "message": "Token has expired"}}
DID = "did:plc:abc"
URI = f"at://{DID}/app.bsky.feed.post/3abc"


@pytest.fixture(scope="module")
def _stub():
    with bluesky_stub.running() as server:
        yield server


@pytest.fixture
def stub(_stub):
    _stub.reset()
    return _stub


@pytest.fixture
def account(stub):
    made = AccountFactory(
        platform="bluesky",
        server_url=stub.base_url,
        handle="office.example.org",
        remote_id=DID,
        secrets={"access": "a1", "refresh": "r1"},
    )
    PublicationFactory(account=made, published=True, remote_id=URI)
    tracking.sweep()
    return made


def answer_with_a_session(stub) -> None:
    body = {"accessJwt": "a2", "refreshJwt": "r2", "did": DID, "handle": "office.example.org"}
    stub.answers(REFRESH, {"body": body})


def test_a_login_that_ran_out_is_renewed_once_and_used(stub, account):
    counted = {"uri": URI, "likeCount": 4, "replyCount": 0, "repostCount": 1, "quoteCount": 2}
    stub.answers(POSTS, EXPIRED, {"body": {"posts": [counted]}})
    answer_with_a_session(stub)

    result = collecting.collect(timezone.now() + timedelta(seconds=1))

    assert (result["read"], result["errors"]) == (1, {})
    row = PublicationStats.objects.get()
    assert (row.likes, row.shares, row.quotes, row.impressions) == (4, 3, 2, None)
    assert Credential.objects.get().secrets["access"] == "a2"
    assert len(stub.requests(REFRESH)) == 1


def test_a_login_that_runs_out_again_is_not_renewed_in_a_circle(stub, account):
    stub.answers(POSTS, EXPIRED)
    answer_with_a_session(stub)

    result = collecting.collect(timezone.now() + timedelta(seconds=1))

    assert result["errors"] == {"auth_expired": 1}
    assert len(stub.requests(REFRESH)) == 1
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def test_a_renewal_that_is_refused_asks_for_reconnecting(stub, account):
    stub.answers(POSTS, EXPIRED)
    stub.answers(REFRESH, EXPIRED)

    result = collecting.collect(timezone.now() + timedelta(seconds=1))

    assert result["errors"] == {"auth_revoked": 1}
    account.refresh_from_db()
    assert account.status == AccountStatus.NEEDS_RECONNECT


def test_a_renewal_that_fails_for_now_leaves_the_account_alone(stub, account):
    stub.answers(POSTS, EXPIRED)
    stub.answers(REFRESH, {"status": 502, "body": "bad gateway"})

    result = collecting.collect(timezone.now() + timedelta(seconds=1))

    assert result["errors"] == {"unavailable": 1}
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    assert PublicationStats.objects.get().failures == 1
