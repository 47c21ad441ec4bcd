"""/api/odoo/: connections, runs, log."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from crm.api.filters import LogFilter, RunFilter
from crm.api.serializers import odoo as shapes
from crm.models import OdooConnection, OdooSyncLog, OdooSyncRun
from crm.services import connections, leads
from crm.services.odoo import runs
from socialhub.api import waiting
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.strict import Nothing
from socialhub.api.throttling import LoginThrottle
from socialhub.api.viewsets.base import Editable, ReadOnly

LATER = OpenApiResponse(JobStartedSerializer, description="Odoo is slow; ask the job.")


class ConnectionViewSet(Editable):
    """Where Odoo is. One is in use; changing what it connects to makes it untested."""

    queryset = OdooConnection.objects.all()
    serializer_class = shapes.ConnectionSerializer
    ordering_fields = ["name", "created_at", "id"]
    ordering = ["-is_active", "name", "id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    verbs = {
        **dict.fromkeys(("list", "retrieve"), "view_sync"),
        **dict.fromkeys(
            ("create", "update", "partial_update", "test", "activate", "set_aside", "resume"),
            "connect_odoo",
        ),
    }
    arguments_of = dict.fromkeys(("test", "activate", "set_aside", "resume"), Nothing)

    def get_throttles(self) -> list[BaseThrottle]:
        found = super().get_throttles()
        return [*found, LoginThrottle()] if self.action == "test" else found

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        """Stored, not tested yet: POST {id}/test/ next."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    @extend_schema(request=None, responses={200: shapes.TestedSerializer, 202: LATER})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Go through the checklist; the connection is ready when every step is ok."""
        self.arguments(request)
        return waiting.answer(connections.test(self.get_object(), request.user), Response)

    @extend_schema(request=None, responses=shapes.ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Take it into use; 409 while another one is."""
        return self._after(connections.activate)

    @extend_schema(request=None, responses=shapes.ConnectionSerializer)
    @action(detail=True, methods=["post"], url_path="set-aside")
    def set_aside(self, request: Request, pk: str) -> Response:
        """Use it no longer."""
        return self._after(connections.set_aside)

    @extend_schema(request=None, responses=shapes.ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on with a paused connection."""
        return self._after(connections.resume)

    def _after(self, verb: Any) -> Response:
        self.arguments(self.request)
        return Response(self.shown(verb(self.get_object(), self.request.user).pk))


class SyncViewSet(ReadOnly):
    """Runs of the exchange with Odoo, the newest first."""

    queryset = OdooSyncRun.objects.all()
    serializer_class = shapes.RunSerializer
    filterset_class = RunFilter
    ordering_fields = ["asked_at", "id"]
    ordering = ["-asked_at", "-id"]
    verbs = {"list": "view_sync", "retrieve": "view_sync", "create": "sync_odoo"}
    arguments_of = {"create": shapes.SyncSerializer}

    @extend_schema(request=shapes.SyncSerializer, responses={202: shapes.StartedSerializer})
    def create(self, request: Request) -> Response:
        """Start one: 202. The same kind that waits already is taken instead."""
        given = self.arguments(request)
        connection = given.get("connection") or leads.require_connection()
        run = runs.start(connection, given["kind"], request.user)
        return Response({"run": run.pk}, status=202)


class LogViewSet(ReadOnly):
    """What was exchanged: one line per object and try, the newest first."""

    queryset = OdooSyncLog.objects.all()
    serializer_class = shapes.LogSerializer
    filterset_class = LogFilter
    ordering_fields = ["at", "id"]
    ordering = ["-at", "-id"]
    verbs = dict.fromkeys(("list", "retrieve"), "view_sync")

    def get_queryset(self) -> QuerySet[OdooSyncLog]:
        return super().get_queryset()
