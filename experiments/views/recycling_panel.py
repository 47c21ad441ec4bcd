"""What is said about recycling one post, on its page; and what a rule would take, on its form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiments.models import PostRecycling, RecycledPost, RecyclingRule
from experiments.services.recycling.lasting import Lasting, lasting_of
from experiments.views import recycling_looks as looks
from socialhub import policies
from socialhub.models import Account, Post, Publication, PublicationStatus
from socialhub.services.errors import Invalid, ServiceError
from socialhub.views import desk

PANEL = "experiments/recycling/post_panel.html"
RULE = "experiments/recycling/_rule_now.html"


class SaidForm(forms.Form):
    """The panel's fields as typed; the service checks the season."""

    lasting = forms.ChoiceField(choices=[(one.value, one.value) for one in Lasting])
    expires_on = forms.DateField(required=False)
    season_from = forms.CharField(required=False, max_length=20)
    season_to = forms.CharField(required=False, max_length=20)


@require_http_methods(["GET", "POST"])
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel of a post; POST stores it. Nothing for people who see no recycling."""
    user: Any = request.user
    row = get_object_or_404(Post.objects.visible_to(user), pk=pk)
    publication = Publication.objects.visible_to(user).filter(post=row).order_by("pk").first()
    if not policies.can(user, "view_recycling") or row.is_reply or publication is None:
        return HttpResponse()
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        desk.attempt(
            request, lambda: _store(request, publication, errors), _("Noted for recycling.")
        )
        if not desk.wants_fragment(request):
            return redirect("admin:socialhub_post_change", pk)
    panel = desk.fragment(request, PANEL, **_context(request, publication, errors))
    return desk.answered(request, panel)


def _store(request: HttpRequest, publication: Publication, errors: dict[str, list[str]]) -> None:
    from experiments.services.recycling import marking, verbs

    if request.POST.get("verb") in ("never", "again"):
        verb = verbs.never if request.POST["verb"] == "never" else verbs.again
        verb(publication, request.user)
        return
    form = SaidForm(request.POST)
    try:
        if not form.is_valid():
            errors.update({name: list(map(str, why)) for name, why in form.errors.items()})
            raise Invalid("invalid", next(iter(errors.values()))[0])
        said = dict(form.cleaned_data)
        marking.mark(publication, request.user, Lasting(said.pop("lasting")), **said)
    except ServiceError as exc:
        errors.update(exc.fields)
        raise


def _context(
    request: HttpRequest, publication: Publication, errors: dict[str, list[str]]
) -> dict[str, Any]:
    user: Any = request.user
    repeated = RecycledPost.objects.visible_to(user).filter(post=publication.post)
    repeats = repeated.select_related("original__post").first()
    root = repeats.original.post if repeats else publication.post
    said = PostRecycling.objects.select_related("never_by").filter(post=root).first()
    again = RecycledPost.objects.visible_to(user).filter(original__post=root)
    return {
        "post": publication.post,
        "root": root,
        "repeats": repeats,
        "said": said or PostRecycling(post=root),
        "typed": request.POST if errors else None,
        "errors": errors,
        "lasting": _typed(request, errors) or lasting_of(root, said),
        "choices": _choices(),
        "is_out": publication.status == PublicationStatus.PUBLISHED,
        "times": again.filter(publication__status=PublicationStatus.PUBLISHED).count(),
        "may_recycle": policies.can(user, "recycle_post"),
    }


def _typed(request: HttpRequest, errors: dict[str, list[str]]) -> str:
    return request.POST.get("lasting", "") if errors else ""


def _choices() -> list[tuple[str, str, str]]:
    return [
        (Lasting.STAYS, _("It stays true"), _("evergreen: it may go out again for years")),
        (Lasting.DATED, _("It is bound to a date"), _("it never goes out again")),
        (
            Lasting.UNSAID,
            _("Not said"),
            _("only rules that take all posts choose it, and not if it names a date or price"),
        ),
    ]


# -- what a rule would take now ----------------------------------------------------------------


class RuleTerms(forms.ModelForm):
    """The rule's form as it is being typed: what is still wrong is left out."""

    accounts = forms.ModelMultipleChoiceField(Account.objects.none(), required=False)

    class Meta:
        model = RecyclingRule
        fields = (
            "campaign",
            "language",
            "only_evergreen",
            "min_age_days",
            "cooldown_days",
            "cap",
            "season_from",
            "season_to",
            "expires_on",
        )


@require_POST
@desk.needs_verb("view_recycling")
def rule(request: HttpRequest) -> HttpResponse:
    """How many posts the rule in the form would take today, and the best of them."""
    from experiments.services.recycling.candidates import LIMIT, candidates

    user: Any = request.user
    accounts, terms, wrong = _terms(request.POST, user)
    found: list[Any] = []
    if accounts and not wrong:
        found = candidates(user=user, accounts=accounts, rule=terms)
    eligible = [one for one in found if one.eligible]
    return desk.fragment(
        request,
        RULE,
        wrong=wrong,
        no_accounts=not accounts,
        eligible=len(eligible),
        considered=len(found),
        is_cut=len(found) >= LIMIT,
        best=eligible[:3],
        reasons=looks.most_frequent(found),
    )


def _terms(data: QueryDict, user: Any) -> tuple[list[Account], RecyclingRule, list[str]]:
    form = RuleTerms(data)
    form.fields["accounts"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]
    form.is_valid()
    wrong = [str(form.fields[name].label) for name in form.errors if name in form.fields]
    return list(form.cleaned_data.get("accounts", ())), form.instance, wrong
