"""/api/leads/stats/"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.api import asking
from analytics.api.parameters import common, described
from analytics.queries import filters
from crm.api.serializers.leads import StatsSerializer
from crm.models import Attribution, CrmSettings
from crm.queries import attribution
from socialhub.models import Organisation
from socialhub.services.errors import Invalid

GROUPS = ("post", "campaign", "account", "product", "variant", "week")
ARGUMENTS = {"group_by": asking.one_of(*GROUPS), "touch": asking.one_of(*Attribution.values)}


class LeadStatsView(APIView):
    verbs = {"get": "view_attribution"}

    @extend_schema(
        parameters=[
            *common(),
            described("group_by", "What one row is about; post when not given.", enum=GROUPS),
            described(
                "touch",
                "Which touch a lead belongs to; as in the settings when not given.",
                enum=Attribution.values,
            ),
        ],
        responses=StatsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Leads, opportunities, quotations and won revenue of a period."""
        asked, given = _asked(request)
        group_by = given.get("group_by") or "post"
        touch = given.get("touch") or CrmSettings.get().attribution
        return Response(
            {
                "group_by": group_by,
                "touch": touch,
                "first": asked.first,
                "last": asked.last,
                "results": attribution.stats(asked, group_by, touch),
                "totals": attribution.totals(asked, touch),
            }
        )


def _asked(request: Request) -> tuple[filters.Filters, dict[str, Any]]:
    """Filters and arguments. Raises Invalid naming everything that is wrong."""
    params, fields, given = request.query_params, {}, {}
    for name, read in ARGUMENTS.items():
        try:
            given[name] = read(params[name]) if params.get(name) else ""
        except ValueError as exc:
            fields[name] = [str(exc)]
    today = timezone.localdate(timezone=Organisation.get().zone)
    try:
        asked = filters.parse(params.dict(), request.user, today, also=tuple(ARGUMENTS))
    except Invalid as exc:
        fields = {**exc.fields, **fields}
        asked = None
    if fields or asked is None:
        named = [f"{name}: {' '.join(messages)}" for name, messages in fields.items()]
        raise Invalid("invalid", " ".join(named), fields)
    return asked, given
