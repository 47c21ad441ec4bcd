"""Addresses of the threads app under /api/."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from threads.api.viewsets.batches import BatchViewSet
from threads.api.viewsets.series import ThreadSeriesViewSet
from threads.api.viewsets.templates import (
    CopyDesignView,
    DesignsView,
    PreviewFileView,
    PreviewView,
    SourcesView,
    TemplateViewSet,
)

app_name = "api-threads"

router = SimpleRouter()
router.register("threads", ThreadSeriesViewSet, basename="thread")

router.register("templates/batches", BatchViewSet, basename="image-batch")
router.register("templates", TemplateViewSet, basename="template")

urlpatterns: list[Any] = [
    # Before the router: these are no ids.
    path("templates/preview/", PreviewView.as_view(), name="preview"),
    path("templates/previews/<uuid:pk>/", PreviewFileView.as_view(), name="preview-file"),
    path("templates/designs/", DesignsView.as_view(), name="designs"),
    path("templates/designs/<slug:slug>/copy/", CopyDesignView.as_view(), name="design-copy"),
    path("templates/sources/", SourcesView.as_view(), name="sources"),
    *router.urls,
]
