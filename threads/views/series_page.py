"""The page of a series that is approved or under way: where its parts are, and what one may do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub.admin.history import entries
from socialhub.models import Organisation
from socialhub.models import PublicationStatus as S
from socialhub.services.errors import ServiceError
from socialhub.views import desk, previews
from threads.models import SeriesState, ThreadSeries
from threads.queries import numbers as figures
from threads.queries import series_page as queries
from threads.views import series_allowed, series_looks, series_words, series_writing
from threads.views import series_typed as forms
from threads.views.series_verbs import OF_THE_PAGE

TEMPLATE = "threads/series/page.html"
CHANGE = "admin:threads_threadseries_change"
HISTORY_SHOWN = 8
# Something may happen by itself.
MOVING = (SeriesState.PUBLISHING, SeriesState.SCHEDULED, SeriesState.PARTIAL)


def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """The editor while it is being written, else what became of it."""
    row = series_writing.visible(request, model_admin, object_id)
    if request.method == "POST" or series_allowed.is_written(row):
        return series_writing.show(request, model_admin, row)
    story = entries(row)
    return desk.page(
        request,
        TEMPLATE,
        _("Thread series"),
        subtitle=row.title,
        opts=model_admin.opts,
        original=row,
        story=story[:HISTORY_SHOWN],
        more_story=len(story) > HISTORY_SHOWN,
        numbers=_numbers(row, request.user),
        zone=Organisation.get().timezone,
        **context(request, row),
    )


def _numbers(row: ThreadSeries, user: Any) -> dict[str, Any] | None:
    """None before anything of it is out."""
    if row.state in (SeriesState.APPROVED, SeriesState.SCHEDULED):
        return None
    return series_looks.numbers(figures.numbers(row, user))


@require_GET
def life(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The part that refreshes itself while parts go out."""
    row = series_writing.visible(request, model_admin, str(pk))
    return desk.fragment(request, f"{TEMPLATE}#life", **context(request, row))


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    """What one of the page's buttons does."""
    row = series_writing.visible(request, model_admin, str(pk))
    if verb not in OF_THE_PAGE:
        raise Http404
    try:
        done = OF_THE_PAGE[verb](request, row, forms.when(request, row))
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect(CHANGE, pk)
    messages.success(request, done)
    if verb in ("delete", "archive"):
        return redirect("admin:threads_threadseries_changelist")
    return redirect(CHANGE, pk)


def context(request: HttpRequest, row: ThreadSeries) -> dict[str, Any]:
    """What the life needs, and the buttons."""
    found = queries.chains(row, request.user)
    several = len(found) > 1
    may = series_allowed.allowed(row, request.user)
    return {
        "series": row,
        "badge": series_looks.state(row),
        "headline": series_words.headline(row, found),
        "bar": series_looks.out(*queries.totals(found)),
        "lives": [
            {
                "chain": chain,
                "sentence": series_words.of_chain(row, chain) if several else "",
                "links": [
                    {"link": link, "html": previews.highlighted(link.publication.full_text)}
                    for link in chain.links
                ],
                "stuck": chain.first_not_out if _goes_on(chain) else None,
            }
            for chain in found
        ],
        "is_moving": row.state in MOVING,
        **may,
        "may_resume": may["may_resume"] and any(_goes_on(chain) for chain in found),
    }


def _goes_on(chain: queries.Chain) -> bool:
    """Does its first missing part wait for a person?"""
    link = chain.first_not_out
    return link is not None and link.publication.status in (S.FAILED, S.MISSED, S.UNKNOWN)
