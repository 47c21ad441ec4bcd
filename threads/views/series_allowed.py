"""Which buttons a person gets on a series in its state; the services decide again."""

from __future__ import annotations

from typing import Any

from socialhub import policies
from socialhub.models import Organisation
from threads.models import SeriesState, SeriesStatus, ThreadSeries
from threads.services import series

S = SeriesState
STUCK = (S.PARTIAL, S.FAILED)
OVER = (S.PUBLISHED, S.CANCELLED)


def allowed(row: ThreadSeries | None, user: Any) -> dict[str, bool]:
    """may_write, may_submit, may_approve … for the template."""
    writes = policies.can(user, "write_thread")
    if row is None:
        return {
            "may_write": writes,
            "may_submit": policies.can(user, "submit_post"),
            "may_approve": policies.can(user, "approve_post") and Organisation.get().self_approval,
            "chooses_time": policies.can(user, "schedule_post"),
        }
    state, status = row.state, row.status
    schedules = policies.can(user, "schedule_post")
    waiting = status in (SeriesStatus.DRAFT, SeriesStatus.IN_REVIEW)
    submits = policies.can(user, "submit_post")
    is_over = state in OVER or status == SeriesStatus.CANCELLED
    moving = state in (S.SCHEDULED, S.PUBLISHING, *STUCK)
    return {
        "may_write": writes,
        "may_edit": writes and not is_over,
        "may_submit": status == SeriesStatus.DRAFT and submits,
        "may_approve": waiting and series.may_approve(row, user),
        "may_request_changes": status == SeriesStatus.IN_REVIEW
        and policies.can(user, "approve_post"),
        "may_withdraw": state in (S.IN_REVIEW, S.APPROVED, S.SCHEDULED)
        and (submits or policies.can(user, "approve_post")),
        "may_schedule": state == S.APPROVED and schedules,
        "may_move": state == S.SCHEDULED and schedules,
        "may_resume": status == SeriesStatus.APPROVED and state in STUCK and schedules,
        "may_cancel": schedules and moving and not is_over,
        "may_delete": writes and state in (S.DRAFT, S.IN_REVIEW),
        "may_archive": writes and not row.is_archived and is_over,
        "may_unarchive": writes and row.is_archived,
        "chooses_time": (schedules or policies.can(user, "approve_post")) and not is_over,
    }


def is_written(row: ThreadSeries) -> bool:
    """Is its page the editor: nothing of it went out, and nobody vouched for it yet?"""
    return row.state in (S.DRAFT, S.IN_REVIEW)
