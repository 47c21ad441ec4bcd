"""A/B posts and repetitions say so in the calendar and in the lists."""

from __future__ import annotations

import pytest

from experiments.models import ABTestPublication
from experiments.services.recycling import verbs
from experiments.tests.factories import running
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import account, logged_in
from socialhub import registries
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_lists_and_the_calendar_show_both():
    tested = ABTestPublication.objects.filter(test=running()).order_by("due_at").first()
    made = verbs.recycle(shown(account(), 60, 5, 100), None)
    client = logged_in()
    for path, at in (
        ("/admin/socialhub/publication/", None),
        ("/admin/calendar/?view=list&date={:%Y-%m-%d}", tested.due_at),
        ("/admin/calendar/?view=week&date={:%Y-%m-%d}", made.publication.due_at),
    ):
        page = client.get(path.format(at) if at else path).content.decode()
        assert "A/B test, variant" in page or "recycled, repetition 1" in page
    listed = client.get("/admin/socialhub/publication/").content.decode()
    assert "A/B test, variant" in listed and "recycled, repetition 1" in listed
    assert f"/admin/experiments/recycledpost/{made.pk}/change/" in listed


def test_only_who_may_read_them_gets_marks():
    made = verbs.recycle(shown(account(), 60, 5, 100), None)
    part = ABTestPublication.objects.filter(test=running()).first()
    ids = [made.publication_id, part.publication_id]
    assert len(registries.publication_marks(UserFactory(role="Analyst"), ids)) == 2
    assert registries.publication_marks(UserFactory(), ids) == {}
