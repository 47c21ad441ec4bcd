"""Addresses of the experiments app under /api/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from experiments.api.viewsets.ab_tests import ABTestViewSet
from experiments.api.viewsets.calculators import CalculateView, PlanView
from experiments.api.viewsets.recycling import (
    CandidateViewSet,
    PreviewView,
    RecycledPostViewSet,
    RecyclingRuleViewSet,
)

app_name = "api-experiments"

router = SimpleRouter()
router.register("ab-tests", ABTestViewSet, basename="ab-test")
router.register("recycling/rules", RecyclingRuleViewSet, basename="recycling-rule")
router.register("recycling/candidates", CandidateViewSet, basename="recycling-candidate")
router.register("recycling/posts", RecycledPostViewSet, basename="recycled-post")

urlpatterns = [
    # Before the router: these are no ids.
    path("ab-tests/calculate/", CalculateView.as_view(), name="calculate"),
    path("ab-tests/plan/", PlanView.as_view(), name="plan"),
    path("recycling/preview/", PreviewView.as_view(), name="recycling-preview"),
    *router.urls,
]
