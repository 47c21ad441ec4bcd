"""Serializers that refuse what they would otherwise drop without a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

# What a browser's form sends besides the fields.
FORM_NAMES = {"csrfmiddlewaretoken"}


class Strict:
    """Unknown names are errors. So are read-only ones, except unchanged in a PUT or PATCH.

    A program may read an object, change one field and send all of it back; a state it tries to
    write this way is named instead of ignored.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            errors = self._strange(data)  # type: ignore[arg-type]
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)  # type: ignore[misc]

    def _strange(self: Any, data: Mapping[str, Any]) -> dict[str, list[Any]]:
        names = set(data) - (FORM_NAMES if isinstance(data, QueryDict) else set())
        errors = {
            name: [ErrorDetail(_("This field does not exist."), "unknown_field")]
            for name in sorted(names - set(self.fields))
        }
        read_only = [name for name in names & set(self.fields) if self.fields[name].read_only]
        shown = self.to_representation(self.instance) if read_only and self._is_update() else {}
        for name in sorted(read_only):
            if name not in shown or _is_changed(data[name], shown[name]):
                message = _("This field can only be read.")
                errors[name] = [ErrorDetail(message, "read_only_field")]
        return errors

    def _is_update(self: Any) -> bool:
        return self.instance is not None and self.parent is None


def _is_changed(sent: Any, shown: Any) -> bool:
    """Nested objects and lists (numbers, capabilities) move by themselves: not compared."""
    return not isinstance(shown, dict | list) and sent != shown


class StrictSerializer(Strict, serializers.Serializer):
    pass


class StrictModelSerializer(Strict, serializers.ModelSerializer):
    """Also asks the model itself, so that its constraints answer as field errors."""

    def create(self, validated_data: dict[str, Any]) -> Any:
        instance = self.Meta.model(**validated_data)
        return self._saved(instance)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return self._saved(instance)

    def _saved(self, instance: Any) -> Any:
        try:
            instance.full_clean()
        except ModelError as exc:
            raise serializers.ValidationError(serializers.as_serializer_error(exc)) from None
        instance.save()
        return instance


class Nothing(StrictSerializer):
    """An action without arguments."""
