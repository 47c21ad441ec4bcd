"""First steps of a new installation, and the test messages they send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import (
    Account,
    AccountStatus,
    JobRun,
    JobState,
    NotificationChannel,
    Organisation,
)
from socialhub.services import jobs
from socialhub.services.errors import Invalid
from socialhub.services.notices import channels


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps. `key` is stable."""

    key: str
    title: str
    done: bool


def steps() -> list[Step]:
    """What a new installation needs before the first real post, in order."""
    people = get_user_model().objects.filter(is_active=True).count()
    connected = Account.objects.filter(status=AccountStatus.ACTIVE, is_demo=False).exists()
    mail = JobRun.objects.filter(kind="test_mail", state=JobState.DONE).exists()
    return [
        Step("organisation", _("Your organisation"), bool(Organisation.get().name)),
        Step("mail", _("Mail"), mail),
        Step("people", _("People"), people > 1),
        Step("account", _("First account"), connected),
    ]


def finish(user: Any) -> None:
    """Today stops showing the first steps."""
    policies.require(user, "change_organisation")
    Organisation.get()
    Organisation.objects.filter(pk=1).update(setup_done=True)


def start_test_mail(user: Any) -> JobRun:
    """Send a mail to the person who asks. Raises Forbidden; Invalid without an address."""
    policies.require(user, "change_organisation")
    if not user.email:
        raise Invalid("no_address", _("You have no e-mail address yet. Add it under People."))
    return jobs.start("test_mail", user)


@jobs.job("test_mail", seconds=60)
def _test_mail(row: JobRun) -> dict[str, Any]:
    address = row.owner.email if row.owner else ""
    try:
        send_mail(
            _("SocialHub can send mail"),
            _("This is the test message you asked for. Notices will arrive like this one."),
            settings.DEFAULT_FROM_EMAIL,
            [address],
        )
    except OSError as exc:
        # smtplib's errors are OSErrors; their text may quote the login.
        raise jobs.JobFailed(
            {
                "code": "mail_failed",
                "message": _(
                    "The mail server did not take it (%(why)s). Check EMAIL_URL, then try again."
                )
                % {"why": type(exc).__name__},
            }
        ) from None
    in_a_folder = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
    return {"to": address, "folder": settings.EMAIL_FILE_PATH if in_a_folder else ""}


def start_test_channel(channel: NotificationChannel, user: Any) -> JobRun:
    """Send a test message through a person's own channel; it is switched on when that works."""
    return jobs.start("test_channel", user, {"channel": channel.pk})


@jobs.job("test_channel", seconds=60)
def _test_channel(row: JobRun) -> dict[str, Any]:
    channel = NotificationChannel.objects.get(pk=row.arguments["channel"], user=row.owner)
    try:
        channels.send(
            str(channel.url),
            _("SocialHub can reach you here"),
            _("This is the test message you asked for. Notices will arrive like this one."),
        )
    except (channels.ChannelRefused, channels.ChannelFailed) as exc:
        raise jobs.JobFailed({"code": "channel_failed", "message": str(exc)}) from None
    NotificationChannel.objects.filter(pk=channel.pk).update(is_active=True)
    return {"channel": channel.pk}
