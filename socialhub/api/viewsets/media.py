"""/api/media/"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api.filters import MediaFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.media import MediaSerializer, UploadSerializer
from socialhub.api.viewsets.base import Editable
from socialhub.models import MediaAsset
from socialhub.services import media


class MediaViewSet(Editable):
    """Pictures. The same picture by the same person is stored once."""

    queryset = MediaAsset.objects.none()
    serializer_class = MediaSerializer
    filterset_class = MediaFilter
    search_fields = ["name", "alt_text"]
    ordering_fields = ["created_at", "size", "id"]
    verbs = dict.fromkeys(("create", "update", "partial_update"), "manage_media")
    arguments_of = {"create": UploadSerializer}

    def get_queryset(self) -> Any:
        return MediaAsset.objects.visible_to(self.request.user)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={201: MediaSerializer},
        parameters=[PARAMETER],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        asset = media.upload(request.user, **self.arguments(request))
        return Response(self.shown(asset.pk), status=201)
