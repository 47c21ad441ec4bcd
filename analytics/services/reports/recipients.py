"""Who gets reports, and what kind of address theirs is."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analytics.models import ReportRecipient, ReportType
from analytics.services.reports import telegram
from socialhub.services.errors import Invalid
from socialhub.services.notices.channels import LOCAL

WANTS = {ReportType.WEEKLY: "wants_weekly", ReportType.MONTHLY: "wants_monthly"}


def subscribed(report_type: str) -> QuerySet[ReportRecipient]:
    """Active recipients of this type; reports of any period are for every active one."""
    rows = ReportRecipient.objects.filter(is_active=True)
    wants = WANTS.get(ReportType(report_type))
    return rows.filter(**{wants: True}) if wants else rows


def mail_address(url: str) -> str | None:
    """The mail address in "ana@shop.example" or "mailto:ana@shop.example", else None.

    "mailto://user:password@host" is a mailbox of its own, which Apprise signs in to.
    """
    bare = url.strip()
    if bare.lower().startswith("mailto:"):
        bare = bare[len("mailto:") :].removeprefix("//")
    try:
        validate_email(bare)
    except ValidationError:
        return None
    return None if ":" in bare else bare


def check(url: str) -> None:
    """Raise Invalid, without quoting it, for an address that can never work."""
    if mail_address(url) is not None:
        return
    scheme = urlsplit(url).scheme.lower() if "://" in url else ""
    message = ""
    if not scheme:
        message = _("Enter a mail address, or a channel address like tgram://TOKEN/CHAT.")
    elif scheme in LOCAL:
        message = _("This kind of channel would act on the server itself.")
    elif scheme == telegram.SCHEME and telegram.parse(url) is None:
        message = _("A Telegram address is tgram://TOKEN/CHAT, with the bot's token and a chat.")
    if message:
        raise Invalid("bad_address", message, {"address": [message]})
