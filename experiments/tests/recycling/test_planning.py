"""The daily job on real rows: what it plans, and the rules it keeps."""

from __future__ import annotations

from datetime import time

import pytest
from django.utils import timezone

from experiments.models import RecycledPost
from experiments.services.recycling import planning, verbs
from experiments.tests.recycling.shown import DAY, shown
from socialhub.models import PostingSlot, PostStatus, PublicationStatus
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def account_with_slots(*hours: int, **fields):
    account = AccountFactory(**fields)
    for weekday in range(7):
        for hour in hours:
            PostingSlot.objects.create(account=account, weekday=weekday, time=time(hour))
    return account


def rule(*accounts, **fields):
    given = {"name": "Evergreens", "needs_approval": False, **fields}
    return verbs.create_rule(None, accounts=accounts, **given)


def planned():
    return list(RecycledPost.objects.select_related("post", "publication", "original__post"))


def test_fills_a_free_slot_with_the_best_post_under_the_originals_approval():
    account = account_with_slots(9, 18)
    best = shown(account, 90, 90, 1000)
    for n in range(12):
        shown(account, 91 + n, 30, 1000)
    own = rule(account)

    done = planning.plan_all(timezone.now())

    (row,) = planned()
    assert done["planned"] == 1
    assert (row.original, row.rule, row.number, row.account) == (best, own, 1, account)
    assert row.post.text == best.post.text
    assert row.post.status == PostStatus.APPROVED
    assert row.post.is_evergreen
    assert row.publication.status == PublicationStatus.SCHEDULED
    assert row.publication.due_at > timezone.now()
    assert 0.03 < row.predicted < 0.09


def test_never_two_in_a_row():
    account = account_with_slots(9, 18)
    for n in range(12):
        shown(account, 60 + n, 30, 1000)
    rule(account)

    for day in range(5):
        planning.plan_all(timezone.now() + day * DAY)

    assert len(planned()) == 1
