"""Addresses of the threads app under /api/."""

from __future__ import annotations

from typing import Any

from rest_framework.routers import SimpleRouter

app_name = "api-threads"

router = SimpleRouter()

urlpatterns: list[Any] = [*router.urls]
