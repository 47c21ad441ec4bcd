"""From checked rows to drafts: each row once, however often the import is run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub.models import (
    Account,
    Campaign,
    ImportState,
    JobRun,
    MediaAsset,
    Organisation,
    PostImport,
    PostImportRow,
)
from socialhub.services import jobs, posts
from socialhub.services.errors import Invalid, ServiceError
from socialhub.services.imports.sentences import problem

JSON = dict[str, Any]
CHUNK = 200
SECONDS = 1_800


@jobs.job("run_import", seconds=SECONDS)
def _run(job: JobRun) -> JSON:
    batch = PostImport.objects.select_related("user").get(pk=job.arguments["import"])
    made = Making(batch, job).run()
    PostImport.objects.filter(pk=batch.pk, state=ImportState.IMPORTING).update(
        state=ImportState.IMPORTED
    )
    return {"import": batch.pk, "made": made}


class _NotFirst(Exception):
    """Another worker made this row's post."""


class Making:
    """Posts of the rows that have no problem and no post yet."""

    def __init__(self, batch: PostImport, job: JobRun) -> None:
        self.batch, self.job = batch, job
        self._language = Organisation.get().language

    def run(self) -> int:
        waiting = self.batch.rows.filter(problem_count=0, imported_at__isnull=True)
        total, seen, made, last = waiting.count(), 0, 0, 0
        while rows := list(waiting.filter(number__gt=last).order_by("number")[:CHUNK]):
            named = _Named(self.batch.user, rows)
            for row in rows:
                made += self._one(row, named)
            seen, last = seen + len(rows), rows[-1].number
            jobs.progress(self.job, min(seen, total), total)
        return made

    def _one(self, row: PostImportRow, named: _Named) -> bool:
        try:
            self._make(row, named)
        except _NotFirst:
            return False
        except ServiceError as exc:
            # Right when it was checked, and no longer: the time has passed, an account is gone.
            column = _column_of(exc)
            self._refused(row, problem(column, "refused", message=exc.message))
            return False
        return True

    @transaction.atomic
    def _make(self, row: PostImportRow, named: _Named) -> None:
        """The mark and the post in one transaction: both, or neither."""
        ours = PostImportRow.objects.filter(pk=row.pk, problem_count=0, imported_at__isnull=True)
        if not ours.update(imported_at=timezone.now()):
            raise _NotFirst
        values = row.values
        post = posts.create(
            self.batch.user,
            media=named.media_of(values),
            accounts=named.accounts_of(values),
            overrides={int(pk): text for pk, text in values["overrides"].items()},
            due_at=datetime.fromisoformat(values["due_at"]) if values["due_at"] else None,
            text=values["text"],
            link=values["link"],
            language=values["language"] or self._language,
            content_type=values["content_type"],
            campaign=named.campaigns.get(values["campaign"]),
            is_evergreen=values["is_evergreen"],
            track_link=values["track_link"],
        )
        PostImportRow.objects.filter(pk=row.pk).update(post=post)

    def _refused(self, row: PostImportRow, found: JSON) -> None:
        PostImportRow.objects.filter(pk=row.pk, imported_at__isnull=True).update(
            problems=[*row.problems, found], problem_count=1
        )


class _Named:
    """What the rows of a chunk name, as it is now. Three queries."""

    def __init__(self, user: Any, rows: list[PostImportRow]) -> None:
        values = [row.values for row in rows]
        accounts = {pk for one in values for pk in one["accounts"]}
        media = {pk for one in values for pk in one["media"]}
        campaigns = {one["campaign"] for one in values if one["campaign"]}
        self.accounts = Account.objects.visible_to(user).in_bulk(accounts)
        self.media = MediaAsset.objects.visible_to(user).in_bulk(media)
        self.campaigns = Campaign.objects.in_bulk(campaigns)

    def accounts_of(self, values: JSON) -> list[Account]:
        return [self._there(self.accounts, pk, "accounts") for pk in values["accounts"]]

    def media_of(self, values: JSON) -> list[MediaAsset]:
        return [self._there(self.media, pk, "media") for pk in values["media"]]

    def _there(self, rows: dict[int, Any], pk: int, column: str) -> Any:
        if pk not in rows:
            raise _gone(column)
        return rows[pk]


def _gone(column: str) -> ServiceError:
    message = _("Something this row names is not there any more. Check the file again.")
    return Invalid("gone", message, {column: [message]})


def _column_of(exc: ServiceError) -> str:
    known = ("text", "link", "accounts", "media", "due_at", "content_type", "language")
    return next((name for name in exc.fields if name in known), "")
