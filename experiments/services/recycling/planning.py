"""The daily job: fills free posting slots of the coming days by the rules."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime

from django.db.models import Prefetch

from experiments.models import PostCheck, RecycledPost, RecyclingRule
from experiments.models.checks import LinkState
from experiments.services.recycling import checking, choosing, making, measuring, varying
from experiments.services.recycling.choosing import Desk, Pick
from socialhub.models import Account, AccountStatus, PostStatus, Publication
from socialhub.services import leases, writing
from socialhub.services.errors import Conflict, ServiceError

log = logging.getLogger(__name__)

LEASE_SECONDS = 900


def plan_all(now: datetime) -> dict[str, int]:
    """Measure what is out, look again at silent links, plan every account that has rules.

    One account's trouble does not stop the others. Days on which it did not run are not made up.
    """
    found = Counter({"planned": 0, "in_review": 0, "failed": 0})
    found["measured"] = measuring.measure(now)
    checking.again(now)
    for account, rules in by_account(now):
        with leases.held(f"recycling:{account.pk}", LEASE_SECONDS) as ours:
            if not ours:
                continue
            try:
                found.update(_plan(account, rules, now))
            except Exception:
                log.exception("recycling of account %s could not be planned", account.pk)
                found["failed"] += 1
    return dict(found)


def by_account(
    now: datetime, rules: list[RecyclingRule] | None = None
) -> list[tuple[Account, list[RecyclingRule]]]:
    """Accounts that may publish, each with its active rules; slots come along."""
    if rules is None:
        rows = RecyclingRule.objects.filter(is_active=True).order_by("pk")
        usable = Account.objects.filter(status=AccountStatus.ACTIVE).prefetch_related("slots")
        rules = list(rows.prefetch_related(Prefetch("accounts", usable)))
    accounts: dict[int, Account] = {}
    chosen: dict[int, list[RecyclingRule]] = {}
    for rule in rules:
        for account in rule.accounts.all():
            accounts[account.pk] = account
            chosen.setdefault(account.pk, []).append(rule)
    return [(accounts[pk], chosen[pk]) for pk in sorted(chosen)]


def _plan(account: Account, rules: list[RecyclingRule], now: datetime) -> Counter[str]:
    end = now + choosing.AHEAD
    desk = choosing.desks([account], now, end)[0]
    found: Counter[str] = Counter()
    for pick in choosing.picks(desk, rules, now, end):
        made = _write(desk, pick, now)
        if made is None:
            choosing.drop(desk, pick)
            continue
        choosing.took(desk, pick)
        is_approved = made.post.status == PostStatus.APPROVED
        found["planned" if is_approved else "in_review"] += 1
    return found


def _write(desk: Desk, pick: Pick, now: datetime) -> RecycledPost | None:
    """The repetition, or None when it cannot be made; another one may."""
    chain = pick.rated.chain
    original = Publication.objects.select_related("post", "account").get(pk=chain.root)
    if not _is_whole(checking.ensure(original.post, now)):
        return None
    text = None
    if varying.is_needed(original, pick.terms.rule):
        # By AI where it is set up; a person reads the text before it goes out, whoever wrote it.
        text = varying.vary(original, chain.number + 1, writing.writer())
        if text is None:
            return None
    try:
        return making.make(order(desk, pick, original, text))
    except Conflict:
        return None
    except ServiceError as exc:
        log.warning("publication %s cannot be repeated: %s", chain.root, exc.message)
        return None


def _is_whole(check: PostCheck) -> bool:
    return check.link != LinkState.DEAD and not check.media_missing


def order(desk: Desk, pick: Pick, original: Publication, text: str | None) -> making.Order:
    """What the pick asks for, with its score as it is now."""
    rated = pick.rated
    predicted = rated.rating.predicted
    if predicted is not None:
        predicted *= desk.rater.slot_effect(pick.at)
    return making.Order(
        original=original,
        at=pick.at,
        number=rated.chain.number + 1,
        score=round(rated.score, 2),
        factors=replace(rated.rating.factors, diversity=rated.diversity),
        predicted=predicted,
        rule=pick.terms.rule,
        text=text,
        level=desk.rater.learned.level,
    )
