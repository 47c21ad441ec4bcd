"""The page of a post: write it, see how it counts and looks, hand it on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub import policies, registries
from socialhub.models import FINISHED, MediaAsset, Organisation, Post, PostStatus, PublicationStatus
from socialhub.services import media
from socialhub.services.errors import Conflict, Forbidden, Invalid, ServiceError
from socialhub.services.posts.approval import may_approve
from socialhub.views import desk, previews
from socialhub.views.composer_verbs import VERBS
from socialhub.views.composing import (
    ComposerForm,
    Picture,
    Typed,
    asked_for,
    has_changed,
    initial,
    save,
)

TEMPLATE = "socialhub/composer/page.html"
LIVE = "socialhub/composer/_live.html"
# These act on the post as it is stored; what is typed is kept or refused, never dropped.
WITHOUT_SAVING = ("request_changes", "withdraw", "archive", "unarchive", "delete")


def page(request: HttpRequest, model_admin: Any, object_id: str | None) -> HttpResponse:
    """GET shows the composer; POST saves and does the verb of the button that was pressed."""
    post: Post | None = None
    if object_id is not None:
        post = model_admin.get_object(request, object_id)
        if post is None:
            raise Http404
        if not model_admin.has_view_permission(request, post):
            raise PermissionDenied
        if owner := registries.post_owner(post):
            messages.info(request, owner.sentence)
            return redirect(owner.path)
    elif not policies.can(request.user, "write_post"):
        raise PermissionDenied
    if request.method == "POST":
        return _submitted(request, model_admin, post)
    form = ComposerForm(user=request.user, post=post, initial=initial(post, request))
    typed = Typed.from_post(post) if post else asked_for(request)
    return _render(request, model_admin, post, form, typed)


@require_POST
def live(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Counters, previews and times for what is in the form now. Stores nothing."""
    post = model_admin.get_object(request, request.POST.get("post", ""))
    form = ComposerForm(request.POST, user=request.user, post=post)
    form.is_valid()
    parts = _live(form, Typed.from_request(request))
    return desk.fragment(request, LIVE, is_live=True, **parts)


@require_POST
def upload(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Store pictures; answers with their rows for the form."""
    pictures, problems = [], []
    for file in request.FILES.getlist("files"):
        try:
            asset = media.upload(request.user, file)
        except ServiceError as exc:
            problems.append(f"{file.name}: {exc.message}")
        else:
            pictures.append(Picture(asset, asset.alt_text))
    context = {"pictures": pictures, "problems": problems, "may_write": True}
    return desk.fragment(request, "socialhub/composer/_pictures.html", **context)


@require_GET
@desk.needs_verb("write_post")
def picture(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """The row of a picture that is stored already, for the form."""
    pk = request.GET.get("media", "")
    rows = MediaAsset.objects.visible_to(request.user)
    asset = get_object_or_404(rows, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0)
    context = {"pictures": [Picture(asset, asset.alt_text)], "may_write": True}
    return desk.fragment(request, "socialhub/composer/_pictures.html", **context)


# -- what a button does ------------------------------------------------------------


def _submitted(request: HttpRequest, model_admin: Any, post: Post | None) -> HttpResponse:
    verb = request.POST.get("verb", "save")
    typed = Typed.from_request(request)
    form = ComposerForm(request.POST, user=request.user, post=post)
    if verb not in VERBS:
        raise Http404
    try:
        if not form.is_valid() and policies.can(request.user, "write_post"):
            message = _("Please correct what is marked. Nothing you typed is lost.")
            raise Invalid("invalid", message, dict(form.errors.items()))
        saved = _saved(request, post, form, typed, verb)
        registries.post_saved(saved, request.POST, request.user)
    except ServiceError as exc:
        return _render(request, model_admin, post, form, typed, error=exc)
    try:
        done = VERBS[verb](request, saved, typed)
    except ServiceError as exc:
        # The text is stored; only the step after it was refused.
        note = _("Saved. %(why)s") if verb not in WITHOUT_SAVING else "%(why)s"
        level = messages.WARNING if isinstance(exc, Forbidden) else messages.ERROR
        messages.add_message(request, level, note % {"why": exc.message})
        return redirect("admin:socialhub_post_change", saved.pk)
    messages.success(request, done)
    if verb in ("delete", "archive"):
        return redirect("admin:socialhub_post_changelist")
    return redirect("admin:socialhub_post_change", saved.pk)


def _saved(
    request: HttpRequest, post: Post | None, form: ComposerForm, typed: Typed, verb: str
) -> Post:
    """The stored post the verb acts on. Raises ServiceError with nothing stored."""
    may_write = policies.can(request.user, "write_post")
    if post is None:
        return save(request, None, form, typed)
    changed = may_write and has_changed(post, form, typed, request)
    if verb in WITHOUT_SAVING:
        if changed:
            raise Conflict(
                "not_saved",
                _("You changed this post and have not saved it. Save it, or reload the page."),
            )
    elif changed or (may_write and verb == "save" and typed.due_at() is not None):
        return save(request, post, form, typed)
    if typed.version is not None and typed.version != post.version:
        # Whoever approves must have read what is stored now.
        raise Conflict(
            "stale", _("Somebody changed this post since you opened it. Read it again, please.")
        )
    return post


# -- the page ---------------------------------------------------------------------


def _render(
    request: HttpRequest,
    model_admin: Any,
    post: Post | None,
    form: ComposerForm,
    typed: Typed,
    error: ServiceError | None = None,
) -> TemplateResponse:
    chosen = {str(pk) for pk in form["accounts"].value() or []}
    publications = (
        list(post.publications.select_related("account", "parent")) if post is not None else []
    )
    for publication in publications:
        publication.post = post  # type: ignore[assignment]
    stale = Post.objects.get(pk=post.pk) if post and error and error.code == "stale" else None
    response = desk.page(
        request,
        TEMPLATE,
        _("Post") if post else _("New post"),
        subtitle=str(post) if post else None,
        opts=model_admin.opts,
        original=post,
        object_id=post.pk if post else None,
        change=post is not None,
        show_history=post is not None,
        post=post,
        form=form,
        typed=typed,
        error=error,
        stale=stale,
        publications=publications,
        panels=[reverse(name, args=[post.pk]) for name in registries.panels("post")]
        if post
        else [],
        inserts=[reverse(name) for name in registries.panels("composer")],
        accounts=[
            {
                "row": account,
                "chosen": str(account.pk) in chosen,
                "override": typed.overrides.get(account.pk, ""),
            }
            for account in form.fields["accounts"].queryset  # type: ignore[attr-defined]
        ],
        **_live(form, typed),
        **_may(request, post, publications),
    )
    if error is not None:
        response.status_code = 409 if isinstance(error, Conflict) else 400
    return response


def _live(form: ComposerForm, typed: Typed) -> dict[str, Any]:
    wanted = {str(getattr(pk, "pk", pk)) for pk in form["accounts"].value() or []}
    accounts = [
        account
        for account in form.fields["accounts"].queryset  # type: ignore[attr-defined]
        if str(account.pk) in wanted
    ]
    text = str(form["text"].value() or "").replace("\r\n", "\n").strip()
    link = str(form["link"].value() or "").strip()
    return previews.live_parts(accounts, text, link, bool(form["track_link"].value()), typed)


def _may(request: HttpRequest, post: Post | None, publications: list[Any]) -> dict[str, bool]:
    """Which buttons this person gets in this state."""
    user = request.user
    state = post.status if post else PostStatus.DRAFT
    statuses = {p.status for p in publications}
    writes = policies.can(user, "write_post")
    schedules = policies.can(user, "schedule_post")
    own_way = Organisation.get().self_approval and policies.can(user, "approve_post")
    reviewable = state in (PostStatus.DRAFT, PostStatus.CHANGES_REQUESTED)
    approves = own_way if post is None else may_approve(post, user)
    approved = state == PostStatus.APPROVED
    untouched = statuses <= {PublicationStatus.DRAFT}
    return {
        "may_write": writes,
        "may_submit": reviewable and policies.can(user, "submit_post"),
        "may_approve": approves and not approved,
        "may_request_changes": state == PostStatus.IN_REVIEW and policies.can(user, "approve_post"),
        "may_withdraw": state in (PostStatus.IN_REVIEW, PostStatus.APPROVED)
        and (policies.can(user, "submit_post") or policies.can(user, "approve_post"))
        and not statuses <= set(FINISHED),
        "may_schedule": approved and schedules and PublicationStatus.DRAFT in statuses,
        "may_move": approved and schedules and PublicationStatus.SCHEDULED in statuses,
        "may_archive": bool(post) and writes and not untouched and not post.is_archived
        if post
        else False,
        "may_unarchive": bool(post and post.is_archived and writes),
        "may_delete": bool(post) and writes and untouched,
        "chooses_time": (schedules or policies.can(user, "approve_post"))
        and (not publications or not statuses <= set(FINISHED)),
    }
