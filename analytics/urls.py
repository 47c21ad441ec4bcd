"""Addresses of this app's pages."""

from __future__ import annotations

from django.urls import path

from analytics import views

app_name = "analytics"

urlpatterns = [
    path("publications/<int:pk>/panel/", views.publication_panel, name="publication-panel"),
    path("publications/<int:pk>/measure/", views.measure, name="publication-measure"),
]
