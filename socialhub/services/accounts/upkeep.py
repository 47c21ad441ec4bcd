"""Lines of the System page: logins that end, and how old the networks' API versions are."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub.models import Account, AccountStatus, Credential
from socialhub.platforms.registry import ADAPTERS
from socialhub.services.accounts import versions
from socialhub.services.accounts.apps import shown_apps
from socialhub.services.accounts.logins import WARN_BEFORE
from socialhub.services.health import Part

# A login should have been renewed long before; a network may be down for an hour.
OVERDUE = timedelta(hours=1)
NAMED = 3


def parts(now: datetime) -> list[Part]:
    """One line for the logins, one per network with a dated API. Three queries."""
    return [_logins(now), *_versions(now)]


def _logins(now: datetime) -> Part:
    renewing = [a.slug for a in ADAPTERS.values() if a.refresh_before is not None]
    troubled = Q(ends_at__lte=now + WARN_BEFORE)
    troubled |= Q(account__platform__in=renewing, expires_at__lte=now - OVERDUE)
    rows = Credential.objects.filter(troubled, account__status=AccountStatus.ACTIVE)
    found = [row.account for row in rows.select_related("account").order_by("ends_at", "pk")]
    if not found:
        return Part("logins", _("Logins at the networks"), True, note=_("none ends soon"))
    names = ", ".join(str(account) for account in found[:NAMED])
    more = _(" and more") if len(found) > NAMED else ""
    note = ngettext(
        "%(n)s has ended or ends within 7 days: %(names)s%(more)s",
        "%(n)s have ended or end within 7 days: %(names)s%(more)s",
        len(found),
    ) % {"n": len(found), "names": names, "more": more}
    return Part("logins", _("Logins at the networks"), False, note=note)


def _versions(now: datetime) -> list[Part]:
    used = set(
        Account.objects.exclude(status=AccountStatus.DISABLED).values_list("platform", flat=True)
    )
    found = []
    for app in shown_apps():
        version = str((app.options or {}).get("api_version") or "")
        months = versions.age_in_months(version, now.date())
        if app.platform not in used or months is None:
            continue
        age = ngettext("%(n)s month old", "%(n)s months old", months) % {"n": months}
        name = _("API of %(network)s") % {"network": ADAPTERS[app.platform].name}
        ok = months < versions.warn_after(version)
        found.append(Part(f"api:{app.platform}", name, ok, note=f"{version}, {age}"))
    return found
