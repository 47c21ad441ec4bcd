"""Sending reports: each once per recipient, retried with back-off, failure visible."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused
from smtplib import SMTPResponseException as SMTPRefused
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient
from analytics.services.reports import document, files, html, pdf, recipients, telegram, texts
from analytics.services.reports.document import Document
from socialhub import policies
from socialhub.models import DeliveryState, Organisation
from socialhub.services import outbox
from socialhub.services.errors import Invalid
from socialhub.services.notices import channels

log = logging.getLogger(__name__)

# Seconds until the next try; the last one is about nine hours after the first.
DELAYS = (60, 300, 1_800, 7_200, 21_600)
UNSENT = (DeliveryState.FAILED, DeliveryState.DROPPED)


class Refused(Exception):
    """Trying again is no use; the text says why."""


# -- queueing --------------------------------------------------------------------------------


def send(
    report: AnalyticsReport,
    user: Any,
    recipient_ids: Sequence[int] | None = None,
    now: datetime | None = None,
) -> list[ReportDelivery]:
    """Queue a report for these recipients, for its subscribers when None.

    Who got it does not get it again; what failed is tried again. Raises Forbidden, Invalid.
    """
    policies.require(user, "send_report")
    now = now or timezone.now()
    wanted = _wanted(report, recipient_ids)
    with transaction.atomic():
        queue(report, wanted, now)
        rows = ReportDelivery.objects.filter(report=report, recipient__in=wanted)
        _requeue(rows, now)
    _ring()
    return list(rows.select_related("recipient").order_by("pk"))


def _wanted(report: AnalyticsReport, recipient_ids: Sequence[int] | None) -> list[ReportRecipient]:
    if recipient_ids is None:
        found = list(recipients.subscribed(report.report_type))
        if found:
            return found
        message = _("Nobody gets these reports yet. Add a recipient first.")
        raise Invalid("no_recipients", message, {"recipients": [message]})
    rows = ReportRecipient.objects.filter(is_active=True).in_bulk(recipient_ids)
    if missing := [str(pk) for pk in recipient_ids if pk not in rows]:
        message = _("There is no active recipient %(ids)s.") % {"ids": ", ".join(missing)}
        raise Invalid("invalid", message, {"recipients": [message]})
    if not rows:
        message = _("Choose at least one recipient.")
        raise Invalid("no_recipients", message, {"recipients": [message]})
    return list(rows.values())


def queue(report: AnalyticsReport, wanted: Iterable[ReportRecipient], now: datetime) -> int:
    """Rows for those who have none yet; how many there are now more."""
    before = report.deliveries.count()
    ReportDelivery.objects.bulk_create(
        [
            ReportDelivery(report=report, recipient=one, name=one.name, next_try_at=now)
            for one in wanted
        ],
        ignore_conflicts=True,
    )
    return report.deliveries.count() - before


def try_again(rows: Any, user: Any, now: datetime | None = None) -> int:
    """Queue what failed once more; how many. Raises Forbidden."""
    policies.require(user, "send_report")
    count = _requeue(rows, now or timezone.now())
    _ring()
    return count


def _requeue(rows: Any, now: datetime) -> int:
    ended = rows.order_by().filter(state__in=UNSENT, recipient__isnull=False)
    return int(ended.update(state=DeliveryState.QUEUED, next_try_at=now, attempts=0, error=""))


def _ring() -> None:
    """A broker that is down must not undo the caller's work; the schedule rings too."""
    from analytics import tasks

    transaction.on_commit(partial(tasks.deliver_reports.apply_async, expires=60), robust=True)


# -- the worker's side -----------------------------------------------------------------------


def deliver(now: datetime | None = None) -> dict[str, int]:
    """Send what is due. Returns {"sent": n, "not_sent": n}."""
    now = now or timezone.now()
    rows = ReportDelivery.objects.select_related("report", "recipient")
    counts = {"sent": 0, "not_sent": 0}
    for row in outbox.claimed(rows, now):
        with translation.override(Organisation.get().language):
            counts["sent" if _deliver_one(row, now) else "not_sent"] += 1
    return counts


def _deliver_one(row: ReportDelivery, now: datetime) -> bool:
    recipient = row.recipient
    if recipient is None or not recipient.is_active:
        outbox.finish(row, DeliveryState.DROPPED)
        return False
    try:
        _send(row, recipient)
    except (Refused, telegram.Refused, telegram.Lost, channels.ChannelRefused) as exc:
        outbox.finish(row, DeliveryState.FAILED, error=str(exc)[:300])
    except telegram.Later as exc:
        # Never before the moment Telegram names.
        outbox.failed(row, str(exc), [max(one, exc.seconds) for one in DELAYS], now)
    except (channels.ChannelFailed, telegram.NotSent) as exc:
        outbox.failed(row, str(exc), DELAYS, now)
    except (SMTPException, OSError) as exc:
        outbox.failed(row, _mail_trouble(exc), DELAYS, now)
    except Exception:
        # One report that breaks must not hold up the others.
        log.exception("report delivery %s broke", row.pk)
        outbox.failed(row, _("Something broke. The log says what."), DELAYS, now)
    else:
        outbox.finish(row, DeliveryState.SENT, sent_at=timezone.now(), error="")
        return True
    return False


def _send(row: ReportDelivery, recipient: ReportRecipient) -> None:
    report = row.report
    made = document.build(report, recipient.language)
    address = recipients.mail_address(recipient.url)
    if address is not None:
        _mail(row, made, address)
    elif recipient.url.strip().lower().startswith(f"{telegram.SCHEME}://"):
        _telegram(row, made, recipient.url)
    else:
        channels.send(recipient.url, f"{made.title}: {made.period}", texts.plain(made))


def _telegram(row: ReportDelivery, made: Document, url: str) -> None:
    place = telegram.parse(url)
    if place is None:
        raise Refused(_("This is no channel address that can be used."))

    def arrived(number: int) -> None:
        row.parts_sent = number
        ReportDelivery.objects.filter(pk=row.pk).update(parts_sent=number)

    telegram.send(place, texts.messages(made), row.parts_sent, arrived)


# -- mail ------------------------------------------------------------------------------------


def _mail(row: ReportDelivery, made: Document, address: str) -> None:
    content = _pdf(row.report, made.language)
    with translation.override(made.language):
        missing = "" if content else _("The PDF could not be made this time.")
        message = EmailMultiAlternatives(
            subject=f"{made.title}: {made.period}",
            body=f"{made.title}\n{texts.plain(made)}\n",
            to=[address],
            headers={
                # Holiday replies must not come back (RFC 3834).
                "Auto-Submitted": "auto-generated",
                # A mail whose acceptance got lost comes twice at worst, and is seen as one.
                "Message-ID": f"<report-delivery-{row.pk}@{_host()}>",
            },
        )
        message.attach_alternative(html.mail(made, without_pdf=missing), "text/html")
    if content:
        message.attach(files.name(row.report, "pdf"), content, files.MIMES["pdf"])
    try:
        message.send()
    except SMTPRecipientsRefused as exc:
        codes = [code for code, _said in exc.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise Refused(
                _("The mail server does not take mail for this address (%(code)s).")
                % {"code": codes[0]}
            ) from None
        raise
    except SMTPAuthenticationError:
        # The operator's mistake, not the recipient's: worth another try.
        raise
    except SMTPRefused as exc:
        if 500 <= exc.smtp_code < 600:
            raise Refused(
                _("The mail server refused the report (%(code)s).") % {"code": exc.smtp_code}
            ) from None
        raise


def _pdf(report: AnalyticsReport, language: str) -> bytes | None:
    """A mail without its attachment is better than none."""
    try:
        return pdf.ensure(report, language)
    except Exception:
        log.exception("report %s cannot be printed", report.pk)
        return None


def _mail_trouble(exc: Exception) -> str:
    """Without what the server said: it may quote addresses."""
    code = getattr(exc, "smtp_code", "")
    return _("The mail server could not be reached or did not take the mail: %(why)s") % {
        "why": f"{type(exc).__name__} {code}".strip()
    }


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "socialhub.invalid"
