"""/api/analytics/optimal-times/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics.api import asking, figures
from analytics.api.asking import Argument, Asked, Stamp
from analytics.api.parameters import common, described
from analytics.api.serializers.figures import OptimalTimesSerializer
from analytics.api.viewsets.figures import Figures
from analytics.queries import best_times
from analytics.queries.filters import Filters
from socialhub.models import Account

SLOTS = 168


class OptimalTimesView(Figures):
    # Older posts weigh next to nothing.
    days = best_times.HISTORY.days
    arguments = {
        "limit": Argument(SLOTS, asking.whole(1, SLOTS)),
        "timezone": Argument("", asking.time_zone),
    }

    def stamps(self, narrowed: Filters) -> Mapping[str, Stamp]:
        # With the audience's zone.
        return {**asking.accounts(), **super().stamps(narrowed)}

    def key(self, asked: Asked) -> str:
        # Posts grow old enough to count, and older, without a change of any figure.
        return f"{super().key(asked)}|{asked.now:%Y%m%d%H}"

    @extend_schema(
        parameters=[
            *common(days),
            described("limit", "How many of the 168 hours of the week, the best first.", type_=int),
            described("timezone", "Of the hours; the audience's when not given."),
        ],
        responses=OptimalTimesSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The hours of the week in which posts did well, with how sure that is."""
        return self.answer(request)

    def body(self, asked: Asked) -> dict[str, Any]:
        found = best_times.for_accounts(
            _account_ids(asked.filters),
            asked.now,
            timezone=asked.arguments["timezone"],
            within=asked.filters,
        )
        rows = [figures.slot(one) for one in found.slots]
        listed = figures.listed(rows)
        return {
            **listed,
            "results": rows[: asked.arguments["limit"]],
            **figures.frame(asked),
            "timezone": found.timezone,
            "unit": found.unit,
            "posts": found.posts,
            "explanation": found.explanation,
        }


def _account_ids(filters: Filters) -> list[int] | None:
    """The accounts of the selection, None for all."""
    if not filters.platform:
        return None if filters.accounts is None else list(filters.accounts)
    rows = Account.objects.filter(platform=filters.platform)
    if filters.accounts is not None:
        rows = rows.filter(pk__in=filters.accounts)
    return list(rows.values_list("pk", flat=True))
