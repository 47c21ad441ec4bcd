"""The life of a publication in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from socialhub.models import Publication, PublicationStatus


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the time line. `actor` is None for the machine."""

    at: datetime
    code: str
    sentence: str
    detail: str
    actor: Any


def explain(publication: Publication) -> str:
    """What happened, what SocialHub did and what to do, for the present error; "" if none."""
    status, code = publication.status, publication.error_code
    if status == PublicationStatus.MISSED:
        return _(
            "It was not sent in time, so SocialHub did not send it late by itself. "
            "Send it now, or choose another time."
        )
    if status == PublicationStatus.UNKNOWN and publication.needs_person:
        return _(
            "The network gave no answer and cannot be asked whether the post is out. "
            "Look at the profile: say that it is live, or send it again."
        )
    if status == PublicationStatus.UNKNOWN:
        return _(
            "The network gave no answer. SocialHub is looking whether the post is out and will "
            "not send it again before it knows."
        )
    if not code:
        return ""
    if code == "over_cap":
        return _over_cap(publication)
    return _errors().get(code, _("The network did not take it. Look at the details, then retry."))


def _over_cap(publication: Publication) -> str:
    """Names the month it was tried in and the cap as it is now, which may have been raised."""
    month = date_format((publication.due_at or publication.created_at).astimezone(UTC), "F Y")
    cap = publication.account.monthly_cap_usd
    if cap is None:
        return _(
            "The account's monthly cap was used up in %(month)s, so nothing was sent. There is "
            "no cap any more: retry."
        ) % {"month": month}
    return _(
        "The account's monthly cap of $%(cap)s is used up in %(month)s, so nothing was sent. "
        "Raise the cap, then retry; or reschedule it to the next month."
    ) % {"month": month, "cap": cap}


def _errors() -> dict[str, str]:
    return {
        "auth_expired": _("The access to the account ran out. SocialHub renews it by itself."),
        "auth_revoked": _(
            "The network does not accept our access any more. Reconnect the account; "
            "the post goes out after that."
        ),
        "permission": _(
            "The account may not do this on the network. Check its rights there, then retry."
        ),
        "rate_limited": _(
            "The network asks us to slow down. The post is sent as soon as it allows."
        ),
        "duplicate": _(
            "The network refused it as a copy of an earlier post. Change the text, then retry."
        ),
        "invalid_content": _(
            "The network did not take this content. Change the post as the details say."
        ),
        "not_found": _(
            "The post it answers is not there any more, so nothing was sent. Cancel it, or "
            "publish it on its own."
        ),
        "out_of_credit": _("There is no credit left on this network. Top it up, then retry."),
        "unavailable": _("The network cannot be reached. SocialHub keeps trying for a day."),
        "not_out": _("SocialHub looked twice: it is not out. It is sent again."),
        "claim_lost": _("The worker stopped before anything was sent. It is sent again."),
        "stopped": _("The post was changed before anything was sent."),
        "parent_lost": _(
            "The part before is out, but the network did not hang it onto the series. Look at "
            "the profile, then resume or cancel."
        ),
    }


def timeline(publication: Publication) -> list[Line]:
    """Every event, oldest first. One query."""
    sentences = _events()
    return [
        Line(
            event.at,
            event.code,
            sentences.get(event.code, event.code),
            _readable(event.code, event.detail),
            event.actor,
        )
        for event in publication.events.select_related("actor")
    ]


def _readable(code: str, detail: str) -> str:
    """A chosen time in the reader's words and zone; anything else as it is."""
    if code not in ("scheduled", "rescheduled"):
        return detail
    at = parse_datetime(detail)
    return date_format(localtime(at), "DATETIME_FORMAT") if at else detail


def _events() -> dict[str, str]:
    return {
        "submitted": _("Handed in for approval"),
        "approved": _("Approved"),
        "changes_requested": _("Changes requested"),
        "withdrawn": _("Approval withdrawn"),
        "scheduled": _("Scheduled"),
        "rescheduled": _("Moved to another time"),
        "taken_off": _("Taken off the queue, because the post was changed"),
        "cancelled": _("Cancelled"),
        "cancelled_with_part": _("Cancelled, because a part before it was"),
        "stop_asked": _("Asked to stop, if it is not out yet"),
        "retried": _("Sent again by hand"),
        "missed": _("Not sent in time; waiting for a person"),
        "accepted": _("Published"),
        "found": _("Found on the network: it is out"),
        "confirmed": _("A person confirmed that it is live"),
        "denied": _("A person said that it is not live"),
        "unknown": _("Sent, and no answer came; SocialHub is looking"),
        "not_found": _("Looked: not there"),
        "look_failed": _("The look did not work; the next one follows"),
        "look_asked": _("A look was asked for"),
        "ask": _("Only a person can tell whether it is out"),
        "again": _("Not out; on the queue again"),
        "draft": _("Not out; back to draft"),
        "failed": _("Failed"),
        "duplicate": _("A second copy is on the network"),
        "id_taken": _("The network named a post that belongs to another publication"),
        "parent_lost": _("The network published it without the post it should answer"),
    }
