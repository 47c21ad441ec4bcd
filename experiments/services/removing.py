"""Demo tests, rules and repetitions, before the posts and accounts they hold on to are removed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from experiments.models import (
    ABTest,
    ABTestPublication,
    ABTestState,
    Outcome,
    RecycledPost,
    RecyclingLearned,
    RecyclingRule,
)
from experiments.services import notices, watching
from experiments.services.ab_tests import telling
from socialhub.models import TrackedLink


def forget(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    """Delete every demo row of this app, in the caller's transaction.

    A started test of real work that ran on a demo account goes too: what it found is invented.
    A draft only loses the account.
    """
    _tests(publication_ids, account_ids)
    on_them = Q(account__in=account_ids) | Q(publication__in=publication_ids)
    gone = on_them | Q(original__in=publication_ids) | Q(post__is_demo=True)
    if RecycledPost.objects.filter(gone).delete()[0]:
        # It was learned from invented repetitions, at least in part.
        RecyclingLearned.objects.all().delete()
    rules = RecyclingRule.objects.filter(is_demo=True)
    ids = list(rules.values_list("pk", flat=True))
    rules.delete()
    RecyclingRule.history.filter(id__in=ids).delete()


def _tests(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    invented = ABTestPublication.objects.filter(
        Q(account__in=account_ids) | Q(publication__in=publication_ids)
    )
    found = ABTest.objects.filter(Q(is_demo=True) | Q(pk__in=invented.values("test_id")))
    ids = list(found.values_list("pk", flat=True))
    tests = ABTest.objects.filter(pk__in=ids)
    for test in tests:
        watching.call_off(test)
        telling.settled(test)
        notices.settled(test)
    links = list(tests.exclude(link=None).filter(is_demo=True).values_list("link_id", flat=True))
    # Winners and variants are protected as long as something points to them.
    tests.filter(state=ABTestState.DECIDED).update(outcome=Outcome.STOPPED, winner=None)
    ABTestPublication.objects.filter(test__in=ids).delete()
    tests.delete()
    TrackedLink.objects.filter(pk__in=links).delete()
    ABTest.history.filter(id__in=ids).delete()
