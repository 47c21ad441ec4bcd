"""Going on with what was interrupted, and giving up what is not out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import (
    FINISHED,
    Account,
    AccountStatus,
    Publication,
    PublicationStatus,
)
from socialhub.services import history, publishing
from socialhub.services.errors import Conflict
from threads.models import SeriesStatus, ThreadSeries
from threads.services.series import access, overlapping, telling
from threads.services.series.data import Resumed

S = PublicationStatus
RETRY = (S.FAILED, S.MISSED)


@transaction.atomic
def resume(series: ThreadSeries, user: Any, account: Account | None = None) -> list[Resumed]:
    """Send what is missing, per account from the first part that is not out.

    What failed or was missed is sent again, and what follows waits for it. Of what got no
    answer only a look is asked for: it is never sent again blindly. Cancelled parts stay so.
    """
    policies.require(user, "schedule_post")
    access.require_accounts(user, series)
    series = ThreadSeries.objects.select_for_update().get(pk=series.pk)
    chains = access.chains_of(series)
    if account is not None:
        chains = {pk: chain for pk, chain in chains.items() if pk == account.pk}
    if series.status in (SeriesStatus.DRAFT, SeriesStatus.IN_REVIEW):
        raise Conflict(
            "not_approved", _("The series was changed. What is missing has to be approved first.")
        )
    accounts = {row.pk: row for row in overlapping.lock_accounts(chains)}
    done, reasons = [], []
    for pk, chain in chains.items():
        found = _again(series, accounts[pk], chain, user)
        if isinstance(found, str):
            reasons.append(found)
        else:
            done += found
    if not done:
        raise _nothing(reasons)
    series.version += 1
    history.sign(series, user, "resumed")
    series.save()
    return done


@transaction.atomic
def cancel(series: ThreadSeries, user: Any) -> ThreadSeries:
    """Nothing more of it goes out. What is out stays; a part on its way is asked to stop."""
    policies.require(user, "schedule_post")
    access.require_accounts(user, series)
    series = access.locked(
        series, SeriesStatus.DRAFT, SeriesStatus.IN_REVIEW, SeriesStatus.APPROVED
    )
    waiting = [row for row in access.rows_of(series) if row.status not in FINISHED]
    if not waiting and access.rows_of(series):
        raise Conflict("nothing_to_cancel", _("Nothing of this series is still to go out."))
    for row in waiting:
        row.refresh_from_db(fields=["status"])
        # With a part, those after it are cancelled too.
        if row.status not in FINISHED:
            publishing.cancel(row, user)
    series.status = SeriesStatus.CANCELLED
    series.version += 1
    history.sign(series, user, "cancelled")
    series.save()
    telling.settled(series)
    return series


# -- helpers ---------------------------------------------------------------------------


def _again(
    series: ThreadSeries, account: Account, chain: Sequence[Publication], user: Any
) -> list[Resumed] | str:
    """What was done on one account, or why there was nothing to do; "" when all is well."""
    missing = [row for row in chain if row.status != S.PUBLISHED]
    if not missing or missing[0].status == S.CANCELLED:
        return ""
    first = missing[0]
    if first.status == S.UNKNOWN:
        return [Resumed(publishing.settle_now(first, user), "looked")]
    if account.status != AccountStatus.ACTIVE:
        return _("%(account)s has to be reconnected first.") % {"account": account}
    if first.status == S.DRAFT:
        return _("The parts on %(account)s have no time yet. Schedule the series.") % {
            "account": account
        }
    if first.status not in RETRY:
        return ""
    overlapping.require_free(series, timezone.now(), {account.pk: len(missing)}, [account])
    return [Resumed(publishing.retry(row, user), "sent") for row in missing if row.status in RETRY]


def _nothing(reasons: Sequence[str]) -> Conflict:
    said = [reason for reason in reasons if reason]
    if said:
        return Conflict("cannot_resume", " ".join(said))
    return Conflict("nothing_to_resume", _("No part of this series waits to be sent again."))
