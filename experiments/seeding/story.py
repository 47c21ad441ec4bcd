"""The order of the demo's past weeks: when each test and rule begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import User
from django.utils import timezone

from experiments.models import ABTest, RecyclingRule
from experiments.seeding import texts
from experiments.seeding.texts import DemoRule, DemoTest
from experiments.seeding.weeks import Weeks
from experiments.services import ab_tests, notices
from experiments.services.recycling import candidates, marking, rules, verbs
from experiments.services.recycling.lasting import Lasting
from socialhub import http
from socialhub.models import Account, Publication
from socialhub.seeds.clock import Travel

# Written and approved so long before its start; a draft so long ago.
PREPARED, APPROVED = timedelta(hours=20), timedelta(hours=2)
DRAFTED = timedelta(days=2)
# A marketer repeats something so long ago; it is still to go out.
BY_HAND = timedelta(minutes=10)

# A moment, and what happens then.
Event = tuple[datetime, Callable[[], object]]


class Story:
    """From `begin` to `now`."""

    def __init__(
        self, users: Mapping[str, User], accounts: Mapping[str, Account], now: datetime
    ) -> None:
        self.author, self.approver = users["marketer"], users["approver"]
        self.accounts, self.now = accounts, now
        self.begin = min(moment for moment, _happen in self._events()) - timedelta(minutes=1)

    def tell(self, travel: Travel, server: str) -> None:
        """Live it. Calls the network all the time."""
        answer = http.request("POST", f"{server}/control/effects", json=texts.EFFECTS)
        if answer.status != 200:
            raise RuntimeError(f"the sandbox network takes no effects: {answer.text[:200]}")
        weeks = Weeks(travel, self.approver)
        for moment, happen in sorted(self._events(), key=lambda event: event[0]):
            weeks.until(moment)
            happen()
        weeks.until(self.now)

    def _events(self) -> Iterator[Event]:
        for one in texts.TESTS:
            yield from self._test(one)
        for rule in texts.RULES:
            yield self.now + rule.made, partial(self._make_rule, rule)
        yield self.now - BY_HAND, self._repeat_by_hand
        yield self.now - BY_HAND, self._read

    def _test(self, one: DemoTest) -> Iterator[Event]:
        """Written, approved by somebody else, started; a draft is only written."""
        begun: list[ABTest] = []
        start = self.now + one.started if one.started else self.now - DRAFTED
        yield start - PREPARED, lambda: begun.append(self._write(one))
        if one.started:
            yield start - APPROVED, lambda: self._approve(begun[0])
            yield start, lambda: ab_tests.start(begun[0], self.author)

    def _write(self, one: DemoTest) -> ABTest:
        test = ab_tests.create(
            self.author,
            question=one.question,
            variants=one.variants,
            accounts=[self.accounts[handle] for handle in one.accounts],
            language=one.language,
            is_demo=True,
            **one.plan,
        )
        return ab_tests.submit(test, self.author) if one.started else test

    def _approve(self, test: ABTest) -> None:
        ab_tests.approve(test, self.approver)

    def _repeat_by_hand(self) -> None:
        """The best post of each account that recycles, in its next free slot."""
        for rule in RecyclingRule.objects.filter(is_demo=True):
            found = candidates.candidates(rule=rule, now=timezone.now())
            best = next((one for one in found if one.eligible), None)
            if best is not None:
                verbs.recycle(best.publication, self.author, rule=rule)

    def _read(self) -> None:
        """Somebody read the notices of tests that ended weeks ago; a winner still waits."""
        for test in ABTest.objects.filter(is_demo=True, winner=None).exclude(outcome=""):
            notices.settled(test)

    def _make_rule(self, rule: DemoRule) -> None:
        accounts = [self.accounts[handle] for handle in rule.accounts]
        made = rules.create_rule(self.author, name=rule.name, accounts=accounts, **rule.terms)
        RecyclingRule.objects.filter(pk=made.pk).update(is_demo=True)
        # Pages of the shop change. And nothing of the demo asks a server that is not on this
        # machine, as the check of links would.
        linked = Publication.objects.filter(account__in=accounts, post__recycling=None)
        for publication in linked.exclude(post__link=""):
            marking.mark(publication, self.author, Lasting.DATED)
