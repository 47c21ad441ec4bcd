"""The time machine of demo data: the product and the sandbox network live at another moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import AccountStatus, Campaign, PublicationStatus
from socialhub.seeds import clock
from socialhub.services import posts, publishing
from socialhub.tests import factories

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)


def test_rows_and_posts_made_in_the_past_are_of_then(sandbox):
    then = timezone.now() - timedelta(days=40)
    with clock.at(then, sandbox.base_url) as travel:
        assert then <= timezone.now() < then + SOON
        made = Campaign.objects.create(name="Then", utm_campaign="then")
        assert then <= made.created_at < then + SOON
        assert timezone.localdate() == timezone.localtime(then).date()

        travel.go(then + timedelta(days=3))
        assert timezone.now() >= then + timedelta(days=3)
        # Back is nowhere to go: time runs on.
        travel.go(then)
        assert timezone.now() >= then + timedelta(days=3)
    assert timezone.now() >= then + timedelta(days=40)
    assert sandbox.offset() == 0


def test_the_engine_publishes_in_the_past_as_it_does_now(sandbox):
    account = factories.AccountFactory(
        server_url=sandbox.base_url, handle="shop", status=AccountStatus.ACTIVE
    )
    author, approver = (factories.UserFactory(role=name) for name in ("Marketer", "Approver"))
    then = timezone.now() - timedelta(days=40)
    due = then + timedelta(days=1)
    with clock.at(then, sandbox.base_url) as travel:
        post = posts.create(author, text="Forty days ago", accounts=[account], due_at=due)
        posts.approve(posts.submit(post, author), approver)
        [publication] = post.publications.all()
        assert publishing.ring(timezone.now(), publishing.publish) == []

        travel.go(due)
        assert publishing.ring(timezone.now(), publishing.publish) == [publication.pk]

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.PUBLISHED
    assert due <= publication.published_at < due + SOON
    assert due <= publication.attempts.get().started_at < due + SOON
    [out] = sandbox.posts("shop")
    assert (out["id"], out["text"]) == (publication.remote_id, "Forty days ago")


def test_whatever_happens_the_clock_is_set_right_again(sandbox):
    real = timezone.now
    with (
        pytest.raises(ZeroDivisionError),
        clock.at(timezone.now() - timedelta(days=1), sandbox.base_url),
    ):
        1 / 0  # noqa: B018
    assert timezone.now is real
    assert sandbox.offset() == 0
