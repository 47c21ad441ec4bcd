"""Addresses of the crm app under /api/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from crm.api.viewsets.catalogue import ProductViewSet, ServiceViewSet
from crm.api.viewsets.forms import LeadFormViewSet, LeadSettingsView
from crm.api.viewsets.leads import LeadViewSet
from crm.api.viewsets.odoo import ConnectionViewSet, LogViewSet, SyncViewSet
from crm.api.viewsets.stats import LeadStatsView

app_name = "api-crm"

router = SimpleRouter()
router.register("leads", LeadViewSet, basename="lead")
router.register("lead-forms", LeadFormViewSet, basename="lead-form")
router.register("products", ProductViewSet, basename="product")
router.register("services", ServiceViewSet, basename="service")
router.register("odoo/connections", ConnectionViewSet, basename="odoo-connection")
router.register("odoo/sync", SyncViewSet, basename="odoo-sync")
router.register("odoo/logs", LogViewSet, basename="odoo-log")

urlpatterns = [
    # Before the router: "stats" is no id.
    path("leads/stats/", LeadStatsView.as_view(), name="lead-stats"),
    path("lead-settings/", LeadSettingsView.as_view(), name="lead-settings"),
    *router.urls,
]
