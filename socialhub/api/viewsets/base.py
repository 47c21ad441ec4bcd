"""What every viewset of the API shares."""

from __future__ import annotations

from typing import Any

from rest_framework import mixins, viewsets
from rest_framework.request import Request


class Rows(viewsets.GenericViewSet):
    """`verbs` maps an action to the verb it needs (`permissions.RolePermission`);
    `arguments_of` maps an action to the serializer of its body."""

    verbs: dict[str, str | tuple[str, ...]] = {}
    arguments_of: dict[str, type] = {}

    def get_serializer_class(self) -> type:
        found = self.arguments_of.get(self.action or "")
        return found or super().get_serializer_class()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        if args and args[0] is not None:
            rows = list(args[0]) if kwargs.get("many") else [args[0]]
            args = (rows if kwargs.get("many") else args[0], *args[1:])
            kwargs["context"] = {**self.get_serializer_context(), **self.context_for(rows)}
        return super().get_serializer(*args, **kwargs)

    def context_for(self, rows: list[Any]) -> dict[str, Any]:
        """What the serializers of these rows need and would else ask for row by row."""
        return {}

    def filter_queryset(self, queryset: Any) -> Any:
        """Lists only: an archived row is out of its list and still has its address."""
        is_list = self.action in ("list", "export")
        return super().filter_queryset(queryset) if is_list else queryset

    def arguments(self, request: Request) -> dict[str, Any]:
        """The checked body of the present action."""
        serializer = self.get_serializer_class()(
            data=request.data, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        checked: dict[str, Any] = serializer.validated_data
        return checked

    def shown(self, pk: Any) -> Any:
        """A row as JSON, read anew after a verb."""
        row = self.get_queryset().get(pk=pk)
        serializer = self.serializer_class(
            row, context={**self.get_serializer_context(), **self.context_for([row])}
        )
        return serializer.data


class ReadOnly(mixins.ListModelMixin, mixins.RetrieveModelMixin, Rows):
    pass


class Editable(mixins.UpdateModelMixin, ReadOnly):
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        response = super().update(request, *args, **kwargs)
        response.data = self.shown(response.data["id"])
        return response
