"""Addresses under /api/. Other apps bring theirs, included beside this one."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.routers import DefaultRouter

from socialhub.api import schema as _schema  # noqa: F401 - registers how tokens are described
from socialhub.api.viewsets.accounts import (
    AccountViewSet,
    NetworkAppsView,
    NetworkAppView,
    SlotViewSet,
)
from socialhub.api.viewsets.ai import TextsView, UsageView
from socialhub.api.viewsets.campaigns import CampaignViewSet
from socialhub.api.viewsets.imports import ImportViewSet
from socialhub.api.viewsets.interactions import InteractionViewSet
from socialhub.api.viewsets.jobs import JobViewSet
from socialhub.api.viewsets.links import LinkViewSet
from socialhub.api.viewsets.media import MediaViewSet
from socialhub.api.viewsets.posts import PostViewSet
from socialhub.api.viewsets.publications import PublicationViewSet
from socialhub.api.viewsets.webhooks import WebhookViewSet

app_name = "api"

router = DefaultRouter()
router.include_format_suffixes = False
router.register("accounts", AccountViewSet, basename="account")
router.register("posts", PostViewSet, basename="post")
router.register("publications", PublicationViewSet, basename="publication")
router.register("media", MediaViewSet, basename="media")
router.register("interactions", InteractionViewSet, basename="interaction")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("imports", ImportViewSet, basename="import")
router.register("links", LinkViewSet, basename="link")
router.register("jobs", JobViewSet, basename="job")
router.register("webhooks", WebhookViewSet, basename="webhook")

# The shape of the API is public anyway; its contents need a login.
schema = SpectacularAPIView.as_view(permission_classes=[AllowAny])
docs = SpectacularSwaggerSplitView.as_view(url_name="api:schema", permission_classes=[AllowAny])

urlpatterns = [
    path("", include(router.urls)),
    path(
        "accounts/<int:account_pk>/slots/",
        SlotViewSet.as_view({"get": "list", "post": "create"}),
        name="slot-list",
    ),
    path(
        "accounts/<int:account_pk>/slots/<int:pk>/",
        SlotViewSet.as_view(
            {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
        ),
        name="slot-detail",
    ),
    path("network-apps/", NetworkAppsView.as_view(), name="network-apps"),
    path("network-apps/<slug:platform>/", NetworkAppView.as_view(), name="network-app"),
    path("ai/usage/", UsageView.as_view(), name="ai-usage"),
    path("ai/texts/", TextsView.as_view(), name="ai-texts"),
    path("schema/", schema, name="schema"),
    path("docs/", docs, name="docs"),
]
