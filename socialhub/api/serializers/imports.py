"""Imports of posts as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from socialhub.api.strict import StrictSerializer
from socialhub.models import ImportState, PostImport
from socialhub.services import imports
from socialhub.services.imports import showing


class ImportFileSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)


class ImportRunSerializer(StrictSerializer):
    only_good = serializers.BooleanField(required=False, default=False)


class ImportCheckSerializer(StrictSerializer):
    date_order = serializers.ChoiceField(
        choices=["day", "month"], required=False, allow_blank=True, default=""
    )


class ImportStartedSerializer(serializers.Serializer):
    """202: the worker is at it; GET /api/jobs/{job}/ shows how far it is."""

    id = serializers.IntegerField()
    job = serializers.UUIDField()


class ImportProblemSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    level = serializers.ChoiceField(choices=["error", "warning"])
    message = serializers.CharField()


class ImportListSerializer(serializers.ModelSerializer):
    state = serializers.ChoiceField(choices=ImportState.choices)

    class Meta:
        model = PostImport
        fields = ["id", "name", "state", "total", "created_at"]
        read_only_fields = fields


class ImportSerializer(ImportListSerializer):
    """One import; of its problems the page asked for."""

    ready = serializers.IntegerField(read_only=True)
    made = serializers.IntegerField(read_only=True)
    rows_with_problems = serializers.IntegerField(read_only=True)
    problem_count = serializers.IntegerField(read_only=True)
    warned = serializers.IntegerField(read_only=True)
    job = serializers.UUIDField(read_only=True, allow_null=True)
    read_as = serializers.DictField(read_only=True)
    unknown_columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    problem = serializers.CharField(read_only=True)
    problem_pages = serializers.IntegerField(read_only=True)
    problems = ImportProblemSerializer(many=True, read_only=True)

    class Meta(ImportListSerializer.Meta):
        fields = [
            *ImportListSerializer.Meta.fields,
            "ready",
            "made",
            "rows_with_problems",
            "problem_count",
            "warned",
            "job",
            "read_as",
            "unknown_columns",
            "problem",
            "problem_pages",
            "problems",
        ]
        read_only_fields = fields


SHOWN = ("format", "encoding", "delimiter", "sheet", "date_order")


def whole(batch: PostImport, page: Any) -> dict[str, Any]:
    """An import with one page of its problems."""
    counts = showing.counts(batch)
    found = batch.read_as
    return {
        **ImportListSerializer(batch).data,
        "ready": counts["ready"],
        "made": counts["made"],
        "rows_with_problems": counts["bad_rows"],
        "problem_count": counts["problems"],
        "warned": counts["warned"],
        "job": found.get("job"),
        "read_as": {name: found[name] for name in SHOWN if name in found},
        "unknown_columns": found.get("unknown_columns", []),
        "problem": imports.of_file(batch.problem),
        "problem_pages": page.paginator.num_pages,
        "problems": ImportProblemSerializer(showing.told(batch, page.object_list), many=True).data,
    }
