"""/api/ai/usage/ and /api/ai/texts/"""

from __future__ import annotations

from datetime import date

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialhub.api.serializers import ai as shapes
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.queries import ai_usage
from socialhub.services import writing


class UsageView(APIView):
    verbs = {"get": "view_ai_usage"}

    @extend_schema(parameters=[shapes.UsageQuery], responses=shapes.UsageSerializer)
    def get(self, request: Request) -> Response:
        """What writing with AI took in a month, and what is left of the limits."""
        asked = shapes.UsageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        month = asked.validated_data.get("month")
        found = ai_usage.report(date.fromisoformat(f"{month}-01") if month else None)
        return Response(shapes.UsageSerializer(found).data)


class TextsView(APIView):
    verbs = {"post": "use_ai"}

    @extend_schema(request=shapes.TextSerializer, responses={202: JobStartedSerializer})
    def post(self, request: Request) -> Response:
        """Have a text rewritten, shortened or varied, or a picture described. The job's result is
        {"text", "made_by", "why_not", "note"}; nothing is changed until a person does."""
        given = shapes.TextSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        job = writing.start_text(request.user, **given.validated_data)
        return Response({"job": str(job.pk)}, status=202)
