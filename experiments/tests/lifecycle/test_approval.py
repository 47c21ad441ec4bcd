"""Plan and variants are approved as one, by somebody who did not write them."""

from __future__ import annotations

import pytest

from experiments.models import ABTestState
from experiments.services import ab_tests
from experiments.services.ab_tests import VariantData, content
from experiments.tests.factories import A, approved, make_test, running
from socialhub.models import Notice
from socialhub.services import notices
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import CampaignFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db
CHANGED = VariantData(text="Another text")


def test_from_draft_to_approved():
    marketer, approver = UserFactory(role="Marketer"), UserFactory(role="Approver")
    test = make_test(marketer)

    submitted = ab_tests.submit(test, marketer)
    assert submitted.state == ABTestState.IN_REVIEW
    found = ab_tests.approve(test, approver)

    assert (found.state, found.approved_by) == (ABTestState.APPROVED, approver)
    assert found.approved_hash == found.content_hash == content.content_hash(found)
    assert found.editors.count() == 0
    reasons = found.history.order_by("pk").values_list("history_change_reason", flat=True)
    assert list(reasons)[-2:] == ["submitted", "approved"]


def test_those_who_approve_hear_of_it_until_it_is_settled():
    approver, test = UserFactory(role="Approver"), make_test()

    ab_tests.submit(test, UserFactory(role="Marketer"))

    notice = Notice.objects.get()
    assert notice in notices.open_for(approver)
    assert notices.describe(notice).what == test.question
    ab_tests.approve(test, approver)
    assert not notices.open_for(approver).exists()
    assert notices.describe(notice).what == "It was settled in the meantime."


def test_nobody_approves_what_they_wrote():
    admin = UserFactory(role="Administrator")
    test = make_test(admin)

    assert not ab_tests.may_approve(test, admin)
    with pytest.raises(Forbidden) as refused:
        ab_tests.approve(test, admin)
    organisation(self_approval=True)

    assert refused.value.code == "edited_it_yourself"
    assert ab_tests.approve(test, admin).state == ABTestState.APPROVED


def test_changes_are_asked_for_with_a_comment():
    test, approver = make_test(), UserFactory(role="Approver")
    ab_tests.submit(test, test.author)

    with pytest.raises(Invalid):
        ab_tests.request_changes(test, approver, " ")
    found = ab_tests.request_changes(test, approver, "Too loud.")

    assert (found.state, found.review_comment) == (ABTestState.DRAFT, "Too loud.")


@pytest.mark.parametrize(
    "change",
    [
        {"question": "Else?"},
        {"confidence": 0.9},
        {"planned_size": 6},
        {"washout_hours": 72},
        {"accounts": []},
        {"variants": [A, CHANGED]},
        {"variants": [A, VariantData(text="Open today: come and have a look!", weight=2)]},
        {"language": "es"},
    ],
)
def test_any_change_of_plan_or_variants_needs_another_approval(change):
    test, editor = approved(), UserFactory(role="Administrator")

    found = ab_tests.edit(test, editor, **change)

    assert (found.state, found.approved_by) == (ABTestState.DRAFT, None)
    assert not ab_tests.may_approve(found, editor)


def test_what_readers_do_not_see_needs_none():
    test, editor = approved(), UserFactory(role="Administrator")

    found = ab_tests.edit(test, editor, campaign=CampaignFactory(), question=test.question)

    assert found.state == ABTestState.APPROVED
    assert ab_tests.may_approve(found, editor)


def test_an_approval_is_taken_back():
    found = ab_tests.withdraw(approved(), UserFactory(role="Marketer"))

    assert (found.state, found.approved_by) == (ABTestState.DRAFT, None)


def test_a_running_test_is_not_edited_submitted_approved_or_withdrawn():
    test, admin = running(), UserFactory(role="Administrator")

    with pytest.raises(Conflict) as refused:
        ab_tests.edit(test, admin, question="Else?")
    for verb in (ab_tests.submit, ab_tests.approve, ab_tests.withdraw):
        with pytest.raises(Conflict):
            verb(test, admin)

    assert refused.value.code == "already_started"
    test.refresh_from_db()
    assert (test.question, test.state) == ("Which opening is better?", ABTestState.RUNNING)
