"""Background jobs as JSON."""

from __future__ import annotations

from rest_framework import serializers

from socialhub.models import JobRun


class JobErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(required=False)
    # A picture that shows what is wrong.
    url = serializers.CharField(required=False)


class JobSerializer(serializers.ModelSerializer):
    errors = JobErrorSerializer(many=True, read_only=True)

    class Meta:
        model = JobRun
        fields = [
            "id",
            "kind",
            "state",
            "done",
            "total",
            "errors",
            "result",
            "partial",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields


class JobStartedSerializer(serializers.Serializer):
    """202: the work goes on; GET /api/jobs/{job}/ shows how far it is."""

    job = serializers.UUIDField()
