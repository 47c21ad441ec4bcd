"""Who may touch a series, taking its row for a change, and reading its rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from socialhub.models import IN_FLIGHT, Account, Publication, PublicationStatus
from socialhub.models.accounts import granted_account_ids
from socialhub.services.errors import Conflict, Forbidden
from threads.models import ThreadAccount, ThreadPost, ThreadSeries


def require_accounts(user: Any, series: ThreadSeries) -> None:
    """Raise Forbidden when the series also goes to accounts this user may not use."""
    granted = None if user is None else granted_account_ids(user)
    # Not `series.accounts`: the series may come with only those the user sees.
    everywhere = ThreadAccount.objects.filter(series_id=series.pk)
    if granted is not None and everywhere.exclude(account_id__in=granted).exists():
        raise Forbidden("other_accounts", _("This series also goes to accounts you may not use."))


def visible_accounts(user: Any, accounts: Iterable[Account]) -> set[int]:
    """Ids of those of the accounts that this user may use; None is the machine itself."""
    ids = {account.pk for account in accounts}
    if user is None:
        return ids
    seen = Account.objects.visible_to(user).filter(pk__in=ids)
    return set(seen.values_list("pk", flat=True))


def locked(series: ThreadSeries, *statuses: str) -> ThreadSeries:
    """The row, locked until the transaction ends. Conflict unless it has one of the statuses."""
    row = ThreadSeries.objects.select_for_update().get(pk=series.pk)
    if row.status not in statuses:
        raise wrong_state(row)
    return row


def wrong_state(series: ThreadSeries) -> Conflict:
    return Conflict(
        "wrong_state",
        _("This series is %(state)s, so this cannot be done.")
        % {"state": series.get_state_display()},
    )


def parts_of(series: ThreadSeries) -> list[ThreadPost]:
    """In their order, with their pictures; read anew."""
    rows = ThreadPost.objects.filter(series=series).order_by("position")
    return list(rows.select_related("post").prefetch_related("part_media__media"))


def accounts_of(series: ThreadSeries) -> list[ThreadAccount]:
    rows = ThreadAccount.objects.filter(series=series).order_by("account_id")
    return list(rows.select_related("account"))


def chains_of(series: ThreadSeries) -> dict[int, list[Publication]]:
    """account id → the publication that counts for each part, in the order of the parts.

    Of a part that was cancelled and made anew it is the new one. Accounts that are not in the
    series any more are here with what went out.
    """
    found: dict[int, dict[int, Publication]] = {}
    for row in rows_of(series):
        found.setdefault(row.account_id, {})[part_of(row).position] = row
    return {
        account: [rows[position] for position in sorted(rows)] for account, rows in found.items()
    }


def rows_of(series: ThreadSeries) -> list[Publication]:
    """Every publication of the parts; parents come before what hangs on them."""
    rows = Publication.objects.filter(post__thread_part__series=series)
    return list(
        rows.select_related("post__thread_part", "account", "parent").order_by(
            "post__thread_part__position", "pk"
        )
    )


def part_of(row: Publication) -> ThreadPost:
    """The part a publication of `rows_of` shows."""
    part: ThreadPost = row.post.thread_part
    return part


def require_settled(series: ThreadSeries) -> None:
    """Conflict while a part is on its way. Call it after the parts were taken off the queue:
    no worker can take one since."""
    on_its_way = in_flight(series)
    if on_its_way is not None:
        raise on_its_way


def in_flight(series: ThreadSeries) -> Conflict | None:
    """Why nothing can be changed now: of a part nobody knows yet whether it is out."""
    for row in rows_of(series):
        if row.status in IN_FLIGHT:
            return Conflict("in_flight", _in_flight(row))
    return None


def _in_flight(row: Publication) -> str:
    if row.status == PublicationStatus.UNKNOWN:
        sentence = _(
            "The network gave no answer about part %(position)s on %(account)s. Wait until it is "
            "known whether it is out, or say so on its page."
        )
    else:
        sentence = _(
            "Part %(position)s is being published on %(account)s right now. Wait a moment."
        )
    return sentence % {"position": part_of(row).position, "account": row.account}
