"""The form of a test: write it, see what it needs while it is typed, hand it on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experiments import wording
from experiments.models import ABTest
from experiments.services import ab_tests
from experiments.views import planning, tests
from experiments.views import typed as forms
from experiments.views.allowed import allowed, may_vouch
from experiments.views.typed import TestForm, Variant
from socialhub import policies
from socialhub.models import MediaAsset, Organisation
from socialhub.services import alt_texts, media
from socialhub.services.errors import Conflict, Forbidden, Invalid, ServiceError
from socialhub.views import desk, previews
from socialhub.views.composing import Picture

TEMPLATE = "experiments/form/page.html"
LIBRARY = 18


def add(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """A new test."""
    if not policies.can(request.user, "change_experiment"):
        raise PermissionDenied
    return _shown_or_saved(request, model_admin, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Change one that has not started."""
    test = tests.visible(request, model_admin, str(pk))
    if not policies.can(request.user, "change_experiment"):
        raise PermissionDenied
    if not test.is_changeable:
        messages.info(request, _("It has started: its plan and variants stay as they are."))
        return redirect("admin:experiments_abtest_change", test.pk)
    return _shown_or_saved(request, model_admin, test)


def _shown_or_saved(request: HttpRequest, model_admin: Any, test: ABTest | None) -> HttpResponse:
    if request.method == "POST":
        return _submitted(request, model_admin, test)
    form = TestForm(user=request.user, test=test, initial=forms.initial(test, request))
    variants = forms.stored(test) if test else forms.blank()
    return _render(request, model_admin, test, form, variants)


# -- parts that follow the typing -------------------------------------------------------------


@require_POST
@desk.needs_verb("change_experiment")
def live(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """What the plan needs and how the texts count, for what is in the form now."""
    form = _bound(request, model_admin)
    variants = _counted(form, forms.typed(request))
    return desk.fragment(
        request,
        "experiments/form/_live.html",
        variants=variants,
        answer=planning.of_form(form, len(variants)),
        design=form["design"].value(),
    )


@require_POST
@desk.needs_verb("change_experiment")
def variants(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """The variants with one more or one less."""
    form = _bound(request, model_admin)
    found = _counted(form, forms.renumbered(forms.typed(request), request))
    return desk.fragment(
        request,
        "experiments/form/_variants.html",
        variants=found,
        most=forms.MOST,
        form=form,
        may_reword=_may_reword(request.user),
    )


@require_GET
@desk.needs_verb("change_experiment")
def library(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Pictures that are there already; with `asset` the row of the one that was chosen."""
    place = request.GET.get("place", "")
    index = int(place) if place.isdecimal() else 0
    rows = MediaAsset.objects.visible_to(request.user).filter(mime__startswith="image/")
    asset = request.GET.get("asset", "")
    if asset.isdecimal():
        found = get_object_or_404(rows, pk=int(asset))
        one = Variant(index=index, pictures=[Picture(found, found.alt_text)])
        return desk.fragment(request, "experiments/form/_pictures.html", one=one)
    shown = rows.order_by("-created_at", "-pk")[:LIBRARY]
    return desk.fragment(
        request, "experiments/form/library.html", pictures=list(shown), index=index
    )


@require_POST
@desk.needs_verb("change_experiment")
def upload(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Store pictures for one variant; answers with their rows for the form."""
    place = request.POST.get("place", "0")
    pictures, problems = [], []
    for file in request.FILES.getlist(f"files-{place}"):
        try:
            asset = media.upload(request.user, file)
        except ServiceError as exc:
            problems.append(f"{file.name}: {exc.message}")
        else:
            pictures.append(Picture(asset, asset.alt_text))
    one = Variant(index=int(place) if place.isdecimal() else 0, pictures=pictures)
    context = {"one": one, "problems": problems}
    return desk.fragment(request, "experiments/form/_pictures.html", **context)


def _bound(request: HttpRequest, model_admin: Any) -> TestForm:
    test = model_admin.get_object(request, request.POST.get("test", ""))
    form = TestForm(request.POST, user=request.user, test=test)
    form.is_valid()
    return form


def _counted(form: TestForm, found: list[Variant]) -> list[Variant]:
    """With the counters of every chosen account."""
    wanted = {str(getattr(pk, "pk", pk)) for pk in form["accounts"].value() or []}
    rows = form.fields["accounts"].queryset  # type: ignore[attr-defined]
    accounts = [account for account in rows if str(account.pk) in wanted]
    for one in found:
        one.counts = [
            previews.counted(account, one.text, one.link, one.track_link, one.pictures)
            for account in accounts
        ]
    return found


# -- what a button does -------------------------------------------------------------------------


def _submitted(request: HttpRequest, model_admin: Any, test: ABTest | None) -> HttpResponse:
    form = TestForm(request.POST, user=request.user, test=test)
    found = forms.typed(request)
    if "more" in request.POST or "less" in request.POST:
        # Without JavaScript the whole page comes back.
        form.is_valid()
        return _render(request, model_admin, test, form, forms.renumbered(found, request))
    try:
        saved = _saved(request, test, form, found)
    except ServiceError as exc:
        return _render(request, model_admin, test, form, found, error=exc)
    verb = request.POST.get("verb", "save")
    done = _("Saved.")
    try:
        if verb == "submit":
            ab_tests.submit(saved, request.user)
            done = _("Handed in for approval.")
        elif verb == "start":
            ab_tests.start(saved, request.user)
            done = _("It runs. Everything is scheduled.")
    except ServiceError as exc:
        # What was typed is stored; only the step after it was refused.
        level = messages.WARNING if isinstance(exc, Forbidden) else messages.ERROR
        messages.add_message(request, level, _("Saved. %(why)s") % {"why": exc.message})
        return redirect("admin:experiments_abtest_edit", saved.pk)
    messages.success(request, done)
    return redirect("admin:experiments_abtest_change", saved.pk)


@transaction.atomic
def _saved(
    request: HttpRequest, test: ABTest | None, form: TestForm, found: list[Variant]
) -> ABTest:
    """Stored through the service. Raises ServiceError; then nothing is stored."""
    if not form.is_valid():
        message = _("Please correct what is marked. Nothing you typed is lost.")
        raise Invalid("invalid", message, {name: list(told) for name, told in form.errors.items()})
    user = request.user
    data = [
        ab_tests.VariantData(
            name=one.name,
            text=one.text,
            link=one.link,
            track_link=one.track_link,
            media=[_described(picture, user) for picture in one.pictures],
            weight=forms.whole(one.weight),
        )
        for one in found
    ]
    plan = form.plan()
    if test is None:
        return ab_tests.create(user, variants=data, **plan)
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() else None
    return ab_tests.edit(test, user, version=seen, variants=data, **plan)


def _described(picture: Picture, user: Any) -> MediaAsset:
    return alt_texts.with_alt_text(picture.asset, user, picture.alt)


# -- the page -----------------------------------------------------------------------------------


def _render(
    request: HttpRequest,
    model_admin: Any,
    test: ABTest | None,
    form: TestForm,
    found: list[Variant],
    error: ServiceError | None = None,
) -> HttpResponse:
    chosen = {str(getattr(pk, "pk", pk)) for pk in form["accounts"].value() or []}
    rows = form.fields["accounts"].queryset  # type: ignore[attr-defined]
    response = desk.page(
        request,
        TEMPLATE,
        _("Change the test") if test else _("New A/B test"),
        subtitle=test.question if test else None,
        opts=model_admin.opts,
        original=test,
        test=test,
        form=form,
        error=error,
        designs=wording.DESIGNS,
        metrics=wording.METRICS,
        confidences=forms.CONFIDENCES,
        powers=forms.POWERS,
        variants=_counted(form, found),
        most=forms.MOST,
        accounts=[{"row": row, "chosen": str(row.pk) in chosen} for row in rows],
        answer=planning.of_form(form, len(found)),
        zone=Organisation.get().timezone,
        may_reword=_may_reword(request.user),
        **_buttons(test, request.user),
    )
    if error is not None:
        response.status_code = 409 if isinstance(error, Conflict) else 400
    return response


def _may_reword(user: Any) -> bool:
    """Would the core propose another wording to this person?"""
    return policies.can(user, "use_ai") and policies.can(user, "write_post")


def _buttons(test: ABTest | None, user: Any) -> dict[str, bool]:
    if test is not None:
        # Saving makes this person one of its editors.
        found = allowed(test, user)
        own = Organisation.get().self_approval and may_vouch(test, user)
        return {**found, "may_start": policies.can(user, "start_experiment") and own}
    return {
        "may_submit": policies.can(user, "submit_post"),
        "may_start": policies.can(user, "start_experiment") and may_vouch(None, user),
    }
