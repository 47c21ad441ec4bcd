"""What a report covers besides its days: "" = everything, or one account, network, campaign."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from analytics.queries.filters import Filters
from analytics.services.reports import shown
from socialhub.models import Account, Campaign
from socialhub.models.accounts import granted_account_ids
from socialhub.platforms.registry import ADAPTERS
from socialhub.services.errors import Invalid


def filters(scope: str, first: date, last: date) -> Filters:
    """What to read for a scope that was checked."""
    kind, _colon, value = scope.partition(":")
    if kind == "account":
        return Filters(first, last, account=int(value))
    if kind == "platform":
        return Filters(first, last, platform=value)
    if kind == "campaign":
        return Filters(first, last, campaign=int(value))
    return Filters(first, last)


def account(scope: str) -> int | None:
    kind, _colon, value = scope.partition(":")
    return int(value) if kind == "account" else None


def check(scope: str, user: Any) -> None:
    """Raises Invalid for what does not exist or this user may not see."""
    kind, _colon, value = scope.partition(":")
    limited = user is not None and granted_account_ids(user) is not None
    if kind == "account" and _is_id(value):
        # None is the machine itself.
        rows = Account.objects.all() if user is None else Account.objects.visible_to(user)
        if rows.filter(pk=int(value)).exists():
            return
        raise _wrong(_("There is no such account."))
    if limited:
        raise _wrong(
            _("You may make reports of your own accounts only, for instance “account:12”.")
        )
    if scope == "" or (kind == "platform" and value in ADAPTERS):
        return
    if kind == "campaign" and _is_id(value) and Campaign.objects.filter(pk=int(value)).exists():
        return
    raise _wrong(
        _("Use “account:12”, “platform:mastodon” or “campaign:7”, or leave it out for everything.")
    )


def describe(scope: str) -> str:
    """In words; "" for everything."""
    kind, _colon, value = scope.partition(":")
    if kind == "account":
        found = Account.objects.filter(pk=value).first()
        return f"{found.handle} ({shown.network(found.platform)})" if found else scope
    if kind == "campaign":
        campaign = Campaign.objects.filter(pk=value).first()
        return _("Campaign %(name)s") % {"name": campaign.name} if campaign else scope
    return shown.network(value) if kind == "platform" else ""


def choices(user: Any) -> list[tuple[str, str]]:
    """(scope, words) of everything this user may make a report of."""
    accounts = [
        (f"account:{row.pk}", f"{row.handle} ({shown.network(row.platform)})")
        for row in Account.objects.visible_to(user).only("handle", "platform")
    ]
    if granted_account_ids(user) is not None:
        return accounts
    used = Account.objects.order_by("platform").values_list("platform", flat=True).distinct()
    campaigns = Campaign.objects.filter(is_archived=False).only("name")
    return [
        ("", _("everything")),
        *((f"platform:{name}", shown.network(name)) for name in used if name in ADAPTERS),
        *accounts,
        *((f"campaign:{row.pk}", _("Campaign %(name)s") % {"name": row.name}) for row in campaigns),
    ]


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19 and str(int(value)) == value


def _wrong(message: str) -> Invalid:
    return Invalid("invalid", message, {"scope": [message]})
