"""/api/analytics/posts/{post}/metrics/"""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import asking, conditional
from analytics.api.serializers.readings import ReadingSerializer, RecordSerializer
from analytics.models import PostMetrics
from analytics.queries import dashboard
from analytics.services import recording
from socialhub.api.filters import IdFilter, after, before
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.viewsets.base import Rows
from socialhub.models import Post, Publication
from socialhub.models.accounts import granted_account_ids


class ReadingFilter(filters.FilterSet):
    publication = IdFilter(field_name="publication_id")
    account = IdFilter(field_name="publication__account_id")
    collected_after = after("collected_at")
    collected_before = before("collected_at")


class PostMetricsViewSet(mixins.ListModelMixin, Rows):
    """Readings of a post's publications, newest first; one each time a counter changed."""

    queryset = PostMetrics.objects.none()
    serializer_class = ReadingSerializer
    filterset_class = ReadingFilter
    ordering_fields = ["collected_at"]
    ordering = ["-collected_at", "-publication_id"]
    verbs = {"list": "view_metrics", "create": "record_metrics"}

    def get_queryset(self) -> QuerySet[PostMetrics]:
        if getattr(self, "swagger_fake_view", False):
            return PostMetrics.objects.none()
        rows = PostMetrics.objects.filter(publication__in=self._publications().values("pk"))
        return rows.select_related("publication__account")

    def _publications(self) -> QuerySet[Publication]:
        """Those of the post in the address that this user may see. Raises 404."""
        user: Any = self.request.user
        post = get_object_or_404(Post.objects.visible_to(user), pk=self.kwargs["post_pk"])
        return Publication.objects.visible_to(user).filter(post=post)

    def list(self, request: Request, post_pk: int) -> HttpResponseBase:
        """Readings, newest first; one each time a counter changed."""
        state = dashboard.current_state(also=asking.history())
        granted = granted_account_ids(request.user)
        key = f"{granted}|{request.build_absolute_uri()}|{asking.state_key(state)}"
        build = super().list
        return conditional.answer(request, key, lambda: build(request).data, keep=False)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().finalize_response(request, response, *args, **kwargs)
        conditional.private(found)
        return found

    @extend_schema(
        request=RecordSerializer, responses={201: ReadingSerializer}, parameters=[PARAMETER]
    )
    @idempotent
    def create(self, request: Request, post_pk: int) -> Response:
        """Record numbers from elsewhere. They are the latest ones if no newer reading is known."""
        publications = self._publications().select_related("account")
        body = RecordSerializer(data=request.data, context={"publications": publications})
        body.is_valid(raise_exception=True)
        given = body.validated_data
        reading = recording.record(
            request.user, given["publication"], body.counters(), given.get("collected_at")
        )
        return Response(ReadingSerializer(reading).data, status=201)
