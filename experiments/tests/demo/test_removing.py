"""What becomes of real tests when the demo's accounts go."""

from __future__ import annotations

import pytest

from experiments.models import ABTest, ABTestState
from experiments.services import ab_tests
from experiments.tests import factories
from socialhub.models import Account, Publication, PublicationStatus
from socialhub.services import demo
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def with_demo_account() -> list[Account]:
    own, invented = (factories.slots(AccountFactory(is_demo=one)) for one in (False, True))
    return [own, invented]


def test_a_draft_of_real_work_only_loses_the_demo_account():
    own, invented = with_demo_account()
    test = factories.make_test(accounts=[own, invented])

    demo.remove_demo(UserFactory(role="Administrator"))

    assert list(ABTest.objects.get(pk=test.pk).accounts.all()) == [own]


def test_a_started_test_on_a_demo_account_goes_and_nothing_of_it_goes_out():
    own, invented = with_demo_account()
    test = factories.running(accounts=[own, invented])
    untouched = factories.running()

    demo.remove_demo(UserFactory(role="Administrator"))

    assert list(ABTest.objects.all()) == [untouched]
    mine = Publication.objects.filter(account=own)
    assert set(mine.values_list("status", flat=True)) == {PublicationStatus.CANCELLED}
    assert not ABTest.history.filter(id=test.pk).exists()


def test_one_that_was_decided_goes_too():
    accounts = with_demo_account()
    test = factories.running(accounts=accounts)
    ab_tests.stop(test, UserFactory(role="Marketer"))
    test.refresh_from_db()
    assert test.state == ABTestState.DECIDED

    demo.remove_demo(UserFactory(role="Administrator"))

    assert not ABTest.objects.exists()
