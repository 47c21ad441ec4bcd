"""Addresses under /api/analytics/."""

from __future__ import annotations

from django.urls import path

from analytics.api.viewsets import PostMetricsViewSet

app_name = "api-analytics"

urlpatterns = [
    path(
        "posts/<int:post_pk>/metrics/",
        PostMetricsViewSet.as_view({"get": "list", "post": "create"}),
        name="post-metrics",
    ),
]
