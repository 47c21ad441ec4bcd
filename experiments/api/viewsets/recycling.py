"""/api/recycling/: rules, candidates, repetitions, preview."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.api.serializers import recycling as shapes
from experiments.models import RecycledPost, RecyclingRule
from experiments.services.recycling import candidates, preview
from experiments.services.recycling import verbs as people
from socialhub.api.filters import IdFilter, YesNoFilter, after, before
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable, ReadOnly, Rows
from socialhub.models import Publication, PublicationStatus


class RuleFilter(filters.FilterSet):
    active = YesNoFilter(field_name="is_active")
    account = IdFilter(field_name="accounts")


class RecyclingRuleViewSet(Editable):
    """Which posts of which accounts go out again, and how often."""

    queryset = RecyclingRule.objects.none()
    serializer_class = shapes.RecyclingRuleSerializer
    filterset_class = RuleFilter
    search_fields = ["name"]
    ordering_fields = ["name", "created_at", "id"]
    verbs = {
        "list": "view_recycling",
        "retrieve": "view_recycling",
        **dict.fromkeys(("create", "update", "partial_update", "destroy"), "change_recycling"),
    }

    def get_queryset(self) -> QuerySet[RecyclingRule]:
        user: Any = self.request.user
        return RecyclingRule.objects.visible_to(user).prefetch_related("accounts")

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it repeated stays."""
        people.delete_rule(self.get_object(), request.user)
        return Response(status=204)


class CandidateViewSet(Rows):
    """Posts that went out, with their score, and why some may not go out again."""

    queryset = Publication.objects.none()
    serializer_class = shapes.CandidateSerializer
    lookup_value_regex = r"\d{1,18}"
    filter_backends = []
    verbs = {
        "list": "view_recycling",
        "retrieve": "view_recycling",
        **dict.fromkeys(("partial_update", "recycle", "skip", "never", "again"), "recycle_post"),
    }
    arguments_of = {
        "partial_update": shapes.DescribeSerializer,
        "recycle": shapes.RecycleSerializer,
        "skip": shapes.SkipSerializer,
        "never": Nothing,
        "again": Nothing,
    }

    def get_queryset(self) -> QuerySet[Publication]:
        user: Any = self.request.user
        return (
            Publication.objects.visible_to(user)
            .for_list()
            .filter(status=PublicationStatus.PUBLISHED, post__is_reply=False)
        )

    @extend_schema(
        parameters=[shapes.CandidatesAsked], responses=shapes.CandidateSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        """The best of every account, eligible ones first, then those that may not, with why.

        With `rule` by its terms; without one the network's own cooldown counts.
        """
        query = shapes.CandidatesAsked(data=request.query_params, context={"request": request})
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = candidates.candidates(
            request.user,
            [asked["account"]] if "account" in asked else None,
            asked.get("rule"),
        )
        if asked["eligible"] is not None:
            found = [one for one in found if one.eligible == asked["eligible"]]
        page: Any = self.paginate_queryset(found)  # type: ignore[arg-type]
        return self.get_paginated_response(shapes.CandidateSerializer(page, many=True).data)

    @extend_schema(responses=shapes.CandidateSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The post of this publication, whichever showing it is."""
        try:
            found = candidates.candidate(self._publication(pk), timezone.now())
        except LookupError:
            raise Http404 from None
        return Response(shapes.CandidateSerializer(found).data)

    @extend_schema(request=shapes.DescribeSerializer, responses=shapes.SaidSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say whether the post stays true, until when, and in which season it is shown."""
        publication = self._publication(pk)
        said = people.describe(publication, request.user, **self.arguments(request))
        return Response(shapes.SaidSerializer(said).data)

    @extend_schema(
        request=shapes.RecycleSerializer,
        responses={201: shapes.RecycledPostSerializer},
        parameters=[PARAMETER],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def recycle(self, request: Request, pk: str) -> Response:
        """Repeat it. 409 with every reason when it may not be repeated."""
        publication = self._publication(pk)
        made = people.recycle(publication, request.user, **self.arguments(request))
        row = RecycledPost.objects.select_related("post", "publication").get(pk=made.pk)
        return Response(shapes.RecycledPostSerializer(row).data, status=201)

    @extend_schema(request=shapes.SkipSerializer, responses=shapes.SaidSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Not before `until`."""
        publication = self._publication(pk)
        said = people.skip(publication, request.user, **self.arguments(request))
        return Response(shapes.SaidSerializer(said).data)

    @extend_schema(request=Nothing, responses=shapes.SaidSerializer)
    @action(detail=True, methods=["post"])
    def never(self, request: Request, pk: str) -> Response:
        """Never again."""
        self.arguments(request)
        said = people.never(self._publication(pk), request.user)
        return Response(shapes.SaidSerializer(said).data)

    @extend_schema(request=Nothing, responses=shapes.SaidSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Take `never` and `skip` back."""
        self.arguments(request)
        said = people.again(self._publication(pk), request.user)
        return Response(shapes.SaidSerializer(said).data)

    def _publication(self, pk: str) -> Publication:
        return get_object_or_404(self.get_queryset(), pk=pk)


class RecycledPostFilter(filters.FilterSet):
    account = IdFilter(field_name="account_id")
    rule = IdFilter(field_name="rule_id")
    original = IdFilter(field_name="original_id")
    post = IdFilter(field_name="post_id")
    measured = YesNoFilter(field_name="measured_at", lookup_expr="isnull", exclude=True)
    due_after = after("publication__due_at")
    due_before = before("publication__due_at")


class RecycledPostViewSet(ReadOnly):
    """Repetitions: planned, out, cancelled; with what was predicted and what came."""

    queryset = RecycledPost.objects.none()
    serializer_class = shapes.RecycledPostSerializer
    filterset_class = RecycledPostFilter
    ordering_fields = ["created_at", "score", "id"]
    verbs = {"list": "view_recycling", "retrieve": "view_recycling"}

    def get_queryset(self) -> QuerySet[RecycledPost]:
        user: Any = self.request.user
        return RecycledPost.objects.visible_to(user).select_related("post", "publication")


class PreviewView(APIView):
    verbs = {"get": "view_recycling"}

    @extend_schema(parameters=[shapes.PreviewAsked], responses=shapes.PlannedSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What the daily job would plan in the coming weeks; nothing is written."""
        query = shapes.PreviewAsked(data=request.query_params, context={"request": request})
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = preview.preview(
            [asked["rule"]] if "rule" in asked else None,
            [asked["account"]] if "account" in asked else None,
            asked["weeks"],
            user=request.user,
        )
        return Response(shapes.PlannedSerializer(found, many=True).data)
