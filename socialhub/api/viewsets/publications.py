"""/api/publications/"""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub import registries
from socialhub.api import downloads, queries
from socialhub.api.filters import PublicationFilter
from socialhub.api.serializers import publications as shapes
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import ReadOnly
from socialhub.models import Publication
from socialhub.services import exports, publishing

DETAIL = shapes.PublicationDetailSerializer
# Answers to comments need their own verb; the service asks for the right one of the two.
PLANS = ("schedule_post", "answer_interaction")


@extend_schema_view(
    retrieve=extend_schema(responses=DETAIL),
    reschedule=extend_schema(request=shapes.RescheduleSerializer, responses=DETAIL),
    cancel=extend_schema(request=None, responses=DETAIL),
    retry=extend_schema(request=None, responses=DETAIL),
    settle=extend_schema(request=None, responses=DETAIL),
    resolve=extend_schema(request=shapes.ResolveSerializer, responses=DETAIL),
    measure=extend_schema(request=None, responses={202: JobStartedSerializer}),
)
class PublicationViewSet(ReadOnly):
    """One post on one account: follow it, move it, stop it."""

    queryset = Publication.objects.none()
    serializer_class = DETAIL
    filterset_class = PublicationFilter
    search_fields = ["post__text", "text_override"]
    ordering_fields = ["due_at", "published_at", "created_at", "id"]
    ordering = ["-due_at", "-id"]
    verbs = {
        **dict.fromkeys(("reschedule", "cancel", "retry", "settle", "resolve"), PLANS),
        "measure": ("record_metrics", "write_post"),
    }
    arguments_of = {
        "list": shapes.PublicationSerializer,
        "reschedule": shapes.RescheduleSerializer,
        "cancel": Nothing,
        "retry": Nothing,
        "settle": Nothing,
        "resolve": shapes.ResolveSerializer,
        "measure": Nothing,
    }

    def get_queryset(self) -> Any:
        return queries.publications(self.request.user)

    def context_for(self, rows: list[Publication]) -> dict[str, Any]:
        return {"metrics": shapes.metrics_for(rows)}

    @action(detail=True, methods=["post"])
    def reschedule(self, request: Request, pk: str) -> Response:
        return self._after(publishing.reschedule, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Take it off the queue; one that is being sent is asked to stop."""
        return self._after(publishing.cancel, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Send a failed or missed one now."""
        return self._after(publishing.retry, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Have the network looked at for one whose outcome is unknown."""
        return self._after(publishing.settle_now, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Say whether an unknown one is live; if not, it is sent again."""
        return self._after(publishing.resolve, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def measure(self, request: Request, pk: str) -> Response:
        """Read its counters now. The job's result holds them; where reading costs, this does."""
        self.arguments(request)
        job = registries.measure_publication(request.user, self.get_object())
        if job is None:
            raise NotFound
        return Response({"job": job.pk}, status=202)

    @downloads.described
    @action(detail=False, content_negotiation_class=downloads.AnyAccept, pagination_class=None)
    def export(self, request: Request) -> HttpResponseBase:
        """The list as a table; it takes the filters of the list."""
        kind, rows = downloads.kind_of(request), self.filter_queryset(self.get_queryset())
        exports.require_few(rows.count(), kind)
        return downloads.answer(exports.publications(rows), kind, "publications")

    def _after(self, verb: Any, **arguments: Any) -> Response:
        publication = self.get_object()
        verb(publication, self.request.user, **arguments)
        return Response(self.shown(publication.pk))
