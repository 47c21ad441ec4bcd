"""Another wording for a card of the board: at once without AI, from the worker with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from experiments.models import RecycledPost
from experiments.views import recycling_looks as looks
from socialhub import policies, writing
from socialhub.models import JobRun, JobState, Publication
from socialhub.services import drafts
from socialhub.services import writing as writing_service
from socialhub.services.errors import ServiceError
from socialhub.services.writing.text_job import KIND
from socialhub.views.writing import Asked
from socialhub.writing import MadeBy, Variation


def proposal(
    request: HttpRequest, publication: Publication, typed: str, turn: int
) -> dict[str, Any]:
    """Text and note for the box; `job` while the worker writes. What was typed is not lost."""
    if job_id := request.POST.get("job", ""):
        return _followed(_own_job(request, job_id), publication, typed)
    user: Any = request.user
    by_ai = writing_service.is_configured() and policies.can(user, "use_ai")
    if by_ai and request.htmx:  # type: ignore[attr-defined]
        try:
            job = _start(user, publication)
        except ServiceError as exc:
            return {"text": typed, "note": exc.message}
        return {"text": typed, "job": job}
    found = _varied(publication, turn)
    return {"text": found.text or typed, "note": looks.made_by(found)}


def own_text(publication: Publication) -> str:
    """What it showed, without its link."""
    return publication.text_override or publication.post.text


def _asked(publication: Publication) -> Asked:
    post = publication.post
    return Asked("text", post.link, post.track_link)


def _earlier(publication: Publication) -> list[str]:
    repeated = RecycledPost.objects.filter(
        original__post=publication.post, account=publication.account
    )
    rows = repeated.values_list("publication__text_override", "post__text")
    return [override or text for override, text in rows]


def _start(user: Any, publication: Publication) -> JobRun:
    asked = _asked(publication)
    return writing_service.start_text(
        user,
        task="vary",
        text=asked.leaving(own_text(publication)),
        accounts=[publication.account],
        language=publication.post.language,
        link=asked.sent_link,
        unlike=_earlier(publication),
    )


def _own_job(request: HttpRequest, job_id: str) -> JobRun:
    try:
        wanted = UUID(job_id)
    except ValueError:
        raise Http404 from None
    job = JobRun.objects.filter(pk=wanted, owner=request.user, kind=KIND).first()
    if job is None:
        raise Http404
    return job


def _followed(job: JobRun, publication: Publication, typed: str) -> dict[str, Any]:
    if job.state not in (JobState.DONE, JobState.FAILED):
        return {"text": typed, "job": job}
    result = job.result or {}
    if not result.get("text"):
        sentences = [result.get("note"), result.get("why_not")]
        sentences += [error["message"] for error in job.errors]
        return {"text": typed, "note": " ".join(filter(None, sentences))}
    found = Variation(_asked(publication).typed(result["text"]), MadeBy(result["made_by"]))
    notes = filter(None, (result.get("note"), looks.made_by(found)))
    return {"text": found.text, "note": " ".join(notes)}


def _varied(publication: Publication, turn: int) -> Variation:
    """Unlike each earlier wording, and short enough for the account's network."""
    post, asked = publication.post, _asked(publication)

    def fits(text: str) -> bool:
        return bool(drafts.count(publication.account, asked.leaving(text), asked.sent_link)["ok"])

    return writing.vary(
        own_text(publication),
        language=post.language,
        limit_check=fits,
        seed=f"{publication.pk}-{turn}",
        unlike=_earlier(publication),
    )
