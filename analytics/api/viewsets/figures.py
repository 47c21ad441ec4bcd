"""/api/analytics/dashboard/, timeseries/, top-posts/ and accounts/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from analytics.api import asking, conditional, figures
from analytics.api.asking import Argument, Asked, Early, Stamp
from analytics.api.parameters import common, described
from analytics.api.serializers import figures as shapes
from analytics.queries import accounts, dashboard, posts
from analytics.queries.filters import DEFAULT_DAYS, Filters
from socialhub.api.callers import Along

KINDS = ("published", "happened")
# Impressions beyond any network's.
MANY = 2**31 - 1


class Figures(APIView):
    """A read: filters and `arguments` in, `body` out, with an ETag by data version."""

    verbs = dict.fromkeys(("get", "head"), "view_metrics")
    arguments: Mapping[str, Argument] = {}
    days = DEFAULT_DAYS
    _early: Early | None = None

    def stamps(self, narrowed: Filters) -> Mapping[str, Stamp]:
        """What of the answer can change without the data version."""
        return asking.membership(narrowed)

    def along(self, request: Request) -> Along | None:
        """Read in the query for who asks."""
        if request.method in SAFE_METHODS:
            self._early = asking.early(request.query_params, self.stamps)
        return self._early.along if self._early else None

    def asked(self, request: Request) -> Asked:
        return asking.understood(
            request,
            self.arguments,
            self.stamps,
            now=timezone.now(),
            days=self.days,
            early=self._early,
        )

    def answer(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        return conditional.answer(request, self.key(asked), lambda: self.body(asked))

    def key(self, asked: Asked) -> str:
        """Equal for equal answers."""
        return asked.key

    def body(self, asked: Asked) -> dict[str, Any]:
        raise NotImplementedError

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().finalize_response(request, response, *args, **kwargs)
        conditional.private(found)
        return found


class DashboardView(Figures):
    def stamps(self, narrowed: Filters) -> Mapping[str, Stamp]:
        return {**asking.pending(narrowed), **super().stamps(narrowed)}

    @extend_schema(parameters=common(), responses=shapes.DashboardSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """Totals, changes, breakdowns and heatmap of a period."""
        return self.answer(request)

    def body(self, asked: Asked) -> dict[str, Any]:
        # Top posts have an address of their own.
        data = dashboard.load(asked.filters, self.request.user, limit=0, state=asked.state)
        return figures.dashboard(asked, data)


class TimeseriesView(Figures):
    arguments = {"kind": Argument("published", asking.one_of(*KINDS))}

    @extend_schema(
        parameters=[*common(), described("kind", "Which of the two series.", enum=KINDS)],
        responses=shapes.TimeseriesSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Every day of the period: lifetime numbers of what was published, or what happened."""
        return self.answer(request)

    def body(self, asked: Asked) -> dict[str, Any]:
        note, kind = "", asked.arguments["kind"]
        if kind == "published":
            days = figures.published_days(dashboard.published(asked.filters, asked.state))
        else:
            days = figures.happened_days(asked, dashboard.happened(asked.filters, asked.state))
            if asked.filters.campaign is not None:
                note = _("What happened on a day is not known by campaign.")
        return {"kind": kind, **figures.frame(asked), "note": note, "days": days}


class TopPostsView(Figures):
    arguments = {
        "limit": Argument(10, asking.whole(1, posts.MOST)),
        "by": Argument("engagement_rate", asking.one_of(*posts.BY)),
        "worst": Argument(False, asking.yes_no),
        "minimum": Argument(None, asking.whole(0, MANY)),
    }

    def stamps(self, narrowed: Filters) -> Mapping[str, Stamp]:
        return {**asking.posts(), **asking.accounts()}

    @extend_schema(
        parameters=[
            *common(),
            described("limit", "1 to 100, 10 when not given.", type_=int),
            described("by", "What to rank by.", enum=posts.BY),
            described("worst", "The last ones instead of the first.", type_=bool),
            described(
                "minimum",
                f"Least impressions; {posts.MINIMUM} by rate and 0 by engagements when not given.",
                type_=int,
            ),
        ],
        responses=shapes.TopPostsSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Publications of the period by rate or engagements, the best or the worst first."""
        return self.answer(request)

    def body(self, asked: Asked) -> dict[str, Any]:
        ranking = posts.ranking(asked.filters, **asked.arguments)
        platforms = posts.platforms([row.post for row in ranking.rows], asked.filters.granted)
        rows = [figures.top_post(row, platforms[row.post], asked) for row in ranking.rows]
        return {
            **figures.listed(rows),
            "by": ranking.by,
            "worst": asked.arguments["worst"],
            "minimum": ranking.minimum,
            **figures.frame(asked),
        }


class AccountsView(Figures):
    def stamps(self, narrowed: Filters) -> Mapping[str, Stamp]:
        return {**asking.accounts(), **super().stamps(narrowed)}

    @extend_schema(parameters=common(), responses=shapes.AccountsSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """What each account published in the period, and its followers."""
        return self.answer(request)

    def body(self, asked: Asked) -> dict[str, Any]:
        found = accounts.overview(asked.filters, asked.state, self.request.user)
        rows = [figures.account(one, asked.state) for one in found]
        return {**figures.listed(rows), **figures.frame(asked)}
