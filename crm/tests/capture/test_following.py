"""A later word of a known person reaches its lead, with or without a message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm import tasks
from crm.models import Lead, LeadNote, LeadTouch
from crm.services import capture, following, retention
from crm.tests.capture.rows import again, comment
from socialhub.models import Interaction
from socialhub.platforms.base import RemoteInteraction
from socialhub.services import interactions
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db):
    found, _created = capture.convert(comment(), UserFactory(role="Marketer"))
    return found


def collected(lead: Lead, **fields) -> None:
    """The collector stores another comment of the lead's person."""
    first = lead.first_touch.interaction
    item = RemoteInteraction(
        **{
            "remote_id": "new-1",
            "kind": "comment",
            "author_handle": first.author_handle,
            "author_name": "",
            "text": "Still there?",
            "created_at": timezone.now(),
            "permalink": "",
            "parent_id": first.publication.remote_id,
            **fields,
        }
    )
    interactions.store(first.account, [item])


def test_a_collected_comment_is_noted_at_once(lead, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        collected(lead)

    note = LeadNote.objects.get()
    assert (note.lead, note.text) == (lead, "Still there?")
    lead.refresh_from_db()
    assert lead.last_touch.interaction == note.interaction


def test_a_lost_message_is_made_up_for(lead):
    # No callback runs: the message is lost.
    collected(lead)
    assert LeadNote.objects.count() == 0

    first, second = retention.tend(timezone.now()), tasks.tend_leads()

    assert (first["followed"], second["followed"]) == (1, 0)
    assert LeadNote.objects.get().text == "Still there?"


def test_strangers_never_become_leads(lead):
    comment("bo", publication=lead.publication)

    assert retention.tend(timezone.now())["followed"] == 0
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    "over", [{"outcome": "won"}, {"gone_since": timezone.now()}, {"erased_at": timezone.now()}]
)
def test_nothing_is_added_to_a_lead_that_is_over(lead, over):
    Lead.objects.filter(pk=lead.pk).update(**over)
    collected(lead)

    assert retention.tend(timezone.now())["followed"] == 0


def test_what_they_wrote_before_stays_outside(lead):
    first = lead.first_touch.interaction
    again(first, created_at=first.created_at - timedelta(days=1))

    assert retention.tend(timezone.now())["followed"] == 0
    assert LeadTouch.objects.count() == 1


def test_the_sweep_reads_what_was_collected_lately(lead):
    late = again(lead.first_touch.interaction)
    old = timezone.now() - following.SWEPT - timedelta(minutes=1)
    Interaction.objects.filter(pk=late.pk).update(collected_at=old)

    assert retention.tend(timezone.now())["followed"] == 0


def test_the_sweep_reads_many_in_few_queries(lead, django_assert_max_num_queries):
    publication = lead.publication
    Interaction.objects.bulk_create(
        Interaction(
            account=publication.account,
            publication=publication,
            remote_id=f"noise-{n}",
            kind="comment",
            author_handle=f"somebody{n}",
            created_at=timezone.now(),
        )
        for n in range(1_200)
    )

    with django_assert_max_num_queries(12):
        assert following.follow_unseen(timezone.now()) == 0
