"""/api/imports/"""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers import imports as shapes
from socialhub.api.viewsets.base import ReadOnly
from socialhub.models import PostImport
from socialhub.services import imports
from socialhub.services.imports import showing

STARTED = {202: shapes.ImportStartedSerializer}
ROWS = 100
PAGES = [
    OpenApiParameter("page", int, description=f"{ROWS} rows with problems at a time."),
    OpenApiParameter("level", str, enum=("error", "warning")),
    OpenApiParameter("column", str, description="Only problems of this column, like accounts."),
]


@extend_schema_view(
    run=extend_schema(request=shapes.ImportRunSerializer, responses=STARTED),
    check=extend_schema(request=shapes.ImportCheckSerializer, responses=STARTED),
)
class ImportViewSet(ReadOnly):
    """Posts from a file: checked first, then made. One sees one's own."""

    queryset = PostImport.objects.none()
    serializer_class = shapes.ImportListSerializer
    ordering_fields = ["created_at", "id"]
    ordering = ["-created_at", "-id"]
    verbs = dict.fromkeys(("list", "retrieve", "create", "run", "check"), "write_post")
    arguments_of = {
        "create": shapes.ImportFileSerializer,
        "run": shapes.ImportRunSerializer,
        "check": shapes.ImportCheckSerializer,
    }

    def get_queryset(self) -> Any:
        return PostImport.objects.visible_to(self.request.user)

    @extend_schema(
        request={"multipart/form-data": shapes.ImportFileSerializer},
        responses=STARTED,
        parameters=[PARAMETER],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Hand in a CSV or XLSX file. It is checked; nothing is made yet."""
        return _started(imports.upload(request.user, self.arguments(request)["file"]))

    @extend_schema(parameters=PAGES, responses=shapes.ImportSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        batch = self.get_object()
        asked = {name: request.query_params.get(name, "") for name in ("level", "column")}
        rows = showing.rows_with_problems(batch, **asked)
        page = Paginator(rows, ROWS).get_page(request.query_params.get("page"))
        return Response(shapes.whole(batch, page))

    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Make drafts of the good rows; with problems only when `only_good` is true."""
        batch = self.get_object()
        imports.run(batch, request.user, **self.arguments(request))
        batch.refresh_from_db()
        return _started(batch)

    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Check the same file again; `date_order` says which number of a date comes first."""
        order = self.arguments(request)["date_order"]
        return _started(imports.check_again(self.get_object(), request.user, order))


def _started(batch: PostImport) -> Response:
    job = batch.read_as["job"]
    headers = {"Location": f"/api/imports/{batch.pk}/"}
    return Response({"id": batch.pk, "job": job}, status=202, headers=headers)
