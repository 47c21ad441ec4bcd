"""What the daily job would do in the coming weeks, without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from experiments.models import RecyclingRule
from experiments.services.recycling import choosing, planning
from experiments.services.recycling.choosing import Compared, Desk, Pick
from experiments.services.recycling.loading import RECENT, Showing
from socialhub.models import Account, AccountStatus, Publication

DAY = timedelta(days=1)
WEEKS, MOST_WEEKS = 4, 53


@dataclass(frozen=True, slots=True)
class Planned:
    """One repetition as it would be planned now; `publication` is the first showing."""

    day: date
    at: datetime
    account: Account
    publication: Publication
    score: float
    rule: RecyclingRule


def preview(
    rules: Sequence[RecyclingRule] | None = None,
    accounts: Sequence[Account] | None = None,
    weeks: int = WEEKS,
    now: datetime | None = None,
    user: Any = None,
) -> list[Planned]:
    """The coming weeks day by day: as if everything were approved and nothing else came in.

    All active rules when None; only accounts the user may see.
    """
    now = now or timezone.now()
    end = now + timedelta(weeks=min(max(1, weeks), MOST_WEEKS))
    wanted = None if accounts is None else {account.pk for account in accounts}
    pairs = [
        (account, chosen)
        for account, chosen in planning.by_account(now, _with_accounts(rules, user))
        if wanted is None or account.pk in wanted
    ]
    desks = choosing.desks([account for account, _ in pairs], now, end)
    picks = [
        pick
        for desk, (_, chosen) in zip(desks, pairs, strict=True)
        for pick in _simulated(desk, chosen, now, end)
    ]
    return _shown(sorted(picks, key=lambda pick: (pick.at, pick.account.pk)))


def _with_accounts(rules: Sequence[RecyclingRule] | None, user: Any) -> list[RecyclingRule]:
    """Rules with their usable accounts that the user may see, slots included."""
    rows = RecyclingRule.objects.filter(is_active=True)
    if rules is not None:
        rows = RecyclingRule.objects.filter(pk__in=[rule.pk for rule in rules])
    usable = Account.objects.all() if user is None else Account.objects.visible_to(user)
    usable = usable.filter(status=AccountStatus.ACTIVE).prefetch_related("slots")
    return list(rows.order_by("pk").prefetch_related(Prefetch("accounts", usable)))


def _simulated(
    desk: Desk, rules: Sequence[RecyclingRule], now: datetime, end: datetime
) -> list[Pick]:
    found: list[Pick] = []
    texts: list[tuple[datetime, Compared]] = []
    at = now
    while at < end - choosing.AHEAD + DAY:
        for pick in choosing.picks(desk, rules, at, min(end, at + choosing.AHEAD)):
            choosing.took(desk, pick)
            found.append(pick)
            texts.append((pick.at, desk.compared[-1]))
        at += DAY
        _go_out(desk, found, at)
        # What was repeated long ago is not compared with any more.
        while texts and texts[0][0] <= at - RECENT:
            desk.compared.remove(texts.pop(0)[1])
    return found


def _go_out(desk: Desk, found: Sequence[Pick], now: datetime) -> None:
    """What was due by now has been shown once more."""
    for pick in found:
        chain = pick.rated.chain
        if chain.last_at < pick.at <= now:
            chain.showings.append(Showing(pick.at, chain.root, chain.showings[0].content_type))
            chain.number += 1
            desk.dropped.discard(chain.root)


def _shown(picks: Sequence[Pick]) -> list[Planned]:
    roots = {pick.rated.chain.root for pick in picks}
    rows = Publication.objects.select_related("post", "account").in_bulk(roots)
    return [
        Planned(
            # Slots come in the organisation's zone.
            day=pick.at.date(),
            at=pick.at,
            account=pick.account,
            publication=rows[pick.rated.chain.root],
            score=round(pick.rated.score, 2),
            rule=pick.terms.rule,
        )
        for pick in picks
        if pick.terms.rule is not None
    ]
