"""The page of a test: its verdict, its buttons, and what they do."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import ABTest
from experiments.services import ab_tests
from experiments.services.ab_tests import VariantData
from experiments.tests.factories import approved, make_test, running, slots
from experiments.tests.pages.rows import (
    decided,
    history,
    logged_in,
    looked,
    page_of,
    pair,
    said,
    words,
)
from socialhub.models import Post
from socialhub.tests.factories import AccountFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db


def page(test, role="Marketer"):
    return words(logged_in(role).get(page_of(test)).text).replace("\u00a0", " ")


def do(client, test, verb, **sent):
    response = client.post(page_of(test, f"do/{verb}"), sent, follow=True)
    test.refresh_from_db()
    return said(response)


def offered(client, test):
    """Which verbs have a button."""
    text = client.get(page_of(test)).text
    verbs = ("submit", "approve", "request-changes", "withdraw", "start", "stop", "extend")
    return {v for v in (*verbs, "evaluate", "promote", "delete") if f"/do/{v}/" in text}


def test_a_running_test_says_how_far_it_is_and_shows_its_schedule():
    test = running(
        question="Offer or question?",
        variants=[VariantData(text="Buy", name="Offer"), VariantData(text="Why?", name="Ask")],
    )
    looked(
        test,
        [[412, 15210], [530, 15890]],
        blocks_done=2,
        reason="too_few_posts",
        phi=1.9,
        pairs=[pair("Offer", "Ask", math.log(1.23), math.log(1.02), math.log(1.5), 0.04)],
    )

    text = page(test)

    assert "Not decided yet: 2 of 4 slots." in text
    assert "Slots were matched: a winner causes the higher rate on this account." in text
    assert "Four finished slots" in text
    assert "It is judged when 4 slots are finished." in text
    assert "+23 % (+2 % … +50 %)" in text
    assert "they scatter 1.9 times as much" in text
    assert [f"Slot {n}" in text for n in range(1, 6)] == [True] * 4 + [False]
    first = test.publications.order_by("block", "order").first()
    local = timezone.localtime(first.due_at)
    assert f"{first.variant.name} {local:%a} {local.day} {local:%b} {local:%H:%M}" in text
    assert "scheduled" in text


def test_a_difference_in_reach_is_told_as_an_outcome():
    test = running()
    looked(test, [[100, 10_000], [150, 14_000]])

    assert "Reach of B compared with A: +40 %." in page(test)


def test_the_verdict_refreshes_itself_only_while_it_runs():
    test = running()
    client = logged_in("Analyst")
    address = page_of(test, "verdict")

    part = client.get(address, headers={"hx-request": "true"}).text
    assert f'hx-get="{address}"' in part and "<html" not in part
    decided(test, "stopped", "stopped")

    assert "hx-trigger" not in client.get(address).text.partition("ab-effect-title")[0]


def test_a_winner_is_a_sentence_and_can_be_used_again():
    test = running()
    looked(test, [[1412, 55210], [1780, 56890]], blocks_done=4, log10_p=-3.0, log10_bound=-1.3)
    looked(test, [[1412, 55210], [1780, 56890]], 2, blocks_done=4, log10_p=-3.2, log10_bound=-1.3)
    ends = [math.log(1 + one) for one in (0.23, 0.08, 0.41)]
    decided(
        test,
        "winner",
        "planned_end",
        [pair("A", "B", *ends, 0.002)],
        winner=test.variants.get(name="B"),
    )

    text = page(test)

    assert "B gets 23 % more engagements per impression than A (between +8 % and +41 %)." in text
    assert "Use B again" in text
    assert "Evidence over time" in text and "line to cross: 0.05" in text
    assert offered(logged_in("Analyst"), test) == set()


def test_promoting_makes_a_post_of_the_winner():
    test = running()
    winner = test.variants.get(name="B")
    decided(test, "winner", "planned_end", winner=winner)
    other = slots(AccountFactory())

    told = do(logged_in(), test, "promote", accounts=[str(other.pk)], evergreen="on")

    assert told == ["Done: the winner is on its way."]
    post = Post.objects.get(pk=test.promoted_post_id)
    assert (post.text, post.is_evergreen) == (winner.text, True)
    assert [one.account for one in post.publications.all()] == [other]
    assert "promote" not in offered(logged_in(), test)


@pytest.mark.parametrize(
    ("role", "made", "verbs"),
    [
        ("Marketer", make_test, {"submit", "delete"}),
        ("Marketer", approved, {"start", "withdraw", "delete"}),
        ("Marketer", running, {"stop", "evaluate"}),
        ("Approver", make_test, {"approve"}),
        ("Approver", running, set()),
        ("Administrator", make_test, {"submit", "approve", "start", "delete"}),
        ("Analyst", make_test, set()),
    ],
)
def test_each_state_and_role_has_its_buttons(role, made, verbs):
    assert offered(logged_in(role), made()) == verbs


def test_from_draft_to_running_by_buttons_with_other_eyes():
    marketer, approver = logged_in("Marketer"), logged_in("Approver")
    test = make_test(marketer.user)

    assert do(marketer, test, "submit") == ["Handed in for approval."]
    assert do(approver, test, "request-changes", comment=" ") == ["Say what should change."]
    assert do(approver, test, "request-changes", comment="Shorter, please") == ["Sent back."]
    assert "Please change: Shorter, please" in page(test)
    do(marketer, test, "submit")
    assert do(marketer, test, "approve") == ["Your role does not allow this. Ask an administrator."]
    assert do(approver, test, "approve") == ["Approved. It may be started now."]
    assert do(marketer, test, "start") == ["It runs. Everything is scheduled."]
    assert do(marketer, test, "stop") == ["Stopped. What was still scheduled is cancelled."]


def test_who_may_approve_their_own_starts_a_draft_in_one_go():
    organisation(self_approval=True)
    client = logged_in("Administrator")
    test = make_test(client.user)

    assert "Approve and start" in page(test, "Administrator")
    do(client, test, "start")

    assert (test.state, test.approved_by) == ("running", client.user)


def test_a_draft_says_what_is_in_the_way_and_what_it_needs():
    text = VariantData(text="The same")
    test = make_test(accounts=[AccountFactory(handle="bare")], variants=[text, text])
    client = logged_in("Administrator")

    told = page(test, "Administrator")
    needs = words(client.get(page_of(test, "needs")).text)

    assert "Before it can start:" in told and "has no posting slots" in told
    assert "no measured posts" in needs
    assert "has no posting slots" in do(client, test, "start")[0]


def test_a_plan_too_small_for_its_effect_says_so():
    account = slots(AccountFactory())
    history(account)
    test = make_test(accounts=[account], planned_size=4, smallest_effect=0.3)

    text = words(logged_in("Analyst").get(page_of(test, "needs")).text)

    assert "To find +30" in text
    assert "The size planned is smaller" in text


def test_a_split_is_extended_within_its_rules():
    test = running(
        design="split",
        split_by="page",
        page_slug="offer",
        metric="clicks",
        variants=[
            VariantData(text="A", link="https://shop.example/a"),
            VariantData(text="B", link="https://shop.example/b"),
        ],
        ends_at=timezone.now() + timedelta(days=10),
    )
    client = logged_in()

    assert "extend" in offered(client, test)
    assert "/v/offer/" in page(test)
    assert do(client, test, "extend", until="soon") == ["Enter a date and a time."]
    later = timezone.localtime(test.ends_at + timedelta(days=5))
    assert do(client, test, "extend", until=f"{later:%Y-%m-%dT%H:%M}") == ["It runs longer now."]
    assert test.extended_to == later.replace(second=0, microsecond=0)


def test_the_winner_of_a_link_takes_everybody():
    one = VariantData(link="https://shop.example/a")
    test = running(
        design="split",
        split_by="link",
        metric="leads",
        variants=[one, VariantData(link="https://shop.example/b")],
    )
    decided(test, "winner", "planned_end", winner=test.variants.get(name="B"))
    client = logged_in()

    text = client.get(page_of(test)).text

    assert "Send everybody to B" in text and 'name="due_at"' not in text
    assert test.link.slug in words(text)
    assert do(client, test, "promote") == ["Done: the winner is on its way."]
    assert "was used again" in page(test)


def test_every_figure_is_worked_out_when_somebody_looks():
    test = running()
    client = logged_in("Analyst")
    before = words(client.get(page_of(test, "figures")).text)
    looked(test, [[412, 15210], [530, 15890]], blocks_done=2)

    after = words(client.get(page_of(test, "figures")).text)

    assert "Chance to be the best" not in before
    assert "15,890" in after and "Chance to be the best" in after


def test_a_draft_is_deleted_and_a_test_that_ran_is_kept():
    client, draft, ran = logged_in(), make_test(), running()

    assert do_delete(client, draft) == ["The draft is deleted."]
    assert "is kept with its evidence" in do_delete(client, ran)[0]
    assert list(ABTest.objects.all()) == [ran]


def do_delete(client, test):
    return said(client.post(page_of(test, "do/delete"), follow=True))


def test_history_tells_who_did_what():
    boss = UserFactory(role="Administrator", username="elena")
    test = make_test(boss)
    ab_tests.approve(test, UserFactory(role="Approver", username="ruth"))

    text = page(test)

    assert "elena made it" in text and "ruth approved" in text
