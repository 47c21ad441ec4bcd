"""/api/campaigns/"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api.filters import CampaignFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.campaigns import CampaignSerializer
from socialhub.api.viewsets.base import Editable
from socialhub.models import Campaign


class CampaignViewSet(Editable):
    """Named efforts. DELETE archives: posts keep their campaign."""

    queryset = Campaign.objects.all()
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "starts_on", "ends_on", "created_at", "id"]
    verbs = dict.fromkeys(("create", "update", "partial_update", "destroy"), "manage_campaigns")

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        campaign = self.get_object()
        campaign.is_archived = True
        campaign.save(update_fields=["is_archived"])
        return Response(status=204)
