"""/api/lead-forms/ and /api/lead-settings/"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.serializers.forms import CrmSettingsSerializer, LeadFormSerializer
from crm.models import CrmSettings, LeadForm
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.viewsets.base import Editable


class LeadFormViewSet(Editable):
    """Forms for other websites. Switch one off with `is_active`."""

    queryset = LeadForm.objects.all()
    serializer_class = LeadFormSerializer
    search_fields = ["name", "heading"]
    ordering_fields = ["name", "created_at", "id"]
    ordering = ["name", "id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    verbs = dict.fromkeys(
        ("list", "retrieve", "create", "update", "partial_update"), "manage_lead_forms"
    )

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)


class LeadSettingsView(APIView):
    verbs = dict.fromkeys(("get", "patch"), "change_lead_settings")

    @extend_schema(responses=CrmSettingsSerializer)
    def get(self, request: Request) -> Response:
        """How leads are handled here."""
        return Response(CrmSettingsSerializer(CrmSettings.get()).data)

    @extend_schema(request=CrmSettingsSerializer, responses=CrmSettingsSerializer)
    def patch(self, request: Request) -> Response:
        serializer: Any = CrmSettingsSerializer(CrmSettings.get(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)
