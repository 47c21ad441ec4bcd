"""Paste counts, read every figure. Nothing is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from experiments.views import figures, pasting
from experiments.views.pasting import Row
from socialhub import policies
from socialhub.services.errors import Invalid
from socialhub.views import desk

TEMPLATE = "experiments/calculator/page.html"
KINDS = [
    ("proportion", gettext_lazy("Share: at most one per impression (clicks, sign-ups)")),
    ("rate", gettext_lazy("Rate: one impression may bring several (likes, comments)")),
    ("count", gettext_lazy("Number only: impressions are not known")),
    ("per_post", gettext_lazy("Values: one number per post (revenue, minutes)")),
]
DESIGNS = [
    ("split", gettext_lazy("One audience, split at random")),
    ("paired_slots", gettext_lazy("Matched slots, each with every variant")),
    ("cmh", gettext_lazy("Strata, such as networks or weeks")),
    ("single_post", gettext_lazy("One post each")),
]
BY_BLOCK = ("paired_slots", "cmh")
CONFIDENCES = [("0.9", "90 %"), ("0.95", "95 %"), ("0.99", "99 %")]
# (name, engagements, impressions): what the page shows before anything is typed.
EXAMPLE = [Row("A", "120", "4000"), Row("B", "165", "4050")]


@require_http_methods(["GET", "POST"])
@desk.needs_verb("view_experiments")
def show(request: HttpRequest) -> HttpResponse:
    """GET shows a worked example; POST the answer to what was typed or pasted."""
    if request.method == "GET":
        return _page(request, EXAMPLE, {"kind": "proportion", "design": "split"})
    asked = request.POST
    rows = pasting.pasted(asked.get("pasted", "")) or pasting.typed(asked)
    if "more" in asked and len(rows) < pasting.MOST_ROWS:
        rows.append(Row("ABCDEFGHIJ"[len(rows)]))
    less = asked.get("less", "")
    if less.isdecimal() and len(rows) > 2:
        rows = [row for at, row in enumerate(rows) if at != int(less)]
    if asked.get("design") in BY_BLOCK and asked.get("slots", "").strip():
        pasting.total(rows, asked["slots"])
    return _page(request, rows, asked.dict())


def _page(request: HttpRequest, rows: list[Row], asked: dict[str, str]) -> HttpResponse:
    found, problem = _calculated(rows, asked)
    context = {
        "rows": rows,
        "asked": {"confidence": "0.95", **asked},
        "kinds": KINDS,
        "designs": DESIGNS,
        "confidences": CONFIDENCES,
        "most": pasting.MOST_ROWS,
        "found": figures.shown(found, asked.get("kind", "")) if found else None,
        "problem": problem,
        "may_write": policies.can(request.user, "change_experiment"),
    }
    if desk.wants_fragment(request):
        return desk.fragment(request, f"{TEMPLATE}#calculator", **context)
    response = desk.page(request, TEMPLATE, _("Calculator"), **context)
    response.status_code = 400 if problem else 200
    return response


def _calculated(rows: list[Row], asked: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    """(answer, what is wrong); what is wrong with a row stands in the row."""
    # numpy and scipy come with these; the page itself does without.
    from experiments.api import errors
    from experiments.statistics.calculate import calculate

    kind = asked.get("kind", "proportion")
    question = {
        "kind": kind,
        "design": asked.get("design", "split"),
        "confidence": pasting.decimal(asked.get("confidence", "0.95")),
        "yates": "yates" in asked,
        "variants": [_variant(row, kind) for row in rows],
    }
    if question["design"] in BY_BLOCK:
        question["blocks"] = pasting.blocks(asked.get("slots", ""))
    try:
        with errors.named([row.name for row in rows]):
            return calculate(question), ""
    except Invalid as exc:
        _place(exc, rows)
        return None, exc.message


def _variant(row: Row, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": row.name}
    if kind == "per_post":
        return {**found, "values": pasting.numbers(row.values)}
    found["engagements"] = pasting.count(row.engagements)
    if kind != "count":
        found["impressions"] = pasting.count(row.impressions)
    return found


def _place(exc: Invalid, rows: list[Row]) -> None:
    """ "variants.1.engagements" → the field of the second row."""
    for name, told in exc.fields.items():
        parts = name.split(".")
        if len(parts) < 2 or parts[0] != "variants" or int(parts[1]) >= len(rows):
            continue
        rows[int(parts[1])].errors[parts[2] if len(parts) > 2 else "name"] = told
