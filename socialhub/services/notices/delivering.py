"""Sending what was addressed: by mail and over each person's own channels."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from socialhub.models import DeliveryState, NoticeDelivery, NotificationChannel
from socialhub.services import outbox
from socialhub.services.jobs import language_of
from socialhub.services.notices import channels, people
from socialhub.services.notices.texts import Text, describe

# Seconds until the next try; the last one is about 15 hours after the incident.
DELAYS = (30, 60, 300, 1_800, 7_200, 18_000, 28_800)


def deliver(now: datetime | None = None) -> dict[str, int]:
    """Send what is due. Returns {"sent": n, "not_sent": n}."""
    now = now or timezone.now()
    rows = NoticeDelivery.objects.select_related(
        "user", "notice__post__author", "notice__publication__post", "notice__account"
    )
    counts = {"sent": 0, "not_sent": 0}
    for row in outbox.claimed(rows, now):
        counts["sent" if _deliver_one(row, now) else "not_sent"] += 1
    return counts


def _deliver_one(row: NoticeDelivery, now: datetime) -> bool:
    notice = row.notice
    closed = notice.resolved_at is not None or notice.acknowledged_at is not None
    if closed or not row.user.is_active:
        outbox.finish(row, DeliveryState.DROPPED)
        return False
    if until := people.quiet_until(row.user, now):
        outbox.put_back(row, until)
        return False
    with translation.override(language_of(row.user)):
        text = describe(notice)
        try:
            _send(row, text)
        except channels.ChannelRefused as exc:
            outbox.finish(row, DeliveryState.FAILED, error=str(exc)[:300])
        except channels.ChannelFailed as exc:
            outbox.failed(row, str(exc), DELAYS, now)
        except (SMTPException, OSError) as exc:
            outbox.failed(row, f"mail: {type(exc).__name__}", DELAYS, now)
        else:
            outbox.finish(row, DeliveryState.SENT, sent_at=timezone.now(), error="")
            return True
    return False


def _send(row: NoticeDelivery, text: Text) -> None:
    if row.channel == people.MAIL:
        mail(row.user.email, text)
        return
    own = NotificationChannel.objects.filter(pk=row.channel, user=row.user, is_active=True).first()
    if own is None:
        raise channels.ChannelRefused("the channel was removed")
    body = render_to_string("socialhub/mail/notice.txt", {"text": text})
    channels.send(own.url, text.title, body.strip())


def mail(address: str, text: Text) -> None:
    """One mail to one person. Raises SMTPException, OSError."""
    context = {"text": text}
    message = EmailMultiAlternatives(
        subject=f"SocialHub: {text.title}",
        body=render_to_string("socialhub/mail/notice.txt", context),
        to=[address],
        # Holiday replies must not come back (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("socialhub/mail/notice.html", context), "text/html")
    message.send()
