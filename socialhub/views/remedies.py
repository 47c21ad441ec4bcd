"""A publication's state as a sentence, and the one thing a person would most likely do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from socialhub import badges, policies
from socialhub.models import AccountStatus, PostStatus, Publication
from socialhub.models import PublicationStatus as S
from socialhub.services import publishing

# These come from the content: sending the same again would fail the same way.
CONTENT_ERRORS = ("invalid_content", "duplicate", "not_found")


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button: a verb to post, or an address to go to."""

    label: str
    verb: str = ""
    url: str = ""
    external: bool = False


def headline(publication: Publication) -> str:
    """One sentence that answers "where does it stand?"."""
    explained = publishing.explain(publication)
    if publication.status in (S.FAILED, S.MISSED, S.UNKNOWN) and explained:
        return explained
    if badges.state_of(publication) == "blocked":
        return _("It waits: %(account)s has to be reconnected first. It goes out after that.") % {
            "account": publication.account
        }
    if publication.status == S.SCHEDULED and publication.waiting_for:
        return _("It waits until the part before it is published.")
    return _plain(publication) + (f" {explained}" if explained else "")


def _plain(publication: Publication) -> str:
    status = publication.status
    if status == S.SCHEDULED:
        return _("It goes out on %(time)s.") % {"time": _local(publication.due_at)}
    if status == S.PUBLISHING:
        return _("It is being sent right now.")
    if status == S.PUBLISHED:
        return _("It was published on %(time)s%(late)s.") % {
            "time": _local(publication.published_at),
            "late": _lateness(publication),
        }
    if status == S.CANCELLED:
        return _("It was cancelled and does not go out.")
    if publication.post.status == PostStatus.APPROVED:
        return _("Its post is approved; it has no time yet.")
    return _("It is a draft: its post is not approved yet.")


def _local(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "–"


def _lateness(publication: Publication) -> str:
    if publication.due_at is None or publication.published_at is None:
        return ""
    seconds = (publication.published_at - publication.due_at).total_seconds()
    if not 1 <= seconds < 120:
        return ""
    return _(", %(seconds)d s after its time") % {"seconds": round(seconds)}


def remedy(publication: Publication, user: Any) -> Remedy | None:
    """The likeliest next step, or None when there is nothing to do."""
    status = publication.status
    if status in (S.SCHEDULED, S.FAILED, S.MISSED) and _needs_reconnect(publication):
        return _reconnect(publication, user)
    if status == S.FAILED and publication.error_code in CONTENT_ERRORS:
        return Remedy(_("Change the post"), url=_composer(publication))
    if status == S.FAILED and publication.post.status != PostStatus.APPROVED:
        return Remedy(_("Open the post"), url=_composer(publication))
    if status == S.FAILED:
        return Remedy(_("Send again"), verb="retry")
    if status == S.MISSED:
        return Remedy(_("Send it now"), verb="retry")
    if status == S.UNKNOWN:
        if publication.needs_person:
            return Remedy(_("It is live"), verb="live")
        return Remedy(_("Look at the network now"), verb="settle")
    if status == S.DRAFT:
        return Remedy(_("Open the post"), url=_composer(publication))
    if status == S.PUBLISHED and publication.permalink:
        return Remedy(_("See it on the network"), url=publication.permalink, external=True)
    return None


def _needs_reconnect(publication: Publication) -> bool:
    revoked = publication.error_code == "auth_revoked"
    unusable = publication.account.status != AccountStatus.ACTIVE
    return unusable or (revoked and publication.status == S.SCHEDULED)


def _reconnect(publication: Publication, user: Any) -> Remedy | None:
    if not policies.can(user, "connect_account"):
        return None
    url = f"{reverse('admin:socialhub_account_add')}?account={publication.account_id}"
    return Remedy(_("Reconnect the account"), url=url)


def _composer(publication: Publication) -> str:
    if publication.answers_id:
        return f"{reverse('admin:inbox')}?i={publication.answers_id}"
    return reverse("admin:socialhub_post_change", args=[publication.post_id])
