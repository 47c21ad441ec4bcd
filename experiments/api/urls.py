"""Addresses of the experiments app under /api/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from experiments.api.viewsets.ab_tests import ABTestViewSet
from experiments.api.viewsets.calculators import CalculateView, PlanView

app_name = "api-experiments"

router = SimpleRouter()
router.register("ab-tests", ABTestViewSet, basename="ab-test")

urlpatterns = [
    # Before the router: these are no ids.
    path("ab-tests/calculate/", CalculateView.as_view(), name="calculate"),
    path("ab-tests/plan/", PlanView.as_view(), name="plan"),
    *router.urls,
]
