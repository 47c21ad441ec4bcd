"""Addresses under /api/analytics/."""

from __future__ import annotations

from django.urls import path

from analytics.api.viewsets.best_times import OptimalTimesView
from analytics.api.viewsets.export import ExportView
from analytics.api.viewsets.figures import (
    AccountsView,
    DashboardView,
    TimeseriesView,
    TopPostsView,
)
from analytics.api.viewsets.readings import PostMetricsViewSet
from analytics.api.viewsets.reports import router

app_name = "api-analytics"

urlpatterns = [
    path("dashboard/", DashboardView.as_view(), name="dashboard"),
    path("timeseries/", TimeseriesView.as_view(), name="timeseries"),
    path("top-posts/", TopPostsView.as_view(), name="top-posts"),
    path("optimal-times/", OptimalTimesView.as_view(), name="optimal-times"),
    path("accounts/", AccountsView.as_view(), name="accounts"),
    path("export/", ExportView.as_view(), name="export"),
    path(
        "posts/<int:post_pk>/metrics/",
        PostMetricsViewSet.as_view({"get": "list", "post": "create"}),
        name="post-metrics",
    ),
    *router.urls,
]
