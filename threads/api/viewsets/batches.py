"""/api/templates/batches/"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import ReadOnly
from socialhub.services.errors import Invalid
from threads.api.picture_filters import BatchFilter
from threads.api.serializers import batches as shapes
from threads.models import ImageBatch, ImageBatchRow, ImageTemplate, RowState
from threads.services.pictures import batches

MOST_TOLD = 200


class BatchViewSet(ReadOnly):
    """Bulk runs, one's own. A run that stopped goes on with `retry/`."""

    queryset = ImageBatch.objects.none()
    serializer_class = shapes.BatchSerializer
    filterset_class = BatchFilter
    ordering_fields = ["created_at", "id"]
    ordering = ["-created_at", "-id"]
    lookup_value_regex = r"\d{1,18}"
    verbs = {
        **dict.fromkeys(("list", "retrieve"), "view_templates"),
        **dict.fromkeys(("start", "retry"), "render_template"),
    }
    arguments_of = {
        "start": Nothing,
        "retry": Nothing,
        "retrieve": shapes.WholeBatchSerializer,
    }

    def get_queryset(self) -> QuerySet[ImageBatch]:
        user: Any = self.request.user
        rows = (
            ImageBatch.objects.visible_to(user)
            .select_related("version")
            .prefetch_related("accounts")
            .annotate(
                total=Count("rows"),
                done=Count("rows", filter=Q(rows__state=RowState.DONE)),
                failed=Count("rows", filter=Q(rows__state=RowState.FAILED)),
            )
        )
        if self.action != "retrieve":
            return rows
        lines = ImageBatchRow.objects.select_related("image__media").order_by("position")
        return rows.prefetch_related(Prefetch("rows", lines))

    @extend_schema(responses=shapes.WholeBatchSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With every row: what it says, what is wrong with it, what was made of it."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(request=None, responses={202: JobStartedSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Make a batch that was only checked; rows with problems are left out."""
        self.arguments(request)
        return Response({"job": batches.start(self.get_object(), request.user).pk}, status=202)

    @extend_schema(request=None, responses={202: JobStartedSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Go on with what is missing. What was made is not made again."""
        self.arguments(request)
        return Response({"job": batches.retry(self.get_object(), request.user).pk}, status=202)


@transaction.atomic
def start_bulk(user: Any, template: ImageTemplate, given: dict[str, Any]) -> Response:
    """Check, and start unless it is a dry run. Raises Invalid naming rows and fields."""
    wanted = batches.Wanted(
        size=given.get("size", ""),
        alt_text=given["alt_text"],
        post_text=given.get("post_text", ""),
        accounts=tuple(given.get("accounts", ())),
        campaign=given.get("campaign"),
        language=given.get("language"),
    )
    if "file" in given:
        content = given["file"].read(batches.MOST_BYTES + 1)
        mapping = given.get("mapping")
        batch = batches.from_csv(user, template, content, wanted, mapping=mapping)
    else:
        batch = batches.from_items(user, template, given["source"], given["ids"], wanted)
    rows = list(batch.rows.values_list("position", "errors"))
    problems = [
        {"row": place, "field": name, "message": why}
        for place, errors in rows
        for name, why in errors.items()
    ]
    answer = {"job": None, "batch": batch.pk, "rows": len(rows), "problems": problems}
    if given["dry_run"]:
        return Response(answer)
    if problems and not given["skip_bad"]:
        raise _refused(problems)
    return Response({**answer, "job": batches.start(batch, user).pk}, status=202)


def _refused(problems: list[dict[str, Any]]) -> Invalid:
    told = {
        ".".join(filter(None, ["rows", str(one["row"]), one["field"]])): [one["message"]]
        for one in problems[:MOST_TOLD]
    }
    first = problems[0]
    message = _("Row %(row)s: %(why)s Nothing was made.") % {
        "row": first["row"],
        "why": first["message"],
    }
    return Invalid("rows_have_problems", message, told)
