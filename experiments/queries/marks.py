"""Marks on publications of the core's lists and calendar: A/B posts and repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestPublication, RecycledPost
from socialhub import policies
from socialhub.registries import Mark

AB, RECYCLED = "ab_test", "recycled"
ICONS = {AB: "science", RECYCLED: "recycling"}


def ab_tests(user: Any, ids: Sequence[int]) -> dict[int, Mark]:
    """Publications that show a variant of a test."""
    if not policies.can(user, "view_experiments"):
        return {}
    rows = ABTestPublication.objects.filter(
        publication__in=ids, test__in=ABTest.objects.visible_to(user)
    )
    return {
        pk: Mark(
            AB,
            ICONS[AB],
            _("A/B test, variant %(name)s") % {"name": name},
            reverse("admin:experiments_abtest_change", args=[test]),
        )
        for pk, test, name in rows.values_list("publication_id", "test_id", "variant__name")
    }


def repetitions(user: Any, ids: Sequence[int]) -> dict[int, Mark]:
    """Publications that show an earlier post again."""
    if not policies.can(user, "view_recycling"):
        return {}
    rows = RecycledPost.objects.visible_to(user).filter(publication__in=ids)
    return {
        publication: Mark(
            RECYCLED,
            ICONS[RECYCLED],
            _("recycled, repetition %(number)s") % {"number": number},
            reverse("admin:experiments_recycledpost_change", args=[pk]),
        )
        for publication, pk, number in rows.values_list("publication_id", "pk", "number")
    }
