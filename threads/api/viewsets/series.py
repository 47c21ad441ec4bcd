"""/api/threads/"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub import policies
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.serializers.posts import (
    ArchiveSerializer,
    CommentSerializer,
    DueSerializer,
)
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.models import Account, Publication
from socialhub.services import writing
from socialhub.services.errors import Conflict
from threads.api.filters import ThreadSeriesFilter
from threads.api.serializers import series as shapes
from threads.models import ThreadAccount, ThreadPost, ThreadPostMedia, ThreadSeries
from threads.services import series as services
from threads.services.series import checking

SERIES = shapes.ThreadSeriesSerializer
PREVIEW = shapes.SeriesPreviewSerializer


@extend_schema_view(
    submit=extend_schema(request=None, responses=SERIES),
    approve=extend_schema(request=DueSerializer, responses=SERIES),
    request_changes=extend_schema(request=CommentSerializer, responses=SERIES),
    withdraw=extend_schema(request=None, responses=SERIES),
    schedule=extend_schema(request=DueSerializer, responses=SERIES),
    cancel=extend_schema(request=None, responses=SERIES),
    archive=extend_schema(request=ArchiveSerializer, responses=SERIES),
    reorder=extend_schema(request=shapes.ReorderSerializer, responses=SERIES),
)
class ThreadSeriesViewSet(Editable):
    """Write, approve, schedule and resume a series of parts, as one."""

    queryset = ThreadSeries.objects.none()
    serializer_class = SERIES
    filterset_class = ThreadSeriesFilter
    search_fields = ["title", "topic"]
    ordering_fields = ["created_at", "updated_at", "due_at", "id"]
    ordering = ["-created_at", "-id"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    changes_nothing = ("preview", "preview_unsaved")
    verbs = {
        **dict.fromkeys(("list", "retrieve", "preview", "preview_unsaved"), "view_threads"),
        **dict.fromkeys(("create", "update", "partial_update", "destroy"), "write_thread"),
        **dict.fromkeys(("reorder", "archive"), "write_thread"),
        **dict.fromkeys(("schedule", "resume", "cancel"), "schedule_post"),
        "submit": "submit_post",
        "approve": "approve_post",
        "request_changes": "approve_post",
        "withdraw": ("submit_post", "approve_post"),
        "generate": "use_ai",
        "render_pictures": "render_template",
    }
    arguments_of = {
        **dict.fromkeys(("submit", "withdraw", "cancel", "render_pictures"), Nothing),
        **dict.fromkeys(("approve", "schedule"), DueSerializer),
        **dict.fromkeys(("preview", "preview_unsaved"), shapes.PreviewedSerializer),
        "request_changes": CommentSerializer,
        "archive": ArchiveSerializer,
        "reorder": shapes.ReorderSerializer,
        "resume": shapes.ResumeSerializer,
        "generate": shapes.GenerateSeriesSerializer,
    }

    def get_queryset(self) -> QuerySet[ThreadSeries]:
        user: Any = self.request.user
        if not policies.can(user, "view_threads"):
            return ThreadSeries.objects.none()
        media = ThreadPostMedia.objects.order_by("position")
        sent = Publication.objects.visible_to(user).select_related("account", "parent")
        parts = ThreadPost.objects.order_by("position").select_related("post")
        seen = ThreadAccount.objects.filter(account__in=Account.objects.visible_to(user))
        return (
            ThreadSeries.objects.visible_to(user)
            .with_state()
            .select_related("author")
            .prefetch_related(
                Prefetch("series_accounts", seen.select_related("account").order_by("account_id")),
                Prefetch(
                    "parts",
                    parts.prefetch_related(
                        Prefetch("part_media", media),
                        Prefetch("post__publications", sent.order_by("account_id", "pk")),
                    ),
                ),
            )
        )

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        """A draft. Each part has a publication per account from here on."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _require_fresh(self.get_object(), request.data)
        return super().update(request, *args, **kwargs)

    @extend_schema(
        description="Delete a series of which nothing was ever sent; else 409: archive it."
    )
    def destroy(self, request: Request, pk: str) -> Response:
        services.delete(self.get_object(), request.user)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self._after(services.submit)

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve all parts, as one; they go on the queue when there is a time."""
        return self._after(services.approve)

    @action(detail=True, methods=["post"], url_path="request-changes")
    def request_changes(self, request: Request, pk: str) -> Response:
        return self._after(services.request_changes)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._after(services.withdraw)

    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: str) -> Response:
        """Put an approved series on the queue; without `due_at` it goes out now."""
        return self._after(services.schedule)

    @extend_schema(
        request=shapes.ResumeSerializer, responses=shapes.ResumedSeriesSerializer, filters=False
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Send what is missing, from the first part that is not out, on one account or all."""
        account = self.arguments(request).get("account")
        row = self.get_object()
        done = services.resume(row, request.user, account)
        resumed = shapes.ResumedSerializer(done, many=True).data
        return Response({**self.shown(row.pk), "resumed": resumed})

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Nothing more of it goes out; what is out stays."""
        return self._after(services.cancel)

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        return self._after(services.archive)

    @action(detail=True, methods=["post"])
    def reorder(self, request: Request, pk: str) -> Response:
        """Another order of the parts: every one named once, by its id or its position."""
        order = self.arguments(request)["order"]
        row = self.get_object()
        services.reorder(row, request.user, shapes.ReorderSerializer.ids(row, order))
        return Response(self.shown(row.pk))

    @extend_schema(request=None, responses={202: JobStartedSerializer}, filters=False)
    @action(detail=True, methods=["post"], url_path="render-pictures")
    def render_pictures(self, request: Request, pk: str) -> Response:
        """Make every picture that is still to be made; each becomes media of its part."""
        self.arguments(request)
        job = services.render_pictures(self.get_object(), request.user)
        return Response({"job": str(job.pk)}, status=202)

    @extend_schema(methods=["GET"], responses=PREVIEW, filters=False)
    @extend_schema(
        methods=["POST"], request=shapes.PreviewedSerializer, responses=PREVIEW, filters=False
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def preview(self, request: Request, pk: str) -> Response:
        """The whole chain per account, counted as its network counts. POST: with changes."""
        row = self.get_object()
        given = self.arguments(request) if request.method == "POST" else {}
        present = checking.choices_of(row)
        parts = given.pop("parts", None)
        chosen = shapes.with_modes(given, [one.account for one in present])
        choices = chosen.pop("accounts", present)
        stored = {one.account.pk: one.mode for one in present}
        choices = [replace(one, mode=one.mode or stored.get(one.account.pk, "")) for one in choices]
        shape = {**checking.shape_of(row), **chosen}
        return _previewed(choices, checking.data_of(row) if parts is None else parts, shape)

    @extend_schema(
        operation_id="threads_preview_unsaved",
        request=shapes.PreviewedSerializer,
        responses=PREVIEW,
        filters=False,
    )
    @action(detail=False, methods=["post"], url_path="preview", pagination_class=None)
    def preview_unsaved(self, request: Request) -> Response:
        """The same of parts that are not stored anywhere."""
        given = shapes.with_modes(self.arguments(request), [])
        return _previewed(given.pop("accounts", []), given.pop("parts", []), given)

    @extend_schema(
        request=shapes.GenerateSeriesSerializer,
        responses={202: JobStartedSerializer},
        parameters=[PARAMETER],
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    @idempotent
    def generate(self, request: Request) -> Response:
        """Have the parts written. The job's result is {"parts", "made_by", "note", "title"};
        nothing is stored as a series until a person does."""
        given = self.arguments(request)
        kind = given.pop("source")
        job = writing.start_series(request.user, kind=kind, **given)
        return Response({"job": str(job.pk)}, status=202)

    def _after(self, verb: Any) -> Response:
        arguments = self.arguments(self.request)
        row = self.get_object()
        verb(row, self.request.user, **arguments)
        return Response(self.shown(row.pk))


def _previewed(choices: Any, parts: Any, shape: dict[str, Any]) -> Response:
    shown = services.preview(choices, parts, **shape)
    found = {"accounts": shown, "problems": services.problems_of(shown, parts)}
    return Response(PREVIEW(found).data)


def _require_fresh(row: ThreadSeries, data: Any) -> None:
    """Said before anything else: a stale copy differs in read-only fields too."""
    sent = data.get("version") if hasattr(data, "get") else None
    if str(sent).isdigit() and int(str(sent)[:12]) != row.version:
        raise Conflict(
            "stale",
            _("Somebody changed this series since you opened it. Reload, then change it again."),
        )
