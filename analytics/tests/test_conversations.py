"""Networks whose first post counts everything below it, our own words too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.services import collecting, tracking
from socialhub.platforms.base import Draft, RemoteRef
from socialhub.platforms.registry import get_adapter
from socialhub.services.accounts import credentials
from socialhub.tests.factories import AccountFactory, InteractionFactory, PublicationFactory

pytestmark = pytest.mark.django_db


def test_own_parts_and_answers_on_threads_are_nobodys_comments(standins):
    server = standins("meta_threads")
    adapter = get_adapter("meta_threads")
    profile = adapter.connect(server.base_url, "", server.token("office"))
    account = AccountFactory(
        platform="meta_threads",
        server_url=server.base_url,
        handle=profile.handle,
        remote_id=profile.remote_id,
        secrets=dict(profile.secrets),
    )

    def say(text, parent=""):
        here = credentials.connection(account)
        ref = RemoteRef(parent) if parent else None
        draft = Draft(text, "key", timezone.now(), parent=ref)
        return adapter.commit(here, adapter.prepare(here, draft)).remote_id

    ids = [say("One")]
    ids += [say("Two", ids[0])]
    ids += [say("Three", ids[1])]
    asked = server.post("replies", parent=ids[1], text="How much?", author="ana")["id"]
    answer = say("10 €", asked)
    server.post("replies", parent=ids[0], text="Nice", author="leo")
    at = timezone.now()
    parts = [PublicationFactory(account=account, published=True, remote_id=ids[0])]
    for remote_id in ids[1:]:
        above = {"parent": parts[-1], "root": parts[0]}
        parts.append(
            PublicationFactory(account=account, published=True, remote_id=remote_id, **above)
        )
    comment = InteractionFactory(account=account, remote_id=asked, publication=parts[1])
    PublicationFactory(account=account, published=True, remote_id=answer, answers=comment)
    tracking.sweep()

    collecting.collect(at + timedelta(seconds=5))

    # The network says 5, 2, 0: Two, Three, the question, our answer and "Nice"; Three and the
    # question.
    rows = [PublicationStats.objects.get(pk=part.pk) for part in parts]
    assert [(row.comments, row.replies) for row in rows] == [(2, 2), (1, 1), (0, 0)]
