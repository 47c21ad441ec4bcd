"""Addresses of the experiments app under /api/."""

from __future__ import annotations

from django.urls import path

from experiments.api.viewsets.calculators import CalculateView, PlanView

app_name = "api-experiments"

urlpatterns = [
    path("ab-tests/calculate/", CalculateView.as_view(), name="calculate"),
    path("ab-tests/plan/", PlanView.as_view(), name="plan"),
]
