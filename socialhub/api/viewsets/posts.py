"""/api/posts/"""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api import downloads, queries
from socialhub.api.filters import PostFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers import posts as shapes
from socialhub.api.serializers.publications import metrics_for
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.models import Post
from socialhub.services import exports, posts
from socialhub.services.errors import Conflict

POST = shapes.PostSerializer


@extend_schema_view(
    submit=extend_schema(request=shapes.DueSerializer, responses=POST),
    approve=extend_schema(request=shapes.DueSerializer, responses=POST),
    request_changes=extend_schema(request=shapes.CommentSerializer, responses=POST),
    withdraw=extend_schema(request=None, responses=POST),
    schedule=extend_schema(request=shapes.DueSerializer, responses=POST),
    queue=extend_schema(request=None, responses=POST),
    archive=extend_schema(request=shapes.ArchiveSerializer, responses=POST),
)
class PostViewSet(Editable):
    """Write, hand in, approve, schedule."""

    queryset = Post.objects.none()
    serializer_class = POST
    filterset_class = PostFilter
    search_fields = ["text", "link"]
    ordering_fields = ["created_at", "updated_at", "planned_at", "id"]
    ordering = ["-created_at", "-id"]
    verbs = {
        "create": "write_post",
        "update": "write_post",
        "partial_update": "write_post",
        "destroy": "write_post",
        "archive": "write_post",
        "submit": "submit_post",
        "approve": "approve_post",
        "request_changes": "approve_post",
        "withdraw": ("submit_post", "approve_post"),
        "schedule": "schedule_post",
        "queue": "schedule_post",
        "count": "view",
        "export": "view",
    }
    arguments_of = {
        "submit": shapes.DueSerializer,
        "approve": shapes.DueSerializer,
        "request_changes": shapes.CommentSerializer,
        "withdraw": Nothing,
        "schedule": shapes.DueSerializer,
        "queue": Nothing,
        "archive": shapes.ArchiveSerializer,
        "count": shapes.CountSerializer,
    }

    def get_queryset(self) -> Any:
        rows = queries.posts(self.request.user)
        # Answers to comments are shown in the inbox.
        return rows.filter(is_reply=False) if self.action in ("list", "export") else rows

    def context_for(self, rows: list[Post]) -> dict[str, Any]:
        found = [publication for post in rows for publication in post.publications.all()]
        return {"metrics": metrics_for(found)}

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _require_fresh(self.get_object(), request.data)
        return super().update(request, *args, **kwargs)

    @extend_schema(description="Delete a draft that never went anywhere; else 409: archive it.")
    def destroy(self, request: Request, pk: str) -> Response:
        posts.delete(self.get_object(), request.user)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self._after(posts.submit, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        return self._after(posts.approve, **self.arguments(request))

    @action(detail=True, methods=["post"], url_path="request-changes")
    def request_changes(self, request: Request, pk: str) -> Response:
        return self._after(posts.request_changes, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._after(posts.withdraw, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: str) -> Response:
        """Put an approved post on the queue; without `due_at` it goes out now."""
        return self._after(posts.schedule, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def queue(self, request: Request, pk: str) -> Response:
        """Give each publication its account's next free posting slot."""
        return self._after(posts.queue, **self.arguments(request))

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        return self._after(posts.archive, **self.arguments(request))

    @downloads.described
    @action(detail=False, content_negotiation_class=downloads.AnyAccept, pagination_class=None)
    def export(self, request: Request) -> HttpResponseBase:
        """The list as a table, which can be imported again; it takes the filters of the list."""
        kind, rows = downloads.kind_of(request), self.filter_queryset(self.get_queryset())
        exports.require_few(rows.count(), kind)
        return downloads.answer(exports.posts(request.user, rows), kind, "posts")

    @extend_schema(
        request=shapes.CountSerializer,
        responses=shapes.CountedSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def count(self, request: Request) -> Response:
        """The length of a text as each account's network counts it; nothing is stored."""
        return Response(posts.count(**self.arguments(request)))

    def _after(self, verb: Any, **arguments: Any) -> Response:
        post = self.get_object()
        verb(post, self.request.user, **arguments)
        return Response(self.shown(post.pk))


def _require_fresh(post: Post, data: Any) -> None:
    """Said before anything else: a stale copy differs in read-only fields too."""
    sent = data.get("version") if hasattr(data, "get") else None
    if str(sent).isdigit() and int(str(sent)[:12]) != post.version:
        raise Conflict(
            "stale",
            _("Somebody changed this post since you opened it. Reload, then change it again."),
        )
