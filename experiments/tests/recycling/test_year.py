"""A whole year of preview obeys every rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from experiments.services.recycling import preview, verbs
from experiments.tests.recycling.shown import DAY, shown
from socialhub.models import Organisation, PostingSlot, Publication
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]

ZONE = ZoneInfo("Europe/Madrid")
FRESH, FREE = time(9), time(18)


@pytest.fixture
def account():
    """A fresh post every morning of the year, a free slot every evening, 40 posts to repeat."""
    Organisation.objects.update_or_create(pk=Organisation.get().pk, defaults={"timezone": ZONE.key})
    account = AccountFactory()
    for weekday in range(7):
        for at in (FRESH, FREE):
            PostingSlot.objects.create(account=account, weekday=weekday, time=at)
    for n in range(40):
        shown(account, 40 + 5 * n, 20 + n, 1000)
    morning = timezone.now().astimezone(ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    # Before nine there is one today as well.
    first = 0 if morning > timezone.now() else 1
    for n in range(first, 375):
        PublicationFactory(account=account, due_at=morning + n * DAY, post__text=f"{n} today {n}")
    return account


def test_a_year_of_preview_breaks_no_rule(account):
    rule = verbs.create_rule(
        None, name="R", accounts=[account], cooldown_days=30, cap=3, season_from="03-01",
        season_to="11-30", share=0.2,
    )  # fmt: skip
    now = timezone.now()

    found = preview.preview([rule], weeks=52, now=now)

    local = [one.at.astimezone(ZONE) for one in found]
    assert len(found) > 60
    assert {at.time() for at in local} == {FREE}
    assert {(at.month, at.day) >= (3, 1) and (at.month, at.day) <= (11, 30) for at in local} == {
        True
    }
    # A fifth of 14 slots are 2.
    weeks = Counter(at.isocalendar()[:2] for at in local)
    assert max(weeks.values()) <= 2
    fresh = sorted(Publication.objects.filter(due_at__gt=now).values_list("due_at", flat=True))
    for one, after in pairwise(local):
        assert any(one < at < after for at in fresh)
    shown_at = defaultdict(list)
    for one in found:
        shown_at[one.publication.pk].append(one.at)
    for pk, times in shown_at.items():
        first = Publication.objects.get(pk=pk).published_at
        assert len(times) <= 3
        for n, (before, at) in enumerate(pairwise([first, *times])):
            assert at - before >= timedelta(days=30 * (1 + 0.5 * n)) - timedelta(hours=1)
