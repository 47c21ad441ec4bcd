"""The sidebar, by role. Apps above add their pages with `add`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from socialhub import policies
from socialhub.queries import needs


@dataclass(frozen=True, slots=True)
class Item:
    """One line; `permission` is a Django permission, "" shows it to everybody on the desk."""

    title: Any
    icon: str
    url_name: str
    permission: str = ""


WORK = [
    Item(_("Today"), "today", "admin:index"),
    Item(_("Calendar"), "calendar_month", "admin:calendar", "socialhub.view_post"),
    Item(_("Inbox"), "inbox", "admin:inbox", "socialhub.view_interaction"),
    Item(_("Analytics"), "monitoring", "admin:analytics", "analytics.view_publicationstats"),
    Item(
        _("Reports"),
        "summarize",
        "admin:analytics_analyticsreport_changelist",
        "analytics.view_analyticsreport",
    ),
    Item(_("Posts"), "edit_note", "admin:socialhub_post_changelist", "socialhub.view_post"),
    Item(
        _("Publications"),
        "send",
        "admin:socialhub_publication_changelist",
        "socialhub.view_publication",
    ),
    Item(_("Campaigns"), "flag", "admin:socialhub_campaign_changelist", "socialhub.view_campaign"),
    Item(_("Media"), "image", "admin:socialhub_mediaasset_changelist", "socialhub.view_mediaasset"),
    Item(
        _("Links"), "link", "admin:socialhub_trackedlink_changelist", "socialhub.view_trackedlink"
    ),
    Item(_("Accounts"), "group", "admin:socialhub_account_changelist", "socialhub.view_account"),
]
ADMINISTRATION = [
    Item(
        _("Organisation"),
        "apartment",
        "admin:socialhub_organisation_changelist",
        "socialhub.change_organisation",
    ),
    Item(_("People"), "badge", "admin:auth_user_changelist", "auth.view_user"),
    Item(_("API tokens"), "key", "admin:socialhub_apitoken_changelist", "socialhub.view_apitoken"),
    Item(
        _("Webhooks"),
        "webhook",
        "admin:socialhub_webhookendpoint_changelist",
        "socialhub.view_webhookendpoint",
    ),
    Item(
        _("Periodic jobs"),
        "event_repeat",
        "admin:django_celery_beat_periodictask_changelist",
        "django_celery_beat.view_periodictask",
    ),
    Item(
        _("AI"),
        "edit_square",
        "admin:socialhub_aicall_changelist",
        policies.PERMISSIONS["view_ai_usage"],
    ),
    Item(_("System"), "monitor_heart", "admin:system", policies.PERMISSIONS["view_system"]),
]
# Groups of the apps above: (title, items), shown between work and administration.
_groups: list[tuple[Any, list[Item]]] = []


def add(title: Any, items: list[Item]) -> None:
    """A group of an app above; call it in AppConfig.ready()."""
    _groups.append((title, items))


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's sidebar for this person; groups without a line are left out."""
    groups = [(None, WORK), *_groups, (_("Administration"), ADMINISTRATION)]
    found = []
    for title, items in groups:
        shown = [line for item in items if (line := _line(request, item))]
        if shown:
            found.append({"title": title, "items": shown, "separator": title is not None})
    active = [line for group in found for line in group["items"] if line["active"]]
    for line in active:
        # Of a page and a page below it only the latter.
        line["active"] = len(line["link"]) == max(len(other["link"]) for other in active)
    return found


def _line(request: HttpRequest, item: Item) -> dict[str, Any] | None:
    if item.permission and not request.user.has_perm(item.permission):
        return None
    try:
        link = reverse(item.url_name)
    except NoReverseMatch:
        # An installation may leave a page out.
        return None
    line = {"title": item.title, "icon": item.icon, "link": link}
    line["active"] = _is_active(request.path, link)
    if item.url_name == "admin:inbox" and (count := needs.waiting_comments(request.user)):
        line["badge"] = count if count < 100 else "99+"
        line["badge_variant"] = "primary"
    return line


def _is_active(path: str, link: str) -> bool:
    return path == link or (link != reverse("admin:index") and path.startswith(link))
