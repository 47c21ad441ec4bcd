"""What waits for a person: one row per thing, each with the one step that likely helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub import badges, policies, registries
from socialhub.models import (
    Account,
    AccountStatus,
    Interaction,
    Organisation,
    Post,
    PostStatus,
    Publication,
)
from socialhub.models import PublicationStatus as S
from socialhub.services import publishing

# Rows shown per kind; the rest is a number with a link.
MOST = 8
# A failure nobody touched for this long has been decided by leaving it.
FORGET = timedelta(days=30)
ACTING = ("approve_post", "schedule_post", "answer_interaction", "connect_account", "write_post")


@dataclass(frozen=True, slots=True)
class Step:
    """A button: `verb` is posted to Today, `url` is opened."""

    label: str
    verb: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """`state` picks badge colours; `text` says what happened and what to do."""

    key: str
    state: str
    word: str
    title: str
    text: str
    url: str
    since: datetime | None
    account: Account | None = None
    pk: int = 0
    step: Step | None = None


def may_act(user: Any) -> bool:
    """Does any button on Today work for this person?"""
    return any(policies.can(user, verb) for verb in ACTING)


def needs(user: Any, organisation: Organisation, now: datetime) -> tuple[list[Need], int]:
    """Most urgent first, and how many more there are."""
    found: list[Need] = []
    more = 0
    for rows, surplus in (
        _publications(user, now),
        _accounts(user),
        _to_approve(user, organisation),
        _to_change(user),
        *registries.needs(user, now),
        _comments(user),
    ):
        found.extend(rows)
        more += surplus
    return found, more


def _publications(user: Any, now: datetime) -> tuple[list[Need], int]:
    rows = list(
        Publication.objects.visible_to(user)
        .for_list()
        .filter(status__in=[S.UNKNOWN, S.MISSED, S.FAILED], post__is_archived=False)
        .filter(Q(due_at__isnull=True) | Q(due_at__gte=now - FORGET))
        .order_by("due_at", "pk")[: MOST * 4]
    )
    able = policies.can(user, "schedule_post")
    return [_publication(row, able) for row in rows[:MOST]], max(0, len(rows) - MOST)


def _publication(row: Publication, able: bool) -> Need:
    page = reverse("admin:socialhub_publication_change", args=[row.pk])
    return Need(
        key=f"publication-{row.pk}",
        state=str(row.status),
        word=row.get_status_display(),
        title=badges.excerpt(row.post),
        text=publishing.explain(row),
        url=page,
        since=row.due_at,
        account=row.account,
        pk=row.pk,
        step=_remedy(row, page) if able else None,
    )


def _remedy(row: Publication, page: str) -> Step:
    if row.account.status != AccountStatus.ACTIVE:
        return _reconnect(row.account)
    if row.status == S.UNKNOWN and row.needs_person:
        return Step(_("Look and decide"), url=page)
    if row.status == S.UNKNOWN:
        return Step(_("Look now"), verb="look")
    if row.status == S.MISSED:
        return Step(_("Send now"), verb="retry")
    if row.error_code in ("invalid_content", "duplicate"):
        url = reverse("admin:socialhub_post_change", args=[row.post_id])
        return Step(_("Change the post"), url=url)
    return Step(_("Try again"), verb="retry")


def _accounts(user: Any) -> tuple[list[Need], int]:
    rows = Account.objects.visible_to(user).filter(status=AccountStatus.NEEDS_RECONNECT)
    able = policies.can(user, "connect_account")
    found = [
        Need(
            key=f"account-{account.pk}",
            state="needs_reconnect",
            word=_("reconnect"),
            title=str(account),
            text=_("The network does not accept our access any more. Posts for it wait."),
            url=reverse("admin:socialhub_account_change", args=[account.pk]),
            since=None,
            account=account,
            step=_reconnect(account) if able else None,
        )
        for account in rows
    ]
    return found[:MOST], max(0, len(found) - MOST)


def _reconnect(account: Account) -> Step:
    return Step(_("Reconnect"), url=reverse("admin:socialhub_account_change", args=[account.pk]))


def _to_approve(user: Any, organisation: Organisation) -> tuple[list[Need], int]:
    able = policies.can(user, "approve_post")
    rows = Post.objects.visible_to(user).filter(status=PostStatus.IN_REVIEW, is_archived=False)
    if able and not organisation.self_approval:
        # Who edited it may not approve it, so it does not wait for them.
        rows = rows.exclude(editors__user=user)
    found = list(rows.select_related("author").order_by("planned_at", "pk")[: MOST * 4])
    return [_approval(post, able) for post in found[:MOST]], max(0, len(found) - MOST)


def _approval(post: Post, able: bool) -> Need:
    return Need(
        key=f"post-{post.pk}",
        state="in_review",
        word=_("to approve"),
        title=badges.excerpt(post),
        text=_("%(author)s handed it in. Read it, then approve it or ask for changes.")
        % {"author": post.author or _("Somebody")},
        url=reverse("admin:socialhub_post_change", args=[post.pk]),
        since=post.planned_at,
        pk=post.pk,
        step=Step(_("Approve"), verb="approve") if able else None,
    )


def _to_change(user: Any) -> tuple[list[Need], int]:
    if not policies.can(user, "write_post"):
        return [], 0
    rows = Post.objects.filter(
        author=user, status=PostStatus.CHANGES_REQUESTED, is_archived=False
    ).order_by("updated_at")
    found = [
        Need(
            key=f"post-{post.pk}",
            state="changes_requested",
            word=_("changes requested"),
            title=badges.excerpt(post),
            text=post.review_comment,
            url=(url := reverse("admin:socialhub_post_change", args=[post.pk])),
            since=None,
            step=Step(_("Change it"), url=url),
        )
        for post in rows[: MOST * 4]
    ]
    return found[:MOST], max(0, len(found) - MOST)


def _comments(user: Any) -> tuple[list[Need], int]:
    """All waiting comments are one row: they are answered in the inbox."""
    waiting = Interaction.objects.visible_to(user).waiting()
    counted = waiting.aggregate(n=Count("pk"), oldest=Min("created_at"))
    if not counted["n"]:
        return [], 0
    title = ngettext("%(n)s comment to answer", "%(n)s comments to answer", counted["n"]) % {
        "n": counted["n"]
    }
    oldest = waiting.select_related("account").order_by("created_at", "pk").first()
    url = reverse("admin:inbox")
    able = policies.can(user, "answer_interaction")
    said = _("%(author)s waits longest: %(text)s")
    need = Need(
        key="comments",
        state="waiting",
        word=_("inbox"),
        title=title,
        text=said % {"author": oldest.author_handle, "text": oldest.text} if oldest else "",
        url=url,
        since=counted["oldest"],
        account=oldest.account if oldest else None,
        step=Step(_("Open inbox"), url=url) if able else None,
    )
    return [need], 0


def waiting_comments(user: Any) -> int:
    """The number beside Inbox in the sidebar."""
    return Interaction.objects.visible_to(user).waiting().count()
