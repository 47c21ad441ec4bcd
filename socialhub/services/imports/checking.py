"""The dry run: every row read, every problem written down, nothing made yet."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub.models import (
    ImportState,
    JobRun,
    MediaAsset,
    Organisation,
    Post,
    PostImport,
    PostImportRow,
    PublicationStatus,
)
from socialhub.platforms.base import Draft
from socialhub.services import jobs, links
from socialhub.services import media as media_service
from socialhub.services.imports import columns, finding, moments, reading, sentences
from socialhub.services.imports.columns import Columns
from socialhub.services.imports.moments import Order
from socialhub.services.imports.reading import FileRefused
from socialhub.services.imports.rows import Read, Reader
from socialhub.services.imports.sentences import ERROR

JSON = dict[str, Any]
CHUNK = 500
ASK = "ask"
SECONDS = 900
TITLES = 1


@dataclass(slots=True)
class Survey:
    """What the whole file says before its rows are read."""

    columns: Columns
    width: int
    total: int = 0
    # "day", "month": dates that prove an order; "open": those that leave it open.
    dates: Counter[str] = field(default_factory=Counter)

    def order(self, chosen: str) -> str:
        """ "day", "month", "" when it does not matter, or "ask"."""
        if chosen in ("day", "month"):
            return chosen
        if not self.dates["open"]:
            return ""
        proved = [name for name in ("day", "month") if self.dates[name]]
        return proved[0] if len(proved) == 1 else ASK


@jobs.job("check_import", seconds=SECONDS)
def _check(job: JobRun) -> JSON:
    batch = PostImport.objects.select_related("user").get(pk=job.arguments["import"])
    Check(batch, job).run()
    return {"import": batch.pk}


class Check:
    """One reading of one file. A later one makes an earlier one stop."""

    def __init__(self, batch: PostImport, job: JobRun) -> None:
        self.batch, self.job = batch, job
        self._seen: dict[bytes, int] = {}

    def run(self) -> None:
        chosen = str(self.batch.read_as.get("chosen_order", ""))
        try:
            file = self._file()
            read_as = reading.described(file)
            survey = surveyed(file, read_as)
            read_as.update(_told(survey, chosen))
            self._rows(file, read_as, survey)
        except FileRefused as exc:
            problem = {"code": exc.code, "params": exc.params}
            self._end({}, state=ImportState.REFUSED, problem=problem, total=0)
            return
        self._end(read_as, state=ImportState.CHECKED, problem={}, total=survey.total)

    def _file(self) -> io.BytesIO:
        try:
            with self.batch.file.open("rb") as stored:
                return io.BytesIO(stored.read())
        except FileNotFoundError:
            raise FileRefused("file_gone") from None

    def _ours(self) -> Any:
        rows = PostImport.objects.filter(pk=self.batch.pk, state=ImportState.CHECKING)
        return rows.filter(read_as__job=str(self.job.pk))

    def _end(self, read_as: JSON, **fields: Any) -> None:
        kept = {"job": str(self.job.pk), **read_as}
        self._ours().update(read_as=kept, **fields)

    def _rows(self, file: io.BytesIO, read_as: JSON, survey: Survey) -> None:
        with transaction.atomic():
            self._require_ours()
            self.batch.rows.all().delete()
        reader = self._reader(read_as, survey)
        found = (reader.read(line) for line in _after_titles(file, read_as))
        done = 0
        while chunk := list(islice(found, CHUNK)):
            self._judge(chunk)
            self._store(chunk)
            done += len(chunk)
            jobs.progress(self.job, done, survey.total)

    def _reader(self, read_as: JSON, survey: Survey) -> Reader:
        order: Order | None = None
        if read_as["date_order"] in ("day", "month"):
            order = read_as["date_order"]
        return Reader(
            columns=survey.columns,
            width=survey.width,
            accounts=finding.Accounts(self.batch.user),
            campaigns=finding.campaigns(),
            zone=Organisation.get().zone,
            now=timezone.now(),
            order=order,
        )

    def _require_ours(self) -> None:
        if not self._ours().select_for_update().exists():
            message = _("The file is being checked anew.")
            raise jobs.JobFailed({"code": "superseded", "message": message})

    def _store(self, chunk: Iterable[Read]) -> None:
        rows = [
            PostImportRow(
                batch=self.batch,
                number=row.number,
                values=row.values,
                problems=row.problems,
                problem_count=sum(one["level"] == ERROR for one in row.problems),
            )
            for row in chunk
        ]
        with transaction.atomic():
            self._require_ours()
            PostImportRow.objects.bulk_create(rows)

    # -- what takes more than the row itself ----------------------------------------
    def _judge(self, chunk: list[Read]) -> None:
        names = (name for row in chunk for name in row.media_names)
        media = finding.Media.named(self.batch.user, names)
        planned = self._planned([row.values["text"] for row in chunk if row.values["text"]])
        for row in chunk:
            found = _media_of(row, media)
            _ask_networks(row, found)
            self._compare(row, planned)

    def _planned(self, texts: list[str]) -> dict[str, int]:
        """text → a post that has it and is to go out."""
        due = Q(publications__status=PublicationStatus.SCHEDULED)
        due |= Q(publications__status=PublicationStatus.DRAFT, publications__due_at__isnull=False)
        posts = Post.objects.visible_to(self.batch.user).filter(due, text__in=texts)
        found = posts.filter(is_archived=False).order_by("-pk")
        return dict(found.values_list("text", "pk"))

    def _compare(self, row: Read, planned: dict[str, int]) -> None:
        first = self._seen.setdefault(_fingerprint(row), row.number)
        if first != row.number:
            row.wrong("", "row_repeats", row=first)
        elif row.values["text"] in planned:
            row.wrong("text", "text_exists", post=planned[row.values["text"]])


def surveyed(file: io.BytesIO, read_as: JSON) -> Survey:
    """Titles, number of rows, and in which order the dates are written. Raises FileRefused."""
    lines = reading.lines(file, read_as)
    titles = next(lines, None)
    if titles is None:
        raise FileRefused("empty")
    names = [reading.as_text(cell) for cell in titles.cells]
    survey = Survey(columns.understood(names), len(names))
    _require_columns(survey.columns)
    places = [survey.columns.fields[n] for n in ("date", "due_at") if n in survey.columns.fields]
    for line in lines:
        survey.total += 1
        for place in places:
            if place < len(line.cells) and line.cells[place] not in (None, ""):
                _note_date(survey.dates, line.cells[place])
    if not survey.total:
        raise FileRefused("no_rows")
    return survey


def _require_columns(found: Columns) -> None:
    if found.twice:
        raise FileRefused("columns_twice", names=", ".join(found.twice)[:200])
    if not found.fields and not found.overrides:
        raise FileRefused("no_columns")
    if not found.overrides and not {"text", "media"} & set(found.fields):
        raise FileRefused("no_content")


def _note_date(dates: Counter[str], cell: Any) -> None:
    try:
        both = moments.both_of(cell)
        day = both if not isinstance(both, tuple) else both[0]
    except moments.Unreadable:
        try:
            day = moments.day_of(cell)
        except moments.Unreadable:
            return
    if isinstance(day, moments.Day):
        dates["open" if day.is_open else day.shows or "certain"] += 1


def _told(survey: Survey, chosen: str) -> JSON:
    return {
        "date_order": survey.order(chosen),
        "chosen_order": chosen,
        "dates": dict(survey.dates),
        "columns": survey.columns.titles,
        "unknown_columns": survey.columns.unknown,
        "left_out": survey.columns.left_out,
    }


def _after_titles(file: io.BytesIO, read_as: JSON) -> Iterator[reading.Line]:
    return islice(reading.lines(file, read_as), TITLES, None)


def _media_of(row: Read, media: finding.Media) -> list[MediaAsset]:
    found = []
    for name in row.media_names:
        try:
            found.append(media.find(name))
        except finding.NotFound as exc:
            row.wrong("media", exc.code, **exc.params)
    row.values["media"] = [asset.pk for asset in found]
    return found


def _ask_networks(row: Read, media: list[MediaAsset]) -> None:
    """The rules of each account's network, as the composer asks them."""
    values = row.values
    if not (values["text"] or media or row.media_names or values["link"] or values["overrides"]):
        row.wrong("text", "empty")
        return
    post = Post(text=values["text"], link=values["link"], track_link=values["track_link"])
    files = tuple(media_service.file_for(asset) for asset in media)
    for account in row.accounts:
        override = values["overrides"].get(str(account.pk), "")
        text = post.text_for(override)
        if post.track_link and post.link:
            text = text.replace(post.link, links.sample_url())
        draft = Draft(
            text=text,
            key="",
            created_at=timezone.now(),
            language=values["language"] or "",
            media=files,
        )
        column = _column_of(row, account.pk) if override else "text"
        for found in account.adapter.validate(draft, account.merged_options):
            # A picture that is not found is a problem of its own.
            if media or not row.media_names or found.code not in ("empty", "media_required"):
                at = "media" if _is_about_media(found.code) else column
                row.problems.append(sentences.of_network(at, found, account))


def _column_of(row: Read, account_id: int) -> str:
    return row.override_columns.get(account_id, "text")


def _is_about_media(code: str) -> bool:
    return code.startswith(("image", "alt_text", "media", "too_many_images"))


def _fingerprint(row: Read) -> bytes:
    values = row.values
    parts = (
        values["text"],
        values["link"],
        sorted(values["accounts"]),
        sorted(values["overrides"].items()),
        values["due_at"],
        values["media"],
    )
    return hashlib.sha256(repr(parts).encode()).digest()
