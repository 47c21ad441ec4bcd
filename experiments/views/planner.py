"""Before any test: how many weeks it needs, and what can be found at all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from experiments import wording
from experiments.models import Design, Metric
from experiments.views import planning, typed
from socialhub import policies
from socialhub.models import Account
from socialhub.views import desk


class PlannerForm(forms.Form):
    """What is asked; everything has an answer, so a bare address shows one."""

    accounts = forms.ModelMultipleChoiceField(Account.objects.none(), required=False)
    design = forms.ChoiceField(choices=Design.choices)
    metric = forms.ChoiceField(choices=Metric.choices)
    variants = forms.IntegerField(min_value=2, max_value=10)
    effect = forms.FloatField(min_value=1, max_value=1000, localize=False)
    confidence = forms.FloatField(min_value=0.8, max_value=0.999, localize=False)
    power = forms.FloatField(min_value=0.5, max_value=0.99, localize=False)
    blocks_per_week = forms.FloatField(min_value=0.1, max_value=50, required=False)
    daily = forms.FloatField(min_value=0, max_value=1e9, required=False)
    baseline = forms.FloatField(min_value=0, max_value=1000, required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].queryset = typed.selectable(user, None)  # type: ignore[attr-defined]


DEFAULTS = {
    "design": Design.PAIRED,
    "metric": Metric.ENGAGEMENTS,
    "variants": "2",
    "effect": "20",
    "confidence": "0.95",
    "power": "0.8",
}


@require_GET
@desk.needs_verb("view_experiments")
def show(request: HttpRequest) -> HttpResponse:
    """The page; over HTMX only its answer."""
    data = request.GET.copy()
    for name, value in DEFAULTS.items():
        data.setdefault(name, value)
    form = PlannerForm(data, user=request.user)
    rows = list(form.fields["accounts"].queryset)  # type: ignore[attr-defined]
    if "accounts" not in data and rows:
        # A first answer without a click; which account it is for stands beside it.
        data.setlist("accounts", [str(rows[0].pk)])
    context = {
        "answer": _answer(form),
        "form": form,
        "asked": data,
        "may_write": policies.can(request.user, "change_experiment"),
    }
    if desk.wants_fragment(request):
        return desk.fragment(request, "experiments/planner/page.html#answer", **context)
    chosen = set(data.getlist("accounts"))
    return desk.page(
        request,
        "experiments/planner/page.html",
        _("Planner"),
        accounts=[{"row": row, "chosen": str(row.pk) in chosen} for row in rows],
        designs=wording.DESIGNS,
        metrics=Metric.choices,
        confidences=typed.CONFIDENCES,
        powers=typed.POWERS,
        **context,
    )


def _answer(form: PlannerForm) -> planning.Answer:
    if not form.is_valid():
        told = [
            f"{form[name].label}: {message}" for name, ms in form.errors.items() for message in ms
        ]
        return planning.Answer(problem=" ".join(told))
    data = form.cleaned_data
    more = {name: data[name] for name in ("blocks_per_week", "daily") if data[name] is not None}
    if data["baseline"]:
        more["baseline"] = data["baseline"] / 100
    return planning.answer(
        accounts=list(data["accounts"]),
        design=data["design"],
        metric=data["metric"],
        variants=data["variants"],
        confidence=data["confidence"],
        power=data["power"],
        smallest_effect=data["effect"] / 100,
        **more,
    )
