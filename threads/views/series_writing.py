"""The editor of a series: write its parts, see how they count and look, hand it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialhub import policies, registries
from socialhub.models import MediaAsset
from socialhub.services import alt_texts, media
from socialhub.services.errors import Conflict, Forbidden, Invalid, ServiceError
from socialhub.views import desk
from socialhub.views.composing import Picture, Typed
from threads.models import MOST_PARTS, ThreadSeries
from threads.queries import series_page
from threads.services import series
from threads.views import series_allowed, series_looks
from threads.views import series_live as looks
from threads.views import series_typed as forms
from threads.views.series_typed import Part, SeriesForm
from threads.views.series_verbs import OF_THE_EDITOR, WITHOUT_SAVING

TEMPLATE = "threads/series/editor.html"
CHANGE = "admin:threads_threadseries_change"
MADE_BY = ("ai", "deterministic")


def add(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """A new series."""
    if not policies.can(request.user, "write_thread"):
        raise PermissionDenied
    return show(request, model_admin, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Change one that is approved or on its way."""
    row = visible(request, model_admin, str(pk))
    if not policies.can(request.user, "write_thread"):
        raise PermissionDenied
    if not series_allowed.allowed(row, request.user)["may_edit"]:
        messages.info(request, _("It is over: its parts stay as they are."))
        return redirect(CHANGE, row.pk)
    return show(request, model_admin, row)


def visible(request: HttpRequest, model_admin: Any, object_id: str) -> ThreadSeries:
    """The series, or 403 for a role that sees none and 404 for one of other accounts."""
    if not policies.can(request.user, "view_threads"):
        raise PermissionDenied
    row: ThreadSeries | None = model_admin.get_object(request, object_id)
    if row is None:
        raise Http404
    return row


def show(request: HttpRequest, model_admin: Any, row: ThreadSeries | None) -> HttpResponse:
    """GET shows the editor; POST saves and does the verb of the button that was pressed."""
    if request.method == "POST":
        return _submitted(request, model_admin, row)
    form = SeriesForm(user=request.user, row=row, initial=forms.initial(row, request))
    parts = forms.stored(row) if row else []
    by_account = forms.modes(request, row)
    time = forms.when(request, row)
    return _render(request, model_admin, row, form, parts or [Part("0")], by_account, time)


# -- fragments that follow the typing -----------------------------------------------------


@require_POST
@desk.needs_verb("view_threads")
def live(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Counters, previews and times for what is in the form now. Stores nothing."""
    row = model_admin.get_object(request, request.POST.get("series", ""))
    form = SeriesForm(request.POST, user=request.user, row=row)
    form.is_valid()
    found = looks.live(
        form, forms.typed(request), forms.modes(request, row), forms.when(request, row)
    )
    return desk.fragment(request, "threads/series/_live.html", is_live=True, **found)


@require_POST
@desk.needs_verb("write_thread")
def upload(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Store pictures for one part; answers with their rows for the form."""
    key = request.POST.get("key", "")
    pictures, problems = [], []
    for file in request.FILES.getlist(f"files-{key}"):
        try:
            asset = media.upload(request.user, file)
        except ServiceError as exc:
            problems.append(f"{file.name}: {exc.message}")
        else:
            pictures.append(Picture(asset, asset.alt_text))
    return _picture_rows(request, key, pictures, problems)


@require_GET
@desk.needs_verb("write_thread")
def picture(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """The row of a picture that is stored already, for one part."""
    pk = request.GET.get("media", "")
    rows = MediaAsset.objects.visible_to(request.user)
    asset = get_object_or_404(rows, pk=int(pk) if forms.ID.match(pk) else 0)
    return _picture_rows(request, request.GET.get("key", ""), [Picture(asset, asset.alt_text)], [])


def _picture_rows(
    request: HttpRequest, key: str, pictures: list[Picture], problems: list[str]
) -> HttpResponse:
    if not forms.KEY.match(key):
        raise Http404
    part = Part(key, pictures=pictures)
    context = {
        "part": part,
        "problems": problems,
        "may_write": True,
        "may_have_written": policies.can(request.user, "use_ai"),
    }
    return desk.fragment(request, "threads/series/_pictures.html", **context)


# -- what a button does -------------------------------------------------------------------


def _submitted(request: HttpRequest, model_admin: Any, row: ThreadSeries | None) -> HttpResponse:
    form = SeriesForm(request.POST, user=request.user, row=row)
    parts, time = forms.typed(request), forms.when(request, row)
    by_account = forms.modes(request, row)
    if op := request.POST.get("op", ""):
        # Without scripts the whole page comes back.
        form.is_valid()
        found = forms.rearranged(parts, op)
        return _render(request, model_admin, row, form, found, by_account, time)
    verb = "save" if request.POST.get("over") else request.POST.get("verb", "save")
    if verb not in OF_THE_EDITOR:
        raise Http404
    try:
        saved = _saved(request, row, form, parts, by_account, time, verb)
    except ServiceError as exc:
        return _render(request, model_admin, row, form, parts, by_account, time, error=exc)
    try:
        done = OF_THE_EDITOR[verb](request, saved, time)
    except ServiceError as exc:
        # The text is stored; only the step after it was refused.
        note = "%(why)s" if verb in WITHOUT_SAVING else _("Saved. %(why)s")
        level = messages.WARNING if isinstance(exc, Forbidden) else messages.ERROR
        messages.add_message(request, level, note % {"why": exc.message})
        return redirect(_back_to(saved))
    messages.success(request, done)
    if verb in ("delete", "archive"):
        return redirect("admin:threads_threadseries_changelist")
    return redirect(CHANGE, saved.pk)


def _back_to(row: ThreadSeries) -> str:
    """The editor, wherever it is for this series."""
    fresh = ThreadSeries.objects.get(pk=row.pk)
    name = CHANGE if series_allowed.is_written(fresh) else "admin:threads_threadseries_edit"
    return reverse(name, args=[row.pk])


def _saved(
    request: HttpRequest,
    row: ThreadSeries | None,
    form: SeriesForm,
    parts: list[Part],
    by_account: Mapping[int, str],
    time: Typed,
    verb: str,
) -> ThreadSeries:
    """The stored series the verb acts on. Raises ServiceError with nothing stored."""
    may_write = policies.can(request.user, "write_thread")
    if row is not None and not may_write:
        return row
    if not form.is_valid():
        message = _("Please correct what is marked.")
        raise Invalid("invalid", message, {name: list(told) for name, told in form.errors.items()})
    if row is None or forms.has_changed(row, form, parts, by_account, request):
        if row is not None and verb in WITHOUT_SAVING:
            message = _("You changed something. Save it first, or open the page again to drop it.")
            raise Conflict("unsaved", message)
        return store(request, row, form, parts, by_account, time)
    due = forms.due_at(time, row)
    # Whoever approves may choose a time without becoming one of its editors, but not take it away.
    if (due != row.due_at and (verb in ("save", "submit") or not time.when)) or (
        verb == "save" and time.version != row.version
    ):
        return store(request, row, form, parts, by_account, time)
    return row


@transaction.atomic
def store(
    request: HttpRequest,
    row: ThreadSeries | None,
    form: SeriesForm,
    parts: Sequence[Part],
    by_account: Mapping[int, str],
    time: Typed,
) -> ThreadSeries:
    """Create or edit through the service."""
    user = request.user
    forms.check_links(parts)
    data = dict(form.cleaned_data)
    accounts = list(data.pop("accounts"))
    _without_script(request, parts)
    stored = [
        forms.data_of(
            part,
            accounts,
            [alt_texts.with_alt_text(one.asset, user, one.alt) for one in part.pictures],
        )
        for part in parts
    ]
    data["title"] = forms.title_of(data["title"], parts)
    fields = {
        **data,
        "accounts": forms.choices(accounts, by_account),
        "parts": stored,
        "due_at": forms.due_at(time, row),
    }
    if (made_by := request.POST.get("made_by", "")) in MADE_BY:
        fields["made_by"] = made_by
    if row is None:
        return series.create(user, **fields)
    return series.edit(row, user, version=time.version, **fields)


def _without_script(request: HttpRequest, parts: Sequence[Part]) -> None:
    """Without scripts pictures come with the form."""
    for part in parts:
        for file in request.FILES.getlist(f"files-{part.key}"):
            asset = media.upload(request.user, file)
            part.pictures.append(Picture(asset, asset.alt_text))


# -- the page -------------------------------------------------------------------------------


def _render(
    request: HttpRequest,
    model_admin: Any,
    row: ThreadSeries | None,
    form: SeriesForm,
    parts: list[Part],
    by_account: Mapping[int, str],
    time: Typed,
    error: ServiceError | None = None,
) -> HttpResponse:
    accounts = looks.account_rows(form, by_account)
    out = series_page.out_parts(row) if row else set()
    for part in parts:
        part.is_out = part.id in out
    blank = Part("__key__")
    looks.own_texts([*parts, blank], accounts)
    stale = ThreadSeries.objects.get(pk=row.pk) if row and error and error.code == "stale" else None
    response = desk.page(
        request,
        TEMPLATE,
        _("Thread series") if row else _("New thread series"),
        subtitle=row.title if row else None,
        opts=model_admin.opts,
        original=row,
        series=row,
        badge=series_looks.state(row) if row else "",
        form=form,
        typed=time,
        error=error,
        stale=stale,
        stale_parts=forms.stored(stale) if stale else [],
        blank=blank,
        most=MOST_PARTS,
        order_is_fixed=bool(out),
        follows_at_once=row is not None and forms.follows_at_once(row),
        obstacles=_obstacles(row, error),
        accounts=accounts,
        inserts=[reverse(name) for name in registries.panels("composer")],
        **looks.live(form, parts, by_account, time),
        **_writing(request.user),
        **series_allowed.allowed(row, request.user),
    )
    if error is not None:
        response.status_code = 409 if isinstance(error, Conflict) else 400
    return response


def _obstacles(row: ThreadSeries | None, error: ServiceError | None) -> list[Any]:
    """What stands in the way of approval, of the series as it is stored."""
    return series.problems(row) if row is not None and error is None else []


def _writing(user: Any) -> dict[str, Any]:
    """What writers are offered for."""
    offered = {source.name: source for source in registries.data_sources()}
    return {
        "may_have_written": policies.can(user, "write_thread") and policies.can(user, "use_ai"),
        "rewordings": [
            ("rewrite", _("Rewrite")),
            ("shorten", _("Shorten")),
            ("vary", _("Vary")),
        ],
        "sources": [
            {"name": name, "label": offered[name].label}
            for name in ("product", "service")
            if name in offered
        ],
    }
