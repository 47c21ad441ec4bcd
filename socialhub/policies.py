"""Which verb needs which permission. Admin, API, pages and services ask here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from socialhub.models import Publication
from socialhub.models.accounts import granted_account_ids
from socialhub.services.errors import Conflict, Forbidden

PERMISSIONS = {
    "view": "socialhub.view_post",
    "write_post": "socialhub.change_post",
    "submit_post": "socialhub.submit_post",
    "approve_post": "socialhub.approve_post",
    "schedule_post": "socialhub.schedule_post",
    "answer_interaction": "socialhub.answer_interaction",
    "connect_account": "socialhub.connect_account",
    "manage_campaigns": "socialhub.change_campaign",
    "manage_media": "socialhub.add_mediaasset",
    "manage_links": "socialhub.change_trackedlink",
    "change_organisation": "socialhub.change_organisation",
    "manage_people": "auth.change_user",
    "manage_webhooks": "socialhub.change_webhookendpoint",
    "view_system": "socialhub.view_jobrun",
    "use_ai": "socialhub.use_ai",
    "view_ai_usage": "socialhub.view_aicall",
}


def can(user: Any, verb: str) -> bool:
    """May this user do this at all? None is the machine itself. Rows are narrowed by grants."""
    return user is None or user.has_perm(PERMISSIONS[verb])


def require_accounts(user: Any, post: Any) -> None:
    """Raise Forbidden when the post also goes to accounts this user may not use."""
    granted = None if user is None else granted_account_ids(user)
    # Not `post.publications`: the post may come with only those the user sees.
    everywhere = Publication.objects.filter(post_id=post.pk)
    if granted is not None and everywhere.exclude(account_id__in=granted).exists():
        raise Forbidden("other_accounts", _("This post also goes to accounts you may not use."))


def require_post(user: Any, post: Any) -> None:
    """Raise Forbidden as `require_accounts`; Conflict for a part of something bigger.

    The machine (None) may: what the post is a part of works through the same verbs.
    """
    from socialhub import registries

    require_accounts(user, post)
    owner = None if user is None else registries.post_owner(post)
    if owner is not None:
        raise Conflict("belongs_to", owner.sentence)


def require(user: Any, verb: str) -> None:
    """Raise Forbidden unless `can`."""
    if not can(user, verb):
        raise Forbidden("forbidden", _("Your role does not allow this. Ask an administrator."))
