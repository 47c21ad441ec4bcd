"""Help with writing in the composer: the worker proposes, a person takes it over or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub.models import Account, JobRun, JobState, MediaAsset
from socialhub.services import links, writing
from socialhub.services.errors import ServiceError
from socialhub.services.writing import describing
from socialhub.services.writing.text_job import KIND
from socialhub.views import desk, previews

TEMPLATE = "socialhub/composer/_proposal.html"
OVERRIDE = "override_"
ALT = "alt_"


@dataclass(frozen=True, slots=True)
class Asked:
    """For which field of the form, which other one's text is put differently ("" = its own), and
    the link that goes out under it."""

    field: str
    source: str = ""
    link: str = ""
    track: bool = False

    @classmethod
    def of(cls, given: Any) -> Asked:
        return cls(
            field=given.get("field", "text"),
            source=given.get("source", ""),
            link=given.get("link", "").strip(),
            track=bool(given.get("track_link")),
        )

    @property
    def query(self) -> str:
        track = {"track_link": "on"} if self.track else {}
        found = {"field": self.field, "source": self.source, "link": self.link, **track}
        return urlencode({name: value for name, value in found.items() if value})

    @property
    def sent_link(self) -> str:
        """The link as it will leave: the short one where clicks are counted."""
        return links.sample_url() if self.link and self.track else self.link

    def leaving(self, text: str) -> str:
        """The text with that link, so that it is counted as it will leave."""
        return text.replace(self.link, self.sent_link) if self.link else text

    def typed(self, text: str) -> str:
        """The text with the link as the person typed it."""
        return text.replace(self.sent_link, self.link) if self.link else text


@require_POST
@desk.needs_verb("write_post")
@desk.needs_verb("use_ai")
def start(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Ask for a proposal for the field that is open; the fragment follows the job."""
    asked = Asked.of(request.POST)
    try:
        if request.POST.get("task") == "alt_text":
            job, asked = _describe(request)
        else:
            job = _reword(request, asked)
    except ServiceError as exc:
        sentence = next((found[0] for found in exc.fields.values()), exc.message)
        return desk.fragment(request, TEMPLATE, refused=sentence, field=asked.field)
    return desk.fragment(request, TEMPLATE, **_outcome(request, job, asked))


@require_GET
def follow(request: HttpRequest, model_admin: Any, job_id: UUID) -> HttpResponse:
    """One of this person's own jobs: what it has found, or a fragment that asks again."""
    rows = JobRun.objects.filter(owner=request.user, kind=KIND)
    job = get_object_or_404(rows, pk=job_id)
    return desk.fragment(request, TEMPLATE, **_outcome(request, job, Asked.of(request.GET)))


# -- asking ----------------------------------------------------------------------------


def _reword(request: HttpRequest, asked: Asked) -> JobRun:
    """The text of the open tab, as short as the accounts that show it want it."""
    given = request.POST
    chosen = list(_accounts(request).filter(pk__in=_ids(given.getlist("accounts"))))
    own = {account.pk for account in chosen if given.get(f"{OVERRIDE}{account.pk}", "").strip()}
    text = given.get(asked.source or asked.field, "")
    if asked.field.startswith(OVERRIDE):
        shown = [each for each in chosen if f"{OVERRIDE}{each.pk}" == asked.field]
    else:
        shown = [each for each in chosen if each.pk not in own] or chosen
    text = (text.strip() and text) or given.get("text", "")
    return writing.start_text(
        request.user,
        task=given.get("task", ""),
        text=asked.leaving(text.replace("\r\n", "\n").strip()),
        accounts=shown,
        language=given.get("language") or None,
        link=asked.sent_link,
    )


def _describe(request: HttpRequest) -> tuple[JobRun, Asked]:
    """What is known about one picture of the form."""
    ids = _ids([request.POST.get("picture", "")])
    asset = MediaAsset.objects.visible_to(request.user).filter(pk__in=ids).first()
    if asset is None:
        raise Http404
    job = writing.start_text(
        request.user,
        task="alt_text",
        text=describing.known(asset, request.user),
        media=asset,
        language=request.POST.get("language") or None,
    )
    return job, Asked(f"{ALT}{asset.pk}")


def _accounts(request: HttpRequest) -> QuerySet[Account]:
    return Account.objects.visible_to(request.user)


def _ids(given: list[str]) -> list[int]:
    return [int(pk) for pk in given if pk.isascii() and pk.isdigit() and len(pk) < 19]


# -- answering -------------------------------------------------------------------------


def _outcome(request: HttpRequest, job: JobRun, asked: Asked) -> dict[str, Any]:
    is_over = job.state in (JobState.DONE, JobState.FAILED)
    result = job.result or {}
    text = asked.typed(result.get("text") or "")
    refused = ""
    if is_over and not text:
        sentences = [error["message"] for error in job.errors]
        refused = " ".join(sentences) or result.get("why_not") or _("There is no proposal.")
    accounts = _accounts(request).filter(pk__in=job.arguments["accounts"]) if text else []
    return {
        "job": job,
        "is_over": is_over,
        "refused": refused,
        "text": text,
        "old": asked.typed(job.arguments["text"]),
        "by_ai": result.get("made_by") == "ai",
        "note": result.get("note", ""),
        "task": job.arguments["task"],
        "field": asked.field,
        "source": asked.source,
        "is_alt": asked.field.startswith(ALT),
        "query": asked.query,
        "counts": [
            previews.counted(account, text, asked.link, asked.track, []) for account in accounts
        ],
    }
