"""One worker sends one claimed publication. Never in a transaction: no rollback unposts."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from socialhub.models import (
    Account,
    Outcome,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)
from socialhub.platforms.base import Connection, PlatformAdapter
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    Duplicate,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.services import accounts, budgets, spending
from socialhub.services.accounts import findings
from socialhub.services.publishing import claims, fence, generations, outcomes

log = logging.getLogger(__name__)


def publish(publication_id: int, now: datetime | None = None) -> str:
    """Claim the row and send it. Returns what happened, for the log; never raises on refusal.

    One of: published, failed, later, unknown, missed, stopped, no_access, not_ours.
    """
    now = now or timezone.now()
    if claims.mark_missed(publication_id, now):
        return "missed"
    token = claims.claim(publication_id, now)
    if token is None:
        return "not_ours"
    publication = Publication.objects.for_list().get(pk=publication_id)
    try:
        return _send(publication, token)
    except PlatformError as error:
        # Raised before the fence: nothing has left.
        return _refused(publication, token, error, None)


def _send(publication: Publication, token: uuid.UUID) -> str:
    account = publication.account
    adapter = account.adapter
    retry_at = _over_budget(account, adapter)
    if retry_at is not None:
        raise RateLimited("our own budget for this network is used up", retry_at=retry_at)
    connection = accounts.connection(account)
    try:
        return _send_with(publication, token, adapter, connection)
    except PlatformError as error:
        error.hide(connection.secrets.values())
        raise
    finally:
        findings.keep(account, connection)


def _send_with(
    publication: Publication, token: uuid.UUID, adapter: PlatformAdapter, connection: Connection
) -> str:
    now = timezone.now()
    kinds = spending.charges_of(publication, now)
    spending.require_room(publication.account, kinds, now)
    generation = generations.freeze(publication, adapter, connection)
    newest = _newest_id(adapter, connection)
    if not spending.reserve(publication.account, kinds, now):
        raise spending.refusal(publication.account, now)
    attempt = fence.pass_fence(publication, token, generation, newest)
    if attempt is None:
        spending.release(publication.account, kinds, now)
        outcomes.back_to_queue(
            publication, token, code="stopped", not_before=publication.not_before or timezone.now()
        )
        return "stopped"
    started = time.monotonic()
    try:
        receipt = adapter.commit(
            connection, generations.payload_of(generation), fence.send_guard(started)
        )
    except PlatformError as error:
        error.hide(connection.secrets.values())
        if error.certainly_not_out and not _repeated_duplicate(error, attempt):
            spending.release(publication.account, kinds, now)
        return _refused(publication, token, error, attempt)
    except Exception as exc:  # our own mistake after the request may have left
        log.exception("publication %s: the adapter broke", publication.pk)
        outcomes.record_unknown(publication, attempt, "internal", detail=type(exc).__name__)
        return "unknown"
    if not outcomes.record_acceptance(publication, attempt, receipt):
        outcomes.record_unknown(publication, attempt, "id_taken", detail=receipt.remote_id)
        return "unknown"
    return "published"


def _over_budget(account: Account, adapter: PlatformAdapter) -> datetime | None:
    now = timezone.now()
    for amount, seconds in adapter.capabilities.write_budget:
        retry_at = budgets.take(f"write:{account.pk}:{seconds}", 1, amount, seconds, now)
        if retry_at is not None:
            return retry_at
    return None


def _newest_id(adapter: PlatformAdapter, connection: Connection) -> str:
    """The position a later look starts from; networks with exact keys need none."""
    caps = adapter.capabilities
    if caps.repeat == "idempotent" or not caps.can_list_own:
        return ""
    return adapter.newest_own_id(connection)


def _refused(
    publication: Publication,
    token: uuid.UUID,
    error: PlatformError,
    attempt: PublicationAttempt | None,
) -> str:
    """Write what an error means for the row."""
    if isinstance(error, OutcomeUnknown) or _repeated_duplicate(error, attempt):
        if attempt is not None:
            outcomes.record_unknown(
                publication,
                attempt,
                error.code,
                detail=error.message,
                http_status=error.http_status,
            )
            return "unknown"
        # Before the fence nothing of the post can be out: an upload went wrong, try again.
        error = Unavailable(error.message, http_status=error.http_status)
    if isinstance(error, AuthExpired | AuthRevoked):
        return _without_access(publication, token, error, attempt)
    if isinstance(error, RateLimited | Unavailable):
        return _later(publication, token, error, attempt)
    outcomes.record_failure(publication, token, error, attempt)
    return "failed"


def _repeated_duplicate(error: PlatformError, attempt: PublicationAttempt | None) -> bool:
    return isinstance(error, Duplicate) and attempt is not None and attempt.number > 1


def _later(
    publication: Publication,
    token: uuid.UUID,
    error: RateLimited | Unavailable,
    attempt: PublicationAttempt | None,
) -> str:
    not_before = timezone.now() + outcomes.backoff(publication.failures)
    if isinstance(error, RateLimited) and error.retry_at is not None:
        # Never before the network said, and a moment later so that clocks may differ.
        not_before = error.retry_at + timedelta(seconds=1)
        _pause(publication.account, not_before)
    outcomes.back_to_queue(
        publication,
        token,
        code=error.code,
        detail=error.message,
        not_before=not_before,
        attempt=attempt,
        outcome=Outcome.NOT_SENT if isinstance(error, Unavailable) else Outcome.REFUSED,
        http_status=error.http_status,
    )
    return "later"


def _pause(account: Account, until: datetime) -> None:
    """Nothing of this account goes out before; what was due meanwhile is not counted as missed."""
    Account.objects.filter(pk=account.pk).update(paused_until=until)
    account.publications.filter(status=PublicationStatus.SCHEDULED, not_before__lt=until).update(
        not_before=until
    )


def _without_access(
    publication: Publication,
    token: uuid.UUID,
    error: AuthExpired | AuthRevoked,
    attempt: PublicationAttempt | None,
) -> str:
    """Back on the queue; it goes out after a refresh, or waits for a person to reconnect."""
    not_before = timezone.now()
    try:
        if isinstance(error, AuthRevoked) or not accounts.refresh(publication.account):
            accounts.needs_reconnect(publication.account, error.message)
        elif publication.failures > 1:
            # Refreshed twice and still expired: do not spin.
            not_before += outcomes.backoff(publication.failures)
    except AuthRevoked as revoked:
        accounts.needs_reconnect(publication.account, revoked.message)
    except PlatformError:
        not_before += outcomes.backoff(publication.failures)
    outcomes.back_to_queue(
        publication,
        token,
        code=error.code,
        detail=error.message,
        not_before=not_before,
        attempt=attempt,
        http_status=error.http_status,
    )
    return "no_access"
