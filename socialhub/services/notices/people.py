"""Who hears of an incident, over which channels, and when not to disturb them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import Q

from socialhub import policies, registries
from socialhub.models import (
    Account,
    Notice,
    NoticeKind,
    NotificationChannel,
    Organisation,
    Post,
    Preferences,
    PublicationStatus,
)

APP, MAIL = "app", "mail"
# Only who may connect accounts can do something about these.
ABOUT_ACCOUNTS = (NoticeKind.RECONNECT, NoticeKind.LOGIN_ENDING, NoticeKind.OVER_CAP)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def concerned(notice: Notice) -> list[Any]:
    """Author and subscribers; who may approve; who may reconnect. Nobody left: administrators."""
    if notice.kind == NoticeKind.TO_APPROVE:
        people = _approvers(notice)
    elif notice.kind in ABOUT_ACCOUNTS:
        people = _reconnectors(notice)
    elif notice.kind == NoticeKind.TASK:
        people = _able_for(notice)
    else:
        people = _followers(notice)
    return people or administrators()


def administrators() -> list[Any]:
    """Everybody of the role, and superusers."""
    users = get_user_model().objects.filter(is_active=True)
    return list(users.filter(Q(groups__name="Administrator") | Q(is_superuser=True)).distinct())


def _followers(notice: Notice) -> list[Any]:
    users = get_user_model().objects.filter(is_active=True)
    wanted = Q(posts=notice.post_id) | Q(postsubscription__post=notice.post_id)
    found = users.filter(wanted).distinct() if notice.post_id else users.none()
    return [user for user in found if _may_see(user, notice)]


def _approvers(notice: Notice) -> list[Any]:
    """Who may approve and did not edit the post themselves, unless that is allowed."""
    found = _able("approve_post")
    if notice.post_id and not Organisation.get().self_approval:
        found = found.exclude(posteditor__post=notice.post_id)
    return [user for user in found if _may_see(user, notice)]


def _reconnectors(notice: Notice) -> list[Any]:
    """Who may connect accounts, and authors whose posts wait for this one."""
    users = get_user_model().objects.filter(is_active=True)
    waiting = users.filter(
        posts__publications__account=notice.account_id,
        posts__publications__status=PublicationStatus.SCHEDULED,
    ).distinct()
    found = {user.pk: user for user in [*_able("connect_account"), *waiting]}
    return [user for user in found.values() if _may_see(user, notice)]


def _able_for(notice: Notice) -> list[Any]:
    """Who may do what an app above asks for."""
    source = registries.notice_source(notice.incident)
    able = _able(source.verb(notice.incident)) if source else []
    return [user for user in able if _may_see(user, notice)]


def _able(verb: str) -> Any:
    users = get_user_model()._default_manager
    return users.with_perm(
        policies.PERMISSIONS[verb], is_active=True, include_superusers=True, backend=BACKEND
    )


def _may_see(user: Any, notice: Notice) -> bool:
    if notice.post_id is not None:
        return Post.objects.visible_to(user).filter(pk=notice.post_id).exists()
    return notice.account is None or (
        Account.objects.visible_to(user).filter(pk=notice.account.pk).exists()
    )


def channels(users: Iterable[Any]) -> dict[int, list[str]]:
    """user id → "app", "mail" and the ids of their own channels."""
    users = list(users)
    silent = set(
        Preferences.objects.filter(user__in=users, mail_notices=False).values_list(
            "user_id", flat=True
        )
    )
    found = {user.pk: [APP] for user in users}
    for user in users:
        if user.email and user.pk not in silent:
            found[user.pk].append(MAIL)
    own = NotificationChannel.objects.filter(user__in=users, is_active=True)
    for user_id, pk in own.values_list("user_id", "pk"):
        found[user_id].append(str(pk))
    return found


def quiet_until(user: Any, now: datetime) -> datetime | None:
    """End of the user's quiet hours (wall clock of the organisation), None outside them."""
    chosen = Preferences.objects.filter(user=user).values_list("quiet_from", "quiet_to").first()
    start, end = chosen or (None, None)
    if start is None or end is None or start == end:
        return None
    zone: ZoneInfo = Organisation.get().zone
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    over_midnight = start > end
    if over_midnight and clock >= start:
        return datetime.combine(local.date() + timedelta(days=1), end, zone)
    if (over_midnight or clock >= start) and clock < end:
        return datetime.combine(local.date(), end, zone)
    return None
