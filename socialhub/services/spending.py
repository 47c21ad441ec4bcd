"""What accounts may spend in a month where a network charges, and what they have spent.

Months are those of UTC. Money is reserved before a request leaves, by one conditional update, so
that several workers together stay within the cap; it is given back when nothing was carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, Value
from django.db.models.functions import Greatest, Round

from socialhub.models import Account, AccountSpending, NoticeKind, Publication
from socialhub.platforms.errors import OverCap

# The kinds of `Prices` that are paid for reading; all others are for writing.
READING = frozenset({"post_read", "owned_read", "user_read"})
NOTHING = Decimal(0)
PLACES = 4
# SQLite computes in binary fractions: half of the smallest amount more is the same amount.
SLACK = Decimal("0.00005")

_MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=12, decimal_places=PLACES)


@dataclass(frozen=True, slots=True)
class Standing:
    """An account's month: what was spent or is reserved, and the most it may be."""

    month: date
    writing: Decimal
    reading: Decimal
    cap: Decimal | None

    @property
    def spent(self) -> Decimal:
        return self.writing + self.reading

    @property
    def left(self) -> Decimal | None:
        """None = no cap."""
        return None if self.cap is None else max(NOTHING, self.cap - self.spent)


def month_of(at: datetime) -> date:
    return at.astimezone(UTC).date().replace(day=1)


def next_month(at: datetime) -> datetime:
    """The moment at which the next month's money may be spent."""
    following = (month_of(at) + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, time(), UTC)


def standing(account: Account, at: datetime) -> Standing:
    """Two queries: the cap may have been changed since `account` was loaded."""
    month = month_of(at)
    cap = Account.objects.filter(pk=account.pk).values_list("monthly_cap_usd", flat=True).first()
    row = AccountSpending.objects.filter(account_id=account.pk, month=month).first()
    if row is None:
        return Standing(month, NOTHING, NOTHING, cap)
    return Standing(month, row.writing_usd, row.reading_usd, cap)


def charges(account: Account) -> bool:
    """Does this account's network charge for anything?"""
    caps = account.capabilities
    return caps.prices is not None or caps.read_price_usd is not None


def price(account: Account, kinds: Mapping[str, int]) -> Decimal:
    """USD by the network's price list; 0 where it has none."""
    prices = account.capabilities.prices
    return prices.cost(kinds) if prices is not None else NOTHING


# -- reserving -------------------------------------------------------------------


def reserve(account: Account, kinds: Mapping[str, int], now: datetime) -> bool:
    """Set money aside for so many of each kind. False: it would exceed the cap; nothing changed.

    Without a cap it is counted all the same.
    """
    writing, reading = _split(account, kinds)
    return _take(account, writing, reading, now)


def release(account: Account, kinds: Mapping[str, int], reserved_at: datetime) -> None:
    """Give back what `reserve` took at that time: the network certainly did not carry it out."""
    writing, reading = _split(account, kinds)
    _add(account, -writing, -reading, month_of(reserved_at))


def add(account: Account, kinds: Mapping[str, int], now: datetime) -> None:
    """Count what a network has charged for already, whatever the cap says."""
    writing, reading = _split(account, kinds)
    _add(account, writing, reading, month_of(now))


def reserve_readings(account: Account, posts: int, now: datetime) -> int:
    """Set money aside for reading the counters of `posts` posts; for how many it is enough."""
    each = account.capabilities.read_price_usd
    if not each or not posts:
        return posts
    while posts and not _take(account, NOTHING, posts * each, now):
        left = standing(account, now).left
        # Somebody else may have taken it since: one fewer at least.
        posts = posts - 1 if left is None else min(posts - 1, int(left / each))
    return posts


def release_readings(account: Account, posts: int, reserved_at: datetime) -> None:
    each = account.capabilities.read_price_usd
    if each and posts:
        _add(account, NOTHING, -posts * each, month_of(reserved_at))


def _split(account: Account, kinds: Mapping[str, int]) -> tuple[Decimal, Decimal]:
    reading = {kind: count for kind, count in kinds.items() if kind in READING}
    writing = {kind: count for kind, count in kinds.items() if kind not in READING}
    return price(account, writing), price(account, reading)


def _take(account: Account, writing: Decimal, reading: Decimal, now: datetime) -> bool:
    amount = writing + reading
    if not amount:
        return True
    month = month_of(now)
    _open_month(account, month)
    rows = AccountSpending.objects.filter(account_id=account.pk, month=month)
    cap = Account.objects.filter(pk=account.pk).values_list("monthly_cap_usd", flat=True).first()
    if cap is not None:
        # Conditions on the row itself: PostgreSQL checks them again after waiting for it.
        rows = rows.filter(writing_usd__lte=Value(cap - amount + SLACK) - F("reading_usd"))
    return rows.update(**_sums(writing, reading)) == 1


def _add(account: Account, writing: Decimal, reading: Decimal, month: date) -> None:
    if not writing and not reading:
        return
    _open_month(account, month)
    rows = AccountSpending.objects.filter(account_id=account.pk, month=month)
    rows.update(**_sums(writing, reading))


def _sums(writing: Decimal, reading: Decimal) -> dict[str, Greatest]:
    """Rounded, so that a sum taken back is 0 again and not a little less."""
    moved = {"writing_usd": writing, "reading_usd": reading}
    return {
        name: Greatest(Round(_money(F(name) + Value(by)), precision=PLACES), _money(Value(NOTHING)))
        for name, by in moved.items()
        if by
    }


def _money(expression: object) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=_MONEY)


def _open_month(account: Account, month: date) -> None:
    row = AccountSpending(account_id=account.pk, month=month)
    AccountSpending.objects.bulk_create([row], ignore_conflicts=True)


# -- publishing ------------------------------------------------------------------


def charges_of(publication: Publication, at: datetime) -> Mapping[str, int]:
    """What sending it is charged as; empty where that is free."""
    from socialhub.services import drafts

    account = publication.account
    if account.capabilities.prices is None:
        return {}
    draft = drafts.build(publication, "", at)
    return account.adapter.charges(draft, account.merged_options)


def require_room(account: Account, kinds: Mapping[str, int], now: datetime) -> None:
    """Raise OverCap when these cannot be paid for any more. Reserves nothing."""
    amount = price(account, kinds)
    if amount:
        found = standing(account, now)
        if found.left is not None and found.left < amount:
            raise refusal(account, now)


def refusal(account: Account, now: datetime) -> OverCap:
    """The error of an account whose month is used up; people are told of it once."""
    found = standing(account, now)
    tell(account, now)
    return OverCap(
        f"monthly cap of {found.cap} USD, {found.spent} USD of it used in {found.month:%Y-%m}"
    )


def tell(account: Account, now: datetime) -> None:
    """Open the notice of this month and cap, once."""
    from socialhub.services import notices

    found = standing(account, now)
    incident = f"{_incident(account)}{found.month:%Y-%m}:{found.cap}"
    notices.open_notice(NoticeKind.OVER_CAP, incident, account=account)


def cap_changed(account: Account) -> None:
    """The cap was saved: what it had stopped is tried again."""
    from socialhub.services import notices

    now = datetime.now(UTC)
    left = standing(account, now).left
    if left == NOTHING:
        return
    # Only a used up month lets interactions wait for the next one.
    waiting = Account.objects.filter(pk=account.pk, next_interactions_at__gte=next_month(now))
    waiting.update(next_interactions_at=now)
    notices.resolve(_incident(account))


def _incident(account: Account) -> str:
    return f"account:{account.pk}:over_cap:"
