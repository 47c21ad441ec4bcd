"""Tests of A/B, made and started through the services. Everything has a default."""

from __future__ import annotations

from datetime import time
from typing import Any

from experiments.models import ABTest
from experiments.services import ab_tests
from experiments.services.ab_tests import VariantData
from socialhub.models import Account, PostingSlot
from socialhub.tests.factories import AccountFactory, UserFactory

A = VariantData(text="Come in, we are open.")
B = VariantData(text="Open today: come and have a look!")


def slots(account: Account, *times: tuple[int, int]) -> Account:
    """Give an account posting slots: (weekday, hour)."""
    for weekday, hour in times or ((1, 9), (3, 18)):
        PostingSlot.objects.create(account=account, weekday=weekday, time=time(hour))
    return account


def make_test(user: Any = None, **fields: Any) -> ABTest:
    """A draft: paired slots of two texts on one sandbox account with two slots a week."""
    user = user or UserFactory(role="Administrator")
    if "accounts" not in fields:
        is_split = fields.get("design") == "split"
        fields["accounts"] = [] if is_split else [slots(AccountFactory())]
    given: dict[str, Any] = {"question": "Which opening is better?", "variants": [A, B]}
    if fields.get("design", "paired_slots") == "paired_slots":
        given["planned_size"] = 4
    elif "planned_size" not in fields:
        given["planned_size"] = 5_000
    return ab_tests.create(user, **{**given, **fields})


def approved(user: Any = None, **fields: Any) -> ABTest:
    """Approved by somebody else."""
    test = make_test(user, **fields)
    return ab_tests.approve(test, UserFactory(role="Approver"))


def running(user: Any = None, **fields: Any) -> ABTest:
    """Started: what it publishes is scheduled."""
    return ab_tests.start(approved(user, **fields), UserFactory(role="Marketer"))
