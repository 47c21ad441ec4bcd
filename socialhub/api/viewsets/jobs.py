"""/api/jobs/"""

from __future__ import annotations

from typing import Any

from socialhub.api import queries
from socialhub.api.filters import JobFilter
from socialhub.api.serializers.jobs import JobSerializer
from socialhub.api.viewsets.base import ReadOnly
from socialhub.models import JobRun


class JobViewSet(ReadOnly):
    """Background work and how far it is."""

    queryset = JobRun.objects.none()
    serializer_class = JobSerializer
    filterset_class = JobFilter
    ordering_fields = ["created_at", "finished_at"]
    ordering = ["-created_at"]

    def get_queryset(self) -> Any:
        return queries.jobs(self.request.user)
