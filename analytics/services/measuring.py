"""Reading the counters of one publication now, because a person asks."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.models import PublicationStats
from analytics.queries import publications, unmeasured
from analytics.services import accounting, collecting, paying, tracking, writing
from analytics.services.due import Due
from socialhub import policies
from socialhub.models import AccountStatus, JobRun, Publication, PublicationStatus
from socialhub.platforms.errors import AuthRevoked, PlatformError, RateLimited
from socialhub.services import jobs, leases
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.services.reading import Reader

log = logging.getLogger(__name__)

KIND = "measure_publication"
VERBS = ("record_metrics", "write_post")


def may(user: Any) -> bool:
    return any(policies.can(user, verb) for verb in VERBS)


def price(publication: Publication, at: datetime) -> Decimal | None:
    """USD that reading it now costs: 0 when this UTC day is paid, None where reading is free."""
    account = publication.account
    if not paying.is_charged(account):
        return None
    row = PublicationStats.objects.filter(pk=publication.pk)
    paid = row.filter(metrics_at__gte=datetime.combine(at.astimezone(UTC), time(), UTC)).exists()
    return Decimal(0) if paid else account.capabilities.read_price_usd


def start(user: Any, publication: Publication) -> JobRun:
    """Have it read by a worker. Raises Forbidden, or Invalid where nothing can be read."""
    if not may(user):
        policies.require(user, VERBS[0])
    refused = why_not(publication)
    if refused is not None:
        raise refused
    return jobs.start(KIND, user, {"publication": publication.pk})


def why_not(publication: Publication) -> Invalid | Conflict | None:
    """What stands in the way of reading it."""
    account = publication.account
    if publication.status != PublicationStatus.PUBLISHED or not publication.remote_id:
        return Invalid("not_published", _("This publication is not published."))
    if account.capabilities.live_metrics or not account.capabilities.metrics:
        message = _("%(network)s cannot be asked for numbers.")
        return Invalid("not_measurable", message % {"network": account.network_name})
    if account.status != AccountStatus.ACTIVE:
        return Conflict("account_not_active", _("Reconnect the account first."))
    return None


# -- the worker's side ------------------------------------------------------------


@jobs.job(KIND)
def _measure(job: JobRun) -> dict[str, Any]:
    user: Any = job.owner
    if user is None:  # deleted since
        raise Forbidden("forbidden", _("Your role does not allow this. Ask an administrator."))
    asked = Publication.objects.visible_to(user).select_related("account")
    publication = asked.filter(pk=job.arguments["publication"]).first()
    if publication is None or not may(user):
        raise Forbidden("forbidden", _("Your role does not allow this. Ask an administrator."))
    refused = why_not(publication)
    if refused is not None:
        raise refused
    tracking.ensure_stats([publication.pk])
    # The collector's own lease: an account has one reader at a time.
    key = collecting.lease_key(publication.account)
    with leases.held(key, collecting.CLAIM.total_seconds()) as is_ours:
        if not is_ours:
            message = _("The numbers of this account are being read just now. Try again shortly.")
            raise Conflict("being_read", message)
        _read(publication)
    return {"metrics": _shown(publication.pk)}


def _read(publication: Publication) -> None:
    account, at = publication.account, timezone.now()
    row = Due(publication.pk, publication.remote_id)
    reader = Reader(account, is_paid=paying.is_charged(account))
    try:
        with paying.for_reading(account, [row], at) as paid:
            if not paid.rows:
                raise _over_cap(publication, at)
            said = reader.read(lambda to: reader.adapter.metrics(to, [row.remote_id]))
            answer = {row.pk: said[row.remote_id]} if row.remote_id in said else {}
            paid.answered(answer)
    except PlatformError as error:
        accounting.note(account.pk, at, answered=False, calls=1, failed_calls=1)
        log.warning("publication %s could not be read (%s)", publication.pk, error.code)
        raise jobs.JobFailed({"code": error.code, "message": _why(error)}) from error
    done = writing.write(account, answer, at)
    paying.read_again(done.readings)
    if publication.pk not in done.readings:
        message = _("The network said nothing about this post. Its numbers stay as they were.")
        raise jobs.JobFailed({"code": "absent", "message": message})


def _over_cap(publication: Publication, at: datetime) -> Conflict:
    publication.account.refresh_from_db(fields=["monthly_cap_usd"])
    return Conflict("over_cap", unmeasured.sentence(publication.account, at))


def _why(error: PlatformError) -> str:
    if isinstance(error, AuthRevoked):
        return _("The network no longer accepts the login. Reconnect the account.")
    if isinstance(error, RateLimited):
        return _("The network limits how often it may be asked. Try again later.")
    return _("The network did not answer. The numbers stay as they were; try again later.")


def _shown(pk: int) -> dict[str, Any]:
    found = publications.latest_for([pk])[pk]
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in found.items()
    }
