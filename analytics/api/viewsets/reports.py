"""/api/analytics/reports/ and /api/analytics/recipients/"""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from analytics.api.serializers.reports import (
    DownloadSerializer,
    GenerateSerializer,
    RecipientSerializer,
    ReportSerializer,
    SendSerializer,
    SentSerializer,
    WholeReportSerializer,
)
from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient, ReportType
from analytics.services.reports import delivering, files, making, pdf
from socialhub.api import waiting
from socialhub.api.filters import YesNoFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.pagination import Pages
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.viewsets.base import Editable, ReadOnly
from socialhub.services.errors import Invalid


class Limited(Pages):
    """Pages of `limit` reports."""

    page_size_query_param = "limit"
    page_size_query_description = "Reports per page, 1 to 200."

    def get_page_size(self, request: Request) -> int | None:
        given = request.query_params.get("limit")
        most = self.max_page_size
        if given and not (given.isdecimal() and len(given) < 4 and 1 <= int(given) <= most):
            message = _("Enter a whole number from 1 to %(most)s.") % {"most": most}
            raise Invalid("invalid", f"limit: {message}", {"limit": [message]})
        return super().get_page_size(request)


class ReportFilter(filters.FilterSet):
    report_type = filters.ChoiceFilter(choices=ReportType.choices)
    period_start = filters.DateFilter()
    scope = filters.CharFilter(field_name="scope_key")
    latest = YesNoFilter(method="only_latest", label="Only the newest revision of each.")

    def only_latest(self, rows: Any, name: str, value: bool) -> Any:
        return rows.latest_revisions() if value else rows


class ReportViewSet(ReadOnly):
    """Reports of past periods, the newest first. Making one again gives the same one."""

    queryset = AnalyticsReport.objects.none()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter
    pagination_class = Limited
    ordering_fields = ["period_end", "made_at"]
    ordering = ["-period_end", "-period_start", "report_type", "-revision"]
    arguments_of = {"generate": GenerateSerializer, "send": SendSerializer}
    verbs = {
        "list": "view_reports",
        "retrieve": "view_reports",
        "download": "view_reports",
        "generate": "generate_report",
        "send": "send_report",
    }

    def get_queryset(self) -> QuerySet[AnalyticsReport]:
        user: Any = self.request.user
        rows = AnalyticsReport.objects.visible_to(user)
        if self.action == "list":
            rows = rows.defer("details")
        return rows.prefetch_related(Prefetch("deliveries", ReportDelivery.objects.order_by("pk")))

    @extend_schema(responses=WholeReportSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(WholeReportSerializer(self.get_object()).data)

    @extend_schema(
        request=GenerateSerializer,
        responses={201: WholeReportSerializer, 200: WholeReportSerializer},
        parameters=[PARAMETER],
    )
    @action(detail=False, methods=["post"])
    @idempotent
    def generate(self, request: Request) -> Response:
        """Make a report: 201. One that exists is answered as it is: 200, unless `force`."""
        given = self.arguments(request)
        report, created = making.make(
            given["report_type"],
            given["period_start"],
            given["period_end"],
            scope=given["scope"],
            force=given["force"],
            user=request.user,
        )
        row = self.get_queryset().filter(pk=report.pk).first() or report
        return Response(WholeReportSerializer(row).data, status=201 if created else 200)

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=files.FORMATS, description="html when not given."),
            OpenApiParameter("language", str, description="The report's own when not given."),
        ],
        responses={
            (200, "*/*"): OpenApiTypes.BINARY,
            202: OpenApiResponse(JobStartedSerializer, "The PDF is being printed."),
        },
        filters=False,
    )
    @action(detail=True)
    def download(self, request: Request, pk: str) -> Any:
        """The report as a file. A PDF that was never printed is printed by a worker first."""
        report = self.get_object()
        query = DownloadSerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        kind = query.validated_data["format"]
        language = query.validated_data.get("language") or report.language
        if kind != "pdf":
            return _file(report, kind, files.content(report, kind, language))
        content = pdf.stored(report, language)
        if content is not None:
            return _file(report, kind, content)
        return waiting.answer(
            pdf.start(report, language, request.user),
            lambda _result: _file(report, kind, pdf.stored(report, language) or b""),
        )

    @extend_schema(request=SendSerializer, responses={202: SentSerializer})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Queue the report for recipients: 202. Who got it already does not get it again."""
        given = self.arguments(request)
        rows = delivering.send(self.get_object(), request.user, given.get("recipients"))
        return Response(SentSerializer({"deliveries": rows}).data, status=202)


def _file(report: AnalyticsReport, kind: str, content: bytes) -> HttpResponse:
    name = files.name(report, kind)
    return HttpResponse(
        content,
        content_type=files.MIMES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-cache",
        },
    )


class RecipientViewSet(mixins.DestroyModelMixin, Editable):
    """Who gets reports. Their addresses hold secrets and are never shown."""

    queryset = ReportRecipient.objects.all()
    serializer_class = RecipientSerializer
    ordering_fields = ["name", "id"]
    ordering = ["name", "id"]
    verbs = dict.fromkeys(
        ("list", "retrieve", "create", "update", "partial_update", "destroy"), "manage_recipients"
    )

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)


router = SimpleRouter()
router.register("reports", ReportViewSet, basename="report")
router.register("recipients", RecipientViewSet, basename="recipient")
