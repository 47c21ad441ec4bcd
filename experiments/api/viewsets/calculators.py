"""/api/ab-tests/plan/ and /api/ab-tests/calculate/: figures from figures, nothing is stored."""

from __future__ import annotations

import math
from dataclasses import asdict

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import wording
from experiments.api import errors
from experiments.api.serializers import calculators as shapes
from experiments.statistics import planning
from experiments.statistics.calculate import calculate, finite
from experiments.statistics.planning import Needs


class PlanView(APIView):
    verbs = {"post": "view_experiments"}
    changes_nothing = ("post",)

    @extend_schema(request=shapes.PlanSerializer, responses=shapes.NeedsSerializer)
    def post(self, request: Request) -> Response:
        """How many impressions and days a test needs, and what it could find."""
        body = shapes.PlanSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        effect, daily = asked.pop("relative_mde"), asked.pop("daily_impressions_per_variant")
        with errors.named():
            needs = planning.plan(planning.Question(**asked), effect, daily)
        return Response(
            {**asdict(needs), "longest_days": planning.LONGEST_DAYS, "sentence": _sentence(needs)}
        )


class CalculateView(APIView):
    verbs = {"post": "view_experiments"}
    changes_nothing = ("post",)

    @extend_schema(request=shapes.CalculateSerializer, responses=shapes.AnswerSerializer)
    def post(self, request: Request) -> Response:
        """Every figure of an A/B test from its counts: tests, intervals, claim, verdict."""
        body = shapes.CalculateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        with errors.named([one["name"] for one in asked["variants"]]):
            answer = calculate(asked)
        return Response(finite({**answer, "claim": wording.claim(answer["claim_code"])}))


def _sentence(needs: Needs) -> str:
    n = number_format(needs.n_per_variant, force_grouping=True)
    each = _("Each variant needs %(n)s impressions.") % {"n": n}
    if needs.feasible is None:
        return each
    if needs.feasible and needs.days is not None:
        days = ngettext("That takes %(days)s day.", "That takes %(days)s days.", needs.days)
        return f"{each} {days % {'days': needs.days}}"
    if needs.achievable_mde is None:
        return f"{each} {_('With so few impressions no effect can be found in 28 days.')}"
    # Rounded up: what is promised can be found.
    percent = math.ceil(100 * needs.achievable_mde)
    found = _("In 28 days you can detect +%(percent)s %% or more.") % {"percent": percent}
    return f"{each} {found}"
