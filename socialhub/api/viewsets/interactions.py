"""/api/interactions/"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api import queries
from socialhub.api.filters import InteractionFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers import interactions as shapes
from socialhub.api.serializers.posts import ArchiveSerializer
from socialhub.api.serializers.publications import PublicationSerializer, metrics_for
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import ReadOnly
from socialhub.models import Interaction
from socialhub.services import interactions
from socialhub.services.errors import Conflict


class InteractionViewSet(ReadOnly):
    """What others wrote to us."""

    queryset = Interaction.objects.none()
    serializer_class = shapes.InteractionSerializer
    filterset_class = InteractionFilter
    search_fields = ["text", "author_handle", "author_name"]
    ordering_fields = ["created_at", "collected_at", "id"]
    ordering = ["-created_at", "-id"]
    verbs = dict.fromkeys(("reply", "archive", "assign", "answering"), "answer_interaction")
    arguments_of = {
        "reply": shapes.ReplySerializer,
        "archive": ArchiveSerializer,
        "assign": shapes.AssignSerializer,
        "answering": Nothing,
    }

    def get_queryset(self) -> Any:
        return Interaction.objects.visible_to(self.request.user).select_related(
            "account", "publication"
        )

    @extend_schema(
        request=shapes.ReplySerializer,
        responses={201: PublicationSerializer},
        parameters=[PARAMETER],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def reply(self, request: Request, pk: str) -> Response:
        """Answer it: a publication that goes out now."""
        data = self.arguments(request)
        made = interactions.reply(self.get_object(), request.user, data["text"])
        row = queries.publications(request.user).get(pk=made.pk)
        shown = PublicationSerializer(row, context={"metrics": metrics_for([row])})
        return Response(shown.data, status=201)

    @extend_schema(request=ArchiveSerializer, responses=shapes.InteractionSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        return self._after(interactions.archive, **self.arguments(request))

    @extend_schema(request=shapes.AssignSerializer, responses=shapes.InteractionSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Hand it to a person; null takes it back."""
        return self._after(interactions.assign, **self.arguments(request))

    @extend_schema(request=None, responses=shapes.InteractionSerializer)
    @action(detail=True, methods=["post"])
    def answering(self, request: Request, pk: str) -> Response:
        """Say "I am answering" for two minutes; 409 while somebody else is."""
        self.arguments(request)
        interaction = self.get_object()
        if not interactions.touch_answering(interaction, request.user):
            raise Conflict("being_answered", _("Somebody else is answering this right now."))
        return Response(self.shown(interaction.pk))

    def _after(self, verb: Any, **arguments: Any) -> Response:
        interaction = self.get_object()
        verb(interaction, self.request.user, **arguments)
        return Response(self.shown(interaction.pk))
