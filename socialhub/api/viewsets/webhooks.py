"""/api/webhooks/"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api import waiting
from socialhub.api.serializers import webhooks as shapes
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.models import WebhookDelivery, WebhookEndpoint
from socialhub.services import webhooks

VERB = "manage_webhooks"
ACTIONS = (
    *("list", "retrieve", "create", "update", "partial_update", "destroy"),
    *("test", "rotate", "deliveries"),
)


@extend_schema_view(
    test=extend_schema(
        request=None,
        responses={200: shapes.WebhookTestedSerializer, 202: JobStartedSerializer},
    ),
    rotate=extend_schema(request=None, responses=shapes.SecretSerializer),
)
class WebhookViewSet(Editable):
    """Addresses that are told of events, signed after Standard Webhooks."""

    queryset = WebhookEndpoint.objects.none()
    serializer_class = shapes.WebhookSerializer
    ordering_fields = ["created_at", "id"]
    ordering = ["id"]
    verbs = dict.fromkeys(ACTIONS, VERB)
    arguments_of = {"test": Nothing, "rotate": Nothing}

    def get_queryset(self) -> Any:
        return WebhookEndpoint.objects.defer("secret")

    @extend_schema(responses={201: shapes.WebhookMadeSerializer})
    def create(self, request: Request) -> Response:
        """The answer holds the signing secret; it is not shown again."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = serializer.save()
        made = {**self.shown(row.pk), "secret": row.secret}
        return Response(made, status=201, headers={"Cache-Control": "no-store"})

    def destroy(self, request: Request, pk: str) -> Response:
        self.get_object().delete()
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a test event now; 400 with the reason when the address does not take it."""
        self.arguments(request)
        return waiting.answer(webhooks.start_test(self.get_object(), request.user), Response)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """A new signing secret; for 24 hours messages carry both signatures."""
        self.arguments(request)
        secret = webhooks.rotate(self.get_object(), request.user)
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})

    @extend_schema(responses=shapes.WebhookDeliverySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """What was sent to it, newest first."""
        rows = WebhookDelivery.objects.filter(endpoint=self.get_object())
        page = self.paginate_queryset(rows.order_by("-created_at", "pk"))
        return self.get_paginated_response(shapes.WebhookDeliverySerializer(page, many=True).data)
