"""/api/links/"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api import queries
from socialhub.api.filters import LinkFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.links import LinkSerializer
from socialhub.api.viewsets.base import Editable
from socialhub.models import TrackedLink
from socialhub.services import links


class LinkViewSet(Editable):
    """Short links and how often people followed them. Switch one off with `is_active`."""

    queryset = TrackedLink.objects.none()
    serializer_class = LinkSerializer
    filterset_class = LinkFilter
    search_fields = ["slug", "destinations__url"]
    ordering_fields = ["created_at", "slug", "id"]
    verbs = dict.fromkeys(("create", "update", "partial_update"), "manage_links")

    def get_queryset(self) -> Any:
        return queries.links(self.request.user)

    def context_for(self, rows: list[TrackedLink]) -> dict[str, Any]:
        return {"clicks": links.clicks([row.pk for row in rows])}

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)
