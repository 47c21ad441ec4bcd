"""Storing, answering and handing over what others wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import Interaction, PublicationStatus
from socialhub.platforms.base import RemoteInteraction
from socialhub.services import interactions, publishing
from socialhub.services.errors import Conflict, Invalid
from socialhub.tests.factories import InteractionFactory, PublicationFactory, UserFactory
from socialhub.tests.stack.networks import SandboxNetwork

pytestmark = pytest.mark.django_db


def comment(remote_id: str, **fields) -> RemoteInteraction:
    given = {"kind": "comment", "author_handle": "ana", "author_name": "Ana", "text": "Hola"}
    return RemoteInteraction(remote_id=remote_id, created_at=timezone.now(), **given, **fields)


def test_a_known_comment_is_not_stored_again():
    first = InteractionFactory()

    assert interactions.store(first.account, [comment(first.remote_id), comment("new")]) == 1
    assert interactions.store(first.account, [comment("new")]) == 0
    assert Interaction.objects.count() == 2


def test_a_comment_on_a_comment_belongs_to_the_same_publication():
    first = InteractionFactory()

    interactions.store(first.account, [comment("deeper", parent_id=first.remote_id)])

    assert Interaction.objects.get(remote_id="deeper").publication == first.publication


def test_our_own_posts_are_no_comments_of_others():
    first = InteractionFactory()
    assert interactions.store(first.account, [comment(first.publication.remote_id)]) == 0


def test_an_answer_is_published_like_any_other_and_settles_the_comment(sandbox):
    network = SandboxNetwork(sandbox)
    account = network.account()
    post = PublicationFactory(account=account, due_at=timezone.now())
    publishing.publish(post.pk)
    post.refresh_from_db()
    remote = sandbox.comment(post.remote_id, "ana", "How much is it?")
    row = InteractionFactory(publication=post, account=account, remote_id=remote)

    answer = interactions.reply(row, UserFactory(role="Marketer"), "Two euros.")
    with pytest.raises(Conflict):
        interactions.reply(row, UserFactory(role="Marketer"), "Two euros!")
    publishing.publish(answer.pk)

    row.refresh_from_db()
    answer.refresh_from_db()
    assert (answer.status, row.answered_at is not None) == (PublicationStatus.PUBLISHED, True)
    out = {p["id"]: p for p in network.truth(account)}
    assert out[answer.remote_id]["parent_id"] == remote


def test_an_answer_that_does_not_fit_stores_nothing():
    row = InteractionFactory()
    with pytest.raises(Invalid):
        interactions.reply(row, UserFactory(role="Marketer"), "x" * 501)
    assert row.publications.count() == 0


def test_only_one_person_answers_at_a_time():
    row = InteractionFactory()
    ana, ben = UserFactory(role="Marketer"), UserFactory(role="Marketer")

    assert interactions.touch_answering(row, ana) is True
    assert interactions.touch_answering(row, ben) is False
    Interaction.objects.update(answering_until=timezone.now() - timedelta(seconds=1))
    assert interactions.touch_answering(row, ben) is True


def test_it_is_not_handed_to_somebody_who_may_not_answer():
    row = InteractionFactory()
    with pytest.raises(Invalid):
        interactions.assign(row, UserFactory(role="Marketer"), UserFactory(role="Analyst"))
