"""/api/templates/"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialhub import policies, registries
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.models import JobRun
from socialhub.services.errors import Conflict
from threads.api.picture_filters import TemplateFilter
from threads.api.serializers import templates as shapes
from threads.api.serializers.batches import BulkSerializer, BulkStartedSerializer
from threads.api.viewsets.batches import start_bulk
from threads.models import ImageTemplate
from threads.services.pictures import binding, drawing, jobs, templates

STARTED = {202: JobStartedSerializer}
MOST_ITEMS = 50


class TemplateViewSet(Editable):
    """Pictures as HTML and CSS with fields. DELETE archives: what was made stays."""

    queryset = ImageTemplate.objects.none()
    serializer_class = shapes.TemplateSerializer
    filterset_class = TemplateFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at", "updated_at", "id"]
    lookup_value_regex = r"\d{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    verbs = {
        **dict.fromkeys(("list", "retrieve"), "view_templates"),
        **dict.fromkeys(
            ("create", "update", "partial_update", "destroy", "restore"), "change_template"
        ),
        **dict.fromkeys(("preview", "render", "bulk"), "render_template"),
    }
    arguments_of = {
        "preview": shapes.PreviewSerializer,
        "render": shapes.RenderSerializer,
        "bulk": BulkSerializer,
        "restore": Nothing,
    }

    def get_queryset(self) -> QuerySet[ImageTemplate]:
        if not policies.can(self.request.user, "view_templates"):
            return ImageTemplate.objects.none()
        return ImageTemplate.objects.select_related("sample")

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        """Archive it: out of the lists; it and its pictures can still be read."""
        templates.archive(self.get_object(), request.user)
        return Response(status=204)

    @extend_schema(request=None, responses=shapes.TemplateSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Back from the archive."""
        self.arguments(request)
        row = templates.archive(self.get_object(), request.user, archived=False)
        return Response(self.shown(row.pk))

    @extend_schema(request=shapes.PreviewSerializer, responses=STARTED)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str) -> Response:
        """A picture to look at, with stand-ins for what is empty. Result: url, width, height."""
        row = self.get_object()
        job = jobs.start_preview(request.user, template=row, **self.arguments(request))
        return Response({"job": job.pk}, status=202)

    @extend_schema(request=shapes.RenderSerializer, responses=STARTED, parameters=[PARAMETER])
    @action(detail=True, methods=["post"])
    @idempotent
    def render(self, request: Request, pk: str) -> Response:
        """The picture of these values: an image in the media, with its alt text."""
        given, row = self.arguments(request), self._in_use()
        job = jobs.start_render(request.user, row, **given)
        return Response({"job": job.pk}, status=202)

    @extend_schema(
        request={"multipart/form-data": BulkSerializer, "application/json": BulkSerializer},
        responses={202: BulkStartedSerializer, 200: BulkStartedSerializer},
        parameters=[PARAMETER],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def bulk(self, request: Request, pk: str) -> Response:
        """A picture, and a draft where asked for, of each row of a table or each product.

        Every problem of every row is told before anything is made.
        """
        given, row = self.arguments(request), self._in_use()
        return start_bulk(request.user, row, given)

    def _in_use(self) -> ImageTemplate:
        row: ImageTemplate = self.get_object()
        if row.is_archived:
            raise Conflict("archived", _("This template is archived. Restore it first."))
        return row


class PreviewView(APIView):
    """What an editor holds, without a template."""

    verbs = {"post": "change_template"}

    @extend_schema(
        operation_id="templates_preview_unsaved",
        request=shapes.PreviewSerializer,
        responses=STARTED,
    )
    def post(self, request: Request) -> Response:
        body = shapes.PreviewSerializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        job = jobs.start_preview(request.user, **body.validated_data)
        return Response({"job": job.pk}, status=202)


class PNGRenderer(BaseRenderer):
    """So that programs may ask for image/png; the view answers with the bytes itself."""

    media_type = "image/png"
    format = "png"


class PreviewFileView(APIView):
    verbs = {"get": "view_templates"}
    renderer_classes = [JSONRenderer, PNGRenderer]

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: str) -> HttpResponse:
        """The picture of a preview, for its owner and a quarter of an hour."""
        job = JobRun.objects.filter(pk=pk).first()
        content = drawing.preview_file(job, request.user) if job else None
        if content is None:
            raise Http404
        return HttpResponse(
            content, content_type="image/png", headers={"Cache-Control": "private, max-age=900"}
        )


class DesignsView(APIView):
    verbs = {"get": "view_templates"}

    @extend_schema(responses=shapes.DesignSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The starter designs."""
        return Response(shapes.DesignSerializer(templates.designs(), many=True).data)


class CopyDesignView(APIView):
    verbs = {"post": "change_template"}

    @extend_schema(
        request=shapes.CopySerializer,
        responses={201: shapes.TemplateSerializer},
        parameters=[PARAMETER],
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """A template of one's own from a starter design."""
        if not any(one.slug == slug for one in templates.designs()):
            raise Http404
        body = shapes.CopySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = templates.copy_design(request.user, slug, **body.validated_data)
        return Response(shapes.TemplateSerializer(row).data, status=201)


class SourcesView(APIView):
    verbs = {"get": "view_templates"}

    @extend_schema(parameters=[shapes.SourcesAsked], responses=shapes.SourcesSerializer)
    def get(self, request: Request) -> Response:
        """What can fill a template; with `source` its items, with `template` as its data."""
        query = shapes.SourcesAsked(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        sources = [{"name": s.name, "label": str(s.label)} for s in registries.data_sources()]
        return Response({"sources": sources, "items": _items(request.user, asked)})


def _items(user: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
    if "source" not in asked:
        return []
    source = binding.source(asked["source"])
    template = None
    if "template" in asked:
        template = get_object_or_404(ImageTemplate, pk=asked["template"])
    return [
        {
            "key": item.key,
            "label": item.label,
            "values": item.values,
            "data": template and binding.values_of(template.fields, source.name, item),
        }
        for item in source.find(user, asked.get("q", ""), MOST_ITEMS)
    ]
